// @ts-check
// One's own review: drafts stand at their place in the talk, the bar counts them, a dialog sends them with a verdict.
import { clearDraft } from "app/drafts.js";
import { holdStill, post } from "app/room_post.js";
import { THREAD } from "app/threads.js";
import { announce, toast } from "app/toast.js";

const CARD = "[data-draft-card]";
// A posted draft stays until its thread has come, but never longer.
const SWAP_MS = 4000;

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/threads.js").Threads} threads
 * @param {import("app/player.js").Player} player
 */
export function startReview(room, threads, player) {
  const bar = /** @type {HTMLElement | null} */ (room.find("[data-review-bar]"));
  const cards = () => /** @type {HTMLElement[]} */ ([...threads.box.querySelectorAll(CARD)]);

  /** Says how much waits, here and on other versions. */
  function count() {
    if (!bar) return;
    const here = cards().length;
    const all = here + Number(bar.dataset.elsewhere);
    const words = /** @type {HTMLElement} */ (bar.querySelector("[data-review-words]"));
    words.textContent = all ? `Your review: ${all} ${all === 1 ? "comment" : "comments"}, not sent yet` : "";
    bar.classList.toggle("review-bar--waits", all > 0);
  }

  /** Threads come and go around the drafts; each stands after the last that begins no later. */
  function place() {
    const list = threads.box.querySelector("[data-thread-list]") ?? threads.box;
    for (const card of cards()) {
      if (card.contains(document.activeElement)) continue;
      const start = Number(card.dataset.start);
      const before = threads.list().findLast((thread) => thread.start <= start && thread.element.dataset.start !== "")?.element ?? null;
      let above = card.previousElementSibling;
      while (above && !above.matches(THREAD)) above = above.previousElementSibling;
      if (above === before) continue;
      let at = before;
      for (let next = before ? before.nextElementSibling : list.firstElementChild; next?.matches(CARD); next = next.nextElementSibling) at = /** @type {HTMLElement} */ (next);
      if (at && at !== card) at.after(card);
      else if (!at) list.prepend(card);
    }
  }

  /** A draft that was rewritten, discarded or posted alone. @param {{card: HTMLElement, form: HTMLFormElement, text: string}} changed */
  function changed({ card, form, text }) {
    const fresh = cardIn(text);
    if (fresh) {
      card.replaceWith(fresh);
      fresh.focus({ preventScroll: true });
    } else if (form.action.endsWith("/posting")) {
      goWhenCome(card);
      announce("Your comment is posted.");
    } else {
      card.remove();
      announce("The draft is discarded.");
    }
    count();
  }

  /** @param {HTMLElement} card */
  function goWhenCome(card) {
    card.setAttribute("aria-busy", "true");
    card.removeAttribute("data-draft-card");
    const go = () => { clearTimeout(timer); card.remove(); };
    const timer = setTimeout(go, SWAP_MS);
    room.addEventListener("threads", () => queueMicrotask(go), { once: true });
  }

  /** Whose move it is and what reviewers said, as they are now. */
  async function refresh() {
    const url = room.find("[data-standing]")?.getAttribute("data-standing");
    if (!url) return;
    const page = await pageAt(url);
    for (const part of ["[data-move]", "[data-verdicts]"]) {
      const now = page?.querySelector(part);
      const standing = room.find(part);
      // What somebody is about to press stays as it is.
      if (!now || !standing || standing.matches(":active") || standing.contains(document.activeElement)) continue;
      standing.replaceWith(document.importNode(now, true));
    }
  }

  /** @param {number} id of the newest verdict in this request */
  function judged(id) {
    const shown = Number(room.find("[data-newest-verdict]")?.getAttribute("data-newest-verdict"));
    if (id > shown) refresh();
  }

  /** @param {{ids: string[], words: string}} sent */
  function sent({ ids, words }) {
    for (const id of ids) {
      const card = /** @type {HTMLElement | null} */ (threads.box.querySelector(`#draft-${id}`));
      if (card) goWhenCome(card);
      else if (bar) bar.dataset.elsewhere = String(Math.max(0, Number(bar.dataset.elsewhere) - 1));
    }
    count();
    if (bar && bar.dataset.elsewhere === "0") for (const link of bar.querySelectorAll(".review-bar__words a")) link.remove();
    toast(words);
    room.tell("changed");
    refresh();
  }

  const press = (/** @type {MouseEvent} */ event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest(`[data-send-review], ${CARD} .chip`));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const card = /** @type {HTMLElement | null} */ (link.closest(CARD));
    if (card) player.seek(Number(card.dataset.start));
    else openSending(link, sent);
  };
  room.element.addEventListener("click", press);
  room.on("draft", changed);
  room.on("drafted", () => { place(); count(); });
  room.on("threads", place);
  room.on("verdict", judged);
  // Somebody did something here, so it may be somebody else's move.
  room.on("news", refresh);
}

