// @ts-check
// Nodding in a thread: "React" brings the four ways to the words they are for; a press sends one of them.

/** @param {HTMLElement} box the threads */
export function bringReactions(box) {
  const kit = /** @type {HTMLTemplateElement | null} */ (box.querySelector("template[data-ways]"));
  const model = kit?.content.querySelector('form[data-way="reactions"]');
  if (!model) return;
  const choice = model;

  /** @param {HTMLAnchorElement} link */
  function open(link) {
    const said = link.closest(".thread__reply") ?? /** @type {HTMLElement} */ (link.closest("article"));
    const standing = /** @type {HTMLFormElement | null} */ (said.querySelector(':scope > form[data-way="reactions"]'));
    standing?.remove();
    if (standing) return;
    const form = /** @type {HTMLFormElement} */ (document.importNode(choice, true));
    form.action = link.href;
    // One's own are pressed already; pressing such a one takes it back.
    for (const own of said.querySelectorAll('.reaction[aria-pressed="true"]')) {
      const { value, formAction } = /** @type {HTMLButtonElement} */ (own);
      const same = /** @type {HTMLButtonElement | null} */ (form.querySelector(`[value="${CSS.escape(value)}"]`));
      if (!same || formAction !== `${link.href}/end`) continue;
      same.setAttribute("aria-pressed", "true");
      same.setAttribute("formaction", formAction);
    }
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      form.remove();
      link.focus();
    });
    said.append(form);
    form.querySelector("button")?.focus();
  }

  box.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a.verb[href$='/reactions']"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}
