// @ts-check
// Rewriting one's own words where they stand: the form of the edit page is brought into the thread.

/** @param {HTMLElement} box the threads */
export function editInPlace(box) {
  box.addEventListener("click", async (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a.verb[href$='/edit']"));
    const said = /** @type {HTMLElement | null} */ (link?.closest(".said"));
    if (!link || !said || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const form = await formOf(link.href);
    if (!form) {
      location.assign(link.href);
      return;
    }
    form.classList.add("thread__edit");
    said.hidden = true;
    said.after(form);
    const area = form.querySelector("textarea");
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    form.querySelector(".button--plain")?.addEventListener("click", (leave) => {
      leave.preventDefault();
      form.remove();
      said.hidden = false;
      link.focus();
    });
  });
}

/** @param {string} url @returns {Promise<HTMLFormElement | null>} */
async function formOf(url) {
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const form = page.querySelector("main form.form");
    return form ? document.importNode(/** @type {HTMLFormElement} */ (form), true) : null;
  } catch {
    return null;
  }
}
