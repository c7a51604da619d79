// @ts-check
// Daylight or projection room: what the person chose on this device, else what the machine says.

const KEY = "critique.theme";

/**
 * The computed colour of a token, for canvases, which cannot read light-dark() themselves.
 * @param {string} token such as "--wave"
 * @param {Element} [near] where the token is looked up
 * @returns {string} a CSS colour
 */
export function tokenColour(token, near = document.body) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  near.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const change = () => document.dispatchEvent(new CustomEvent("themechange"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);

/** @param {HTMLElement} element the group of [data-theme-choice] buttons */
export default function theme(element) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...element.querySelectorAll("[data-theme-choice]")]);
  const show = () => {
    const now = document.documentElement.dataset.theme ?? "system";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const choice = button.dataset.themeChoice ?? "system";
      if (choice === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = choice;
      try {
        if (choice === "system") localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, choice);
      } catch { /* private windows forget it, and that is all */ }
      show();
      change();
    });
  }
  element.hidden = false;
  show();
}
