// @ts-check
// Asks every 1.5 s whether a thread changed and swaps those that did, one by one, so that no caret ever moves.
import { clock } from "app/time.js";
import { THREAD } from "app/threads.js";
import { announce } from "app/toast.js";

const EVERY_MS = 1500;
const HIDDEN_MS = 12_000;
const LOST_MS = 5000;

/** @param {import("app/room.js").Room} room @param {import("app/threads.js").Threads} threads */
export function startLive(room, threads) {
  let newest = room.data.newest;
  let timer = 0;
  let stopped = false;
  /** @type {Promise<void> | null} */
  let asking = null;
  const note = /** @type {HTMLElement | null} */ (room.find("[data-live-note]"));

  async function ask() {
    const response = await fetch(`${room.data.threads_url}?after=${newest}`, {
      credentials: "same-origin",
      headers: { "HX-Request": "true", Accept: "text/html" },
    });
    if (response.status === 401) throw new Error("Signed out: new comments wait until you sign in again.");
    if (response.status === 204 || !response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = response.headers.get("Newest-Change");
    const judged = response.headers.get("Newest-Verdict");
    if (judged) room.tell("verdict", Number(judged));
    const news = merge(threads.box, page, room.data.person.id);
    if (said && Number(said) !== newest) room.tell("news");
    if (said && !news.held) newest = Number(said);
    if (news.changed) threads.reread();
    for (const words of news.words) announce(words);
  }

  /** Asks now, after whatever is being asked already. */
  async function refresh() {
    await asking;
    await cycle();
  }

  async function cycle() {
    clearTimeout(timer);
    let wait = document.hidden ? HIDDEN_MS : EVERY_MS;
    asking = ask();
    try {
      await asking;
      if (note) note.hidden = true;
    } catch (error) {
      wait = LOST_MS;
      if (note) {
        note.textContent = error instanceof TypeError ? "Not connected, trying again" : /** @type {Error} */ (error).message;
        note.hidden = false;
      }
    }
    asking = null;
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(cycle, wait);
  }

  const wake = () => { if (!document.hidden && !asking) cycle(); };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  room.on("changed", refresh);
  timer = setTimeout(cycle, EVERY_MS);
  return {
    refresh,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("online", wake);
    },
  };
}

/** Somebody is writing, choosing, recording or listening in it, or has something unsent there. @param {Element} thread */
function isBusy(thread) {
  // A button that is swapped between pointer down and up is never pressed; nor is one in a form that went away.
  if (thread.matches(":active") || thread.querySelector("form[data-way], .thread__edit")?.contains(document.activeElement)) return true;
  if (thread.contains(document.activeElement) && document.activeElement?.matches("textarea, input, select")) return true;
  // What plays would begin anew, and what was recorded would be gone.
  if (thread.querySelector("[data-holds]")) return true;
  const sounding = /** @type {HTMLMediaElement[]} */ ([...thread.querySelectorAll("audio, video")]);
  if (sounding.some((one) => !one.paused && !one.ended)) return true;
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (thread.querySelectorAll("textarea, input:not([type=hidden])"));
  return [...fields].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

/**
 * Brings `box` to the state of `page`, which has all threads or, with data-gone, those that changed and the ids of those
 * that left; threads that are being written in wait. Keeps the focus inside a thread.
 * @param {HTMLElement} box
 * @param {Document} page
 * @param {number} me id of the person here, whose own comments are not announced
 */
function merge(box, page, me) {
  const wanted = /** @type {HTMLElement[]} */ ([...page.querySelectorAll(THREAD)]);
  const gone = /** @type {HTMLElement | null} */ (page.querySelector("[data-gone]"))?.dataset.gone?.split(" ");
  const ids = new Set((gone ?? wanted.map((thread) => thread.id)).map((id) => (gone ? `comment-${id}` : id)));
  const news = { changed: false, held: false, words: /** @type {string[]} */ ([]) };
  const parent = box.querySelector("[data-thread-list]") ?? box;
  for (const thread of box.querySelectorAll(THREAD)) {
    if (ids.has(thread.id) !== (gone !== undefined)) continue;
    if (isBusy(thread)) news.held = true;
    else { thread.remove(); news.changed = true; }
  }
  for (const thread of wanted) {
    const standing = /** @type {HTMLElement | null} */ (box.querySelector(`#${thread.id}`));
    if (!standing) {
      const fresh = document.importNode(thread, true);
      const before = /** @type {HTMLElement[]} */ ([...parent.querySelectorAll(THREAD)]).findLast((other) => comesBefore(other, fresh));
      if (before) before.after(fresh);
      else parent.prepend(fresh);
      // What comes along from an earlier version was said long ago.
      if (thread.dataset.authorId !== String(me) && !thread.querySelector(".thread__place")) news.words.push(`${thread.dataset.author} commented at ${clock(Number(thread.dataset.start))}`);
      news.changed = true;
      continue;
    }
    if (standing.dataset.revision === thread.dataset.revision) continue;
    if (isBusy(standing)) { news.held = true; continue; }
    const focus = pathTo(standing);
    const fresh = document.importNode(thread, true);
    standing.replaceWith(fresh);
    if (focus) /** @type {HTMLElement | null} */ (focus.id ? document.getElementById(focus.id) : fresh)?.focus({ preventScroll: true });
    news.changed = true;
  }
  return news;
}

/** By time, then in the order of writing, as the server has them. @param {HTMLElement} one @param {HTMLElement} other */
function comesBefore(one, other) {
  const [first, second] = [startOf(one), startOf(other)];
  return first < second || (first === second && Number(one.id.slice(8)) < Number(other.id.slice(8)));
}

/** What is gone from this version stands at the end. @param {HTMLElement} thread @returns {number} ms */
const startOf = (thread) => (thread.dataset.start ? Number(thread.dataset.start) : Infinity);

/** The focused element inside a thread, to be found again after the swap. @param {HTMLElement} thread */
function pathTo(thread) {
  if (!thread.contains(document.activeElement)) return null;
  return { id: document.activeElement?.id ?? "" };
}
