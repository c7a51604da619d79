// @ts-check
// A <details> menu: closes on Escape, on a press elsewhere and after a choice; arrows walk through it.

/** @param {HTMLElement} element a <details class="menu"> */
export default function menu(element) {
  if (!(element instanceof HTMLDetailsElement)) return;
  const items = () => /** @type {HTMLElement[]} */ ([...element.querySelectorAll("a, button")].filter((item) => item.getClientRects().length));
  /** @param {Event} event */
  const elsewhere = (event) => {
    if (element.open && !element.contains(/** @type {Node} */ (event.target))) element.open = false;
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && element.open) {
      element.open = false;
      element.querySelector("summary")?.focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      element.open = true;
      const all = items();
      const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      const step = event.key === "ArrowDown" ? 1 : -1;
      all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]?.focus();
      event.preventDefault();
    }
  });
  element.addEventListener("click", (event) => {
    const item = /** @type {Element} */ (event.target).closest(".menu__item");
    if (item) element.open = false;
  });
  document.addEventListener("pointerdown", elsewhere);
  document.addEventListener("focusin", elsewhere);
  return () => {
    document.removeEventListener("pointerdown", elsewhere);
    document.removeEventListener("focusin", elsewhere);
  };
}