/** The draft that a partial shows, if it shows one. @param {string} text @returns {HTMLElement | null} */
export function cardIn(text) {
  const found = new DOMParser().parseFromString(text, "text/html").querySelector(CARD);
  return found ? /** @type {HTMLElement} */ (document.importNode(found, true)) : null;
}

/** @param {string} url @returns {Promise<Document | null>} */
async function pageAt(url) {
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

/**
 * Brings the form of the page into a dialog; without an answer the page itself is opened.
 * @param {HTMLAnchorElement} link
 * @param {(sent: {ids: string[], words: string}) => void} sent
 */
async function openSending(link, sent) {
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  const page = await pageAt(link.href);
  link.removeAttribute("aria-busy");
  const found = page?.querySelector("form[data-send]");
  if (!page || !found) {
    location.assign(link.href);
    return;
  }
  const form = /** @type {HTMLFormElement} */ (document.importNode(found, true));
  const dialog = dialogAround(form, page.querySelector("h1")?.textContent ?? "");
  const problem = document.createElement("p");
  problem.className = "notice notice--problem";
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  form.querySelector(".form__actions")?.before(problem);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLElement | null} */ (form.querySelector(".form__actions button"));
    if (button?.getAttribute("aria-busy") === "true") return;
    button?.setAttribute("aria-busy", "true");
    const fields = new FormData(form);
    const release = holdStill(form);
    try {
      const words = await post(form.action, fields);
      clearDraft(String(fields.get("_draft")));
      dialog.close();
      sent({ ids: fields.getAll("drafts").map(String), words });
    } catch (error) {
      const failed = /** @type {import("app/request.js").RequestFailed} */ (error);
      // What is left is shown with the words that ask to choose again: who presses at once shall not press in vain.
      if (failed.status === 422) await offerAnew(form, link.href);
      problem.textContent = failed.message;
      problem.hidden = false;
    } finally {
      release();
      button?.removeAttribute("aria-busy");
    }
  });
  dialog.showModal();
  /** @type {HTMLElement | null} */ (form.querySelector("input[type=radio]"))?.focus();
}

/** The drafts that are left, after another window sent or discarded some. @param {HTMLFormElement} form @param {string} url */
async function offerAnew(form, url) {
  const page = await pageAt(url);
  const standing = form.querySelector(".send__drafts");
  const fresh = page?.querySelector(".send__drafts");
  if (fresh && standing) standing.replaceWith(document.importNode(fresh, true));
  else if (page) standing?.remove();
  const once = /** @type {HTMLInputElement | null} */ (page?.querySelector('form[data-send] [name="once"]'));
  const token = /** @type {HTMLInputElement | null} */ (form.querySelector('[name="once"]'));
  if (once && token) token.value = once.value;
}

/** @param {HTMLFormElement} form @param {string} title */
function dialogAround(form, title) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog dialog--wide";
  dialog.setAttribute("aria-label", title);
  const inside = document.createElement("div");
  inside.className = "dialog__inside";
  const head = document.createElement("h2");
  head.textContent = title;
  inside.append(head, form);
  dialog.append(inside);
  form.querySelector(".button--plain")?.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}
