// @ts-check
// What the author wants to know: an aim stays marked until a standing comment points at it, and one press begins that comment.

/** @param {HTMLElement} element the list of aims */
export default function aims(element) {
  const threads = document.querySelector("[data-threads]");
  const rows = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-aim]")]);

  function count() {
    const answered = new Set([...(threads?.querySelectorAll("article[data-aim]") ?? [])].map((thread) => /** @type {HTMLElement} */ (thread).dataset.aim));
    let waiting = 0;
    for (const row of rows) {
      const open = row.dataset.elsewhere !== "true" && !answered.has(row.dataset.aim);
      row.classList.toggle("aims__one--open", open);
      waiting += open ? 1 : 0;
    }
    element.classList.toggle("aims--open", waiting > 0);
  }

  const press = (/** @type {MouseEvent} */ event) => {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-answers]"));
    const form = document.querySelector("[data-composer]");
    const choice = /** @type {HTMLSelectElement | null} */ (form?.querySelector('[name="aim_id"]'));
    const body = /** @type {HTMLElement | null} */ (form?.querySelector("[data-body]"));
    if (!link || !choice || !body || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choice.value = link.dataset.answers ?? "";
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    body.focus();
  };

  let waiting = 0;
  const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(count); };
  const watch = new MutationObserver(soon);
  if (threads) watch.observe(threads, { childList: true, subtree: true });
  element.addEventListener("click", press);
  if (threads) count();
  return () => watch.disconnect();
}
