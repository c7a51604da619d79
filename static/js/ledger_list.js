// @ts-check
// The lines of the ledger: which one is chosen, what comes next, and what others changed meanwhile.

/** @typedef {ReturnType<typeof createList>} List */

const ENTRY = ".entry";
const EACH_MS = 4000;

/**
 * @param {HTMLElement} element
 * @param {object} parts
 * @param {(entry: HTMLElement) => void} parts.chosen somebody went to this line
 * @param {(entry: HTMLElement) => void} parts.redrawn the chosen line is another element now
 */
export function createList(element, { chosen, redrawn }) {
  const root = /** @type {HTMLElement} */ (element.querySelector("[data-ledger-list]"));
  const news = new URL(element.dataset.news ?? "", location.href);
  let at = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** @type {Promise<void> | null} */
  let asking = null;

  const entries = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(ENTRY)]);
  /** @param {HTMLElement} entry */
  const idOf = (entry) => Number(entry.id.replace("comment-", ""));
  /** @param {number} id */
  const byId = (id) => /** @type {HTMLElement | null} */ (root.querySelector(`#comment-${id}`));
  const current = () => (at ? byId(at) : null);
  /** @param {HTMLElement} entry @param {string} verb */
  const may = (entry, verb) => (entry.dataset.may ?? "").split(" ").includes(verb);

  /** Whether it waits for an answer ("answer") or for a yes ("confirm") of who looks. @param {HTMLElement} entry @param {string} kind */
  const waits = (entry, kind) => may(entry, kind) && (kind === "confirm" || entry.dataset.state === "open");

  /** @param {HTMLElement | null} entry @param {{focus?: boolean}} [how] */
  function choose(entry, { focus = true } = {}) {
    if (!entry) return;
    current()?.removeAttribute("aria-current");
    at = idOf(entry);
    entry.setAttribute("aria-current", "true");
    chosen(entry);
    if (!focus) return;
    entry.focus({ preventScroll: true });
    entry.scrollIntoView({ block: "nearest" });
  }

  /** @param {1 | -1} way */
  function step(way) {
    const all = entries();
    const here = all.findIndex((entry) => idOf(entry) === at);
    const next = all[here < 0 ? 0 : here + way];
    if (next) choose(next);
  }

  /** The next one that waits, after this one or from the top; null for none. @param {HTMLElement} entry @param {string} kind */
  function after(entry, kind) {
    const all = entries();
    const here = all.indexOf(entry);
    const next = [...all.slice(here + 1), ...all.slice(0, here)].find((one) => waits(one, kind));
    return next ? idOf(next) : null;
  }

  /** Takes the lines as they are now; those that look the same stay the same elements. @param {string} html @param {string} newest */
  function take(html, newest) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = /** @type {HTMLElement | null} */ (page.querySelector("[data-ledger-list]"));
    if (!fresh) return;
    const moved = /** @type {HTMLTemplateElement | null} */ (fresh.querySelector("template[data-moved]"));
    const line = document.querySelector("[data-move]");
    if (moved && !line?.contains(document.activeElement)) line?.replaceWith(moved.content.cloneNode(true));
    moved?.remove();
    const seen = current();
    const focused = /** @type {HTMLElement | null} */ (root.contains(document.activeElement) ? document.activeElement : null);
    const top = seen?.getBoundingClientRect().top ?? 0;
    const old = new Map(entries().map((entry) => [entry.id, entry]));
    for (const entry of /** @type {NodeListOf<HTMLElement>} */ (fresh.querySelectorAll(ENTRY))) {
      const same = old.get(entry.id);
      if (same && same.dataset.mark === entry.dataset.mark && same.dataset.may === entry.dataset.may) entry.replaceWith(same);
    }
    root.replaceChildren(...fresh.childNodes);
    root.dataset.newest = newest || fresh.dataset.newest;
    const now = current();
    if (!now) return;
    now.setAttribute("aria-current", "true");
    if (now !== seen) redrawn(now);
    scrollBy(0, now.getBoundingClientRect().top - top);
    if (focused) (focused.isConnected ? focused : now).focus({ preventScroll: true });
  }

  /** @param {boolean} asked somebody waits for it */
  async function ask(asked) {
    news.searchParams.set("after", root.dataset.newest ?? "0");
    const response = await fetch(news, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (response.status !== 200 || response.redirected) return;
    const text = await response.text();
    // A button that is taken away between pointer down and up is never pressed; the next time is soon.
    if (!asked && root.matches(":active")) return;
    take(text, "");
  }

  /** Asks what changed; one question at a time, and a new one for whoever asked during the last. */
  async function refresh(asked = true) {
    if (asking) await asking.catch(() => {});
    asking = ask(asked).finally(() => { asking = null; });
    return asking;
  }

  root.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const entry = /** @type {HTMLElement | null} */ (target.closest(ENTRY));
    if (entry && !target.closest("a, button, textarea, label") && !getSelection()?.toString()) choose(entry, { focus: idOf(entry) !== at });
  });
  root.addEventListener("focusin", (event) => {
    const entry = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(ENTRY));
    if (entry && idOf(entry) !== at) choose(entry, { focus: false });
  });

  return {
    idOf, byId, current, may, choose, step, after, refresh,
    start() {
      const linked = /** @type {HTMLElement | null} */ (/^#comment-\d+$/.test(location.hash) ? root.querySelector(location.hash) : null);
      const first = entries().find((entry) => waits(entry, "confirm")) ?? entries().find((entry) => waits(entry, "answer")) ?? entries()[0];
      if (linked) choose(linked);
      else if (first) choose(first, { focus: false });
      timer = setInterval(() => { if (!document.hidden) refresh(false).catch(() => {}); }, EACH_MS);
    },
    stop() { clearInterval(timer); },
  };
}
