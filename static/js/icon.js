// @ts-check
// Icons for modules. Write the name out, icon("play"), so that the build finds it and puts it into the sprite.

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} name a file name of lucide
 * @returns {SVGSVGElement} hidden from screen readers: the control beside it has the words
 */
export function icon(name) {
  const sprite = document.querySelector(".icon use")?.getAttribute("href")?.split("#")[0] ?? "/static/vendor/icons.svg";
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(NAMESPACE, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
