// @ts-check
// Keeps the number of new notices right while a page stays open, wherever the number stands.

const EVERY_MS = 60_000;

/** Puts the bell of an answer in the place of every bell on the page. @param {string} html */
export function showBell(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-bell]");
  if (!fresh) return;
  for (const count of document.querySelectorAll("[data-bell]")) {
    if (count.outerHTML !== fresh.outerHTML) count.replaceWith(document.importNode(fresh, true));
  }
}

/** @param {HTMLElement} element the bell; `data-from` is where its number is asked */
export default function bell(element) {
  async function ask() {
    if (document.hidden || !element.dataset.from) return;
    try {
      const response = await fetch(element.dataset.from, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (response.ok && !response.redirected) showBell(await response.text());
    } catch {
      // Not connected: the next minute asks again.
    }
  }
  const timer = setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", ask);
  };
}
