// @ts-check
// Rewriting one's own words where they stand: the form of the edit page is brought into the thread.

/** @param {HTMLElement} box the threads */
export function editInPlace(box) {
  /** @type {Set<string>} addresses whose form is on its way */
  const coming = new Set();
  box.addEventListener("click", async (event) => {
    const pressed = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a.verb[href$='/edit']"));
    if (!pressed?.closest(".said") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { href } = pressed;
    if (coming.has(href)) return;
    coming.add(href);
    const form = await formOf(href);
    coming.delete(href);
    if (!form) {
      location.assign(href);
      return;
    }
    // Meanwhile the thread may have been swapped for a newer one, or be gone.
    const link = pressed.isConnected ? pressed : sameIn(box, href);
    const said = /** @type {HTMLElement | null} */ (link?.closest(".said"));
    if (!link || !said) return;
    form.classList.add("thread__edit");
    said.hidden = true;
    said.after(form);
    const area = form.querySelector("textarea");
    // Who has gone on to write elsewhere is not called back in the middle of a word.
    if (!document.activeElement?.matches("textarea, input")) area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    form.querySelector(".button--plain")?.addEventListener("click", (leave) => {
      leave.preventDefault();
      form.remove();
      said.hidden = false;
      link.focus();
    });
  });
}

/** @param {HTMLElement} box @param {string} href @returns {HTMLAnchorElement | undefined} */
const sameIn = (box, href) => /** @type {HTMLAnchorElement[]} */ ([...box.querySelectorAll("a.verb")]).find((one) => one.href === href);

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
