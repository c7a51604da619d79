// @ts-check
// A part that asks again until something has come: swaps the page once for that, and not while somebody writes or presses in it.

const WRITING = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])";

/** @param {Element} place */
function isWrittenIn(place) {
  if (place.matches(":active")) return true;
  if (document.activeElement?.matches(WRITING) && place.contains(document.activeElement)) return true;
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("input:not([type=hidden]), textarea"));
  return [...fields].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

/** @param {HTMLElement} element what htmx asks with */
export default function calmSwap(element) {
  const before = (/** @type {Event} */ event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.requestConfig?.elt !== element) return;
    const still = new DOMParser().parseFromString(detail.serverResponse, "text/html").querySelector("[data-module~='calm_swap']");
    if (still || isWrittenIn(detail.target)) detail.shouldSwap = false;
  };
  document.addEventListener("htmx:beforeSwap", before);
  return () => document.removeEventListener("htmx:beforeSwap", before);
}
