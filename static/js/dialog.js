// @ts-check
// A native dialog, opened by any [data-opens="<id>"], closed by [data-closes], Escape or a press beside it.

/**
 * Opens the dialog with this id, as a modal.
 * @param {string} id
 */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/** @param {HTMLElement} element a <dialog> */
export default function dialog(element) {
  if (!(element instanceof HTMLDialogElement)) return;
  /** @param {MouseEvent} event */
  const open = (event) => {
    const opener = /** @type {Element} */ (event.target).closest?.("[data-opens]");
    if (opener?.getAttribute("data-opens") !== element.id) return;
    event.preventDefault();
    openDialog(element.id);
  };
  let pressedBeside = false;
  const beside = (/** @type {Event} */ event) => event.target === element;
  element.addEventListener("pointerdown", (event) => { pressedBeside = beside(event); });
  element.addEventListener("click", (event) => {
    const closer = /** @type {Element} */ (event.target).closest("[data-closes]");
    if (closer || (pressedBeside && beside(event))) element.close();
  });
  document.addEventListener("click", open);
  return () => document.removeEventListener("click", open);
}
