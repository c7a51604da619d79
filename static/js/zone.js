// @ts-check
// Preselects the browser's own time zone in a list that still waits for its first answer.

/** @param {HTMLElement} element */
export default function zone(element) {
  const list = /** @type {HTMLSelectElement} */ (element);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!("guess" in list.dataset) || list.value !== "UTC") return;
  if ([...list.options].some((option) => option.value === own)) list.value = own;
}
