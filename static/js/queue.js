// @ts-check
// A list that refreshes by itself leaves the reader where they are: focus stays on the same link or button,
// and nothing is swapped while somebody presses a button in it.

/** What tells one control from another across a refresh. @param {Element} control */
const nameOf = (control) => [control.tagName, control.getAttribute("href"), control.getAttribute("aria-label"),
  control.closest("form")?.getAttribute("action")].join(" ");

/** @param {HTMLElement} element the list that htmx swaps */
export default function queue(element) {
  /** @type {string | null} */
  let held = null;
  const before = (/** @type {Event} */ event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.target !== element) return;
    if (element.matches(":active") || element.querySelector('button[aria-busy="true"]')) detail.shouldSwap = false;
    const { activeElement } = document;
    held = activeElement && element.contains(activeElement) ? nameOf(activeElement) : null;
  };
  const after = (/** @type {Event} */ event) => {
    if (/** @type {CustomEvent} */ (event).detail.target !== element || held === null) return;
    for (const control of element.querySelectorAll("a, button")) {
      if (nameOf(control) === held) { /** @type {HTMLElement} */ (control).focus({ preventScroll: true }); break; }
    }
  };
  element.addEventListener("htmx:beforeSwap", before);
  element.addEventListener("htmx:afterSwap", after);
  return () => {
    element.removeEventListener("htmx:beforeSwap", before);
    element.removeEventListener("htmx:afterSwap", after);
  };
}
