// @ts-check
// The talk: threads by time, the one at the playhead lit; what is done in a thread is sent without leaving the page.
import { toast } from "app/toast.js";
import { clearDraft } from "app/drafts.js";
import { holdStill, post } from "app/room_post.js";
import { exactClock } from "app/time.js";
import { bringReactions } from "app/reactions.js";
import { editInPlace } from "app/threads_edit.js";
import { bringWays, takeWay } from "app/threads_ways.js";

/** @typedef {import("app/room.js").Room} Room */
/** @typedef {ReturnType<typeof createThreads>} Threads */

/**
 * @typedef {object} Thread one comment with its thread, as it stands in the page; times in ms
 * @property {number} id
 * @property {HTMLElement} element
 * @property {number} start Infinity where its passage is gone from this version
 * @property {number} end
 * @property {number | null} firstWord id of a word
 * @property {number | null} lastWord
 * @property {boolean} resolved
 * @property {string} author
 * @property {string} text how it begins; read from the page only when it is asked for
 */

/** What _thread.html makes of one comment. */
export const THREAD = "article[id^='comment-'][data-start]";
// A comment on one moment is lit for as long as it takes to look at it.
const LIT_MS = 3500;

/** @param {string | undefined} text */
const number = (text) => (text === undefined || text === "" ? null : Number(text));

/** @param {HTMLElement} element @returns {Thread} */
function read(element) {
  const { start, end, firstWord, lastWord, resolved, author } = element.dataset;
  return {
    id: Number(element.id.replace("comment-", "")),
    element,
    // What lies nowhere in this version stands behind everything that does.
    start: start ? Number(start) : Infinity,
    end: end ? Number(end) : Infinity,
    firstWord: number(firstWord),
    lastWord: number(lastWord),
    resolved: resolved === "true",
    author: author ?? "",
    get text() { return element.querySelector("[data-body]")?.textContent?.trim().slice(0, 120) ?? ""; },
  };
}

/** @param {Room} room @param {import("app/player.js").Player} player */
export function createThreads(room, player) {
  const box = /** @type {HTMLElement} */ (room.find("[data-threads]"));
  const scroller = /** @type {HTMLElement} */ (room.find("[data-talk-scroll]"));
  /** @type {Thread[]} */
  let list = [];
  /** @type {number | null} */
  let lit = null;
  /** @type {number | null} */
  let opened = null;
  /** @type {number | null} the thread the video passed last, which the talk keeps in view */
  let nearest = null;
  let closeHint = () => {};

  function reread() {
    list = /** @type {HTMLElement[]} */ ([...box.querySelectorAll(THREAD)]).map(read);
    if (lit !== null) list.find((thread) => thread.id === lit)?.element.classList.add("is-lit");
    for (const count of room.element.querySelectorAll("[data-thread-count]")) count.textContent = list.length ? String(list.length) : "";
    const none = /** @type {HTMLElement | null} */ (room.find("[data-no-threads]"));
    if (none) none.hidden = list.length > 0 || box.querySelector(".sending") !== null;
    room.tell("threads", list);
  }

  /** @param {number} ms */
  function lightAt(ms) {
    let here = null;
    for (const thread of list) {
      if (thread.start > ms + 60) break;
      if (ms <= Math.max(thread.end, thread.start + LIT_MS)) here = thread;
    }
    const held = list.find((thread) => thread.id === opened);
    if (held && ms >= held.start - 100 && ms <= Math.max(held.end, held.start + LIT_MS)) here = held;
    light(here ? here.id : null, true);
    const passed = here ?? list.findLast((thread) => thread.start <= ms) ?? list[0];
    if (passed && passed.id !== nearest && !scroller.contains(document.activeElement)) bringIntoView(passed.element);
    nearest = passed?.id ?? null;
  }

  /** @param {number | null} id @param {boolean} scroll */
  function light(id, scroll) {
    if (id === lit) return;
    list.find((thread) => thread.id === lit)?.element.classList.remove("is-lit");
    lit = id;
    const here = list.find((thread) => thread.id === id);
    here?.element.classList.add("is-lit");
    if (here && scroll && !scroller.contains(document.activeElement)) bringIntoView(here.element);
    room.tell("lit", id);
  }

  /** Only what a person asked for may move the whole page. @param {HTMLElement} element @param {boolean} [asked] */
  function bringIntoView(element, asked = false) {
    if (scroller.scrollHeight > scroller.clientHeight + 1 && getComputedStyle(scroller).overflowY !== "visible") {
      const top = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      if (top < 0 || top + element.offsetHeight > scroller.clientHeight) {
        scroller.scrollTo({ top: Math.max(0, scroller.scrollTop + top - 16) });
      }
      // A link to a thread moves the whole page, though talk and frame stand side by side.
      if (asked) window.scrollTo({ top: 0 });
    } else if (asked && getComputedStyle(scroller).overflowY === "visible") element.scrollIntoView({ block: "start" });
  }

  /** Goes to a comment: the video stands at its start, the thread is lit and has the focus. @param {number} id */
  function open(id, { focus = true } = {}) {
    const thread = list.find((one) => one.id === id);
    if (!thread) return false;
    room.show("talk");
    opened = id;
    if (Number.isFinite(thread.start)) {
      player.seek(thread.start);
      lightAt(thread.start);
    }
    light(id, false);
    thread.element.tabIndex = -1;
    bringIntoView(thread.element, true);
    if (focus) thread.element.focus({ preventScroll: true });
    return true;
  }

  /** Why a key did nothing; the next one takes its place. @param {string} words */
  function hint(words) {
    closeHint();
    closeHint = toast(words);
  }

  /** @param {1 | -1} step */
  function walk(step) {
    const now = player.now();
    const at = list.findIndex((thread) => thread.id === (lit ?? opened));
    let next = at >= 0 && Math.abs(list[at].start - now) < LIT_MS ? list[at + step] : undefined;
    if (at < 0) next = step > 0 ? list.find((one) => one.start > now) : list.findLast((one) => one.start < now);
    if (next) open(next.id);
    else hint(step > 0 ? "That was the last comment." : "That was the first comment.");
  }

  /** Replies to the lit thread or settles it. @param {"replies" | "resolution"} way */
  function take(way) {
    const thread = list.find((one) => one.id === (lit ?? opened));
    if (!thread) hint("Go to a comment first: [ and ] walk from one to the next.");
    else if (takeWay(thread.element, way)) room.show("talk");
    else hint(way === "replies" ? "Nobody can reply here any more." : "You cannot resolve this one.");
  }

  // Everything that is sent from inside a thread is sent in place; without us the browser sends it as a form.
  const going = new WeakSet();
  box.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (event.defaultPrevented || form.method === "get") return;
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
    // One form serves the single buttons of all threads; of those each is sent by itself.
    const sent = form.id ? button ?? form : form;
    if (going.has(sent)) return;
    going.add(sent);
    button?.setAttribute("aria-busy", "true");
    const fields = new FormData(form, button);
    const release = holdStill(form);
    try {
      const text = await post(button?.hasAttribute("formaction") ? button.formAction : form.action, fields);
      const key = /** @type {HTMLElement | null} */ (form.querySelector("[data-draft-key]"))?.dataset.draftKey;
      if (key) clearDraft(key);
      const thread = /** @type {HTMLElement | null} */ ((button ?? form).closest(THREAD));
      form.reset();
      if (form.contains(document.activeElement)) thread?.focus({ preventScroll: true });
      const card = (button ?? form).closest("[data-draft-card]");
      if (form.matches("[data-way], .thread__edit")) form.remove();
      if (card) room.tell("draft", { card, form, text });
      room.tell("changed");
    } catch (error) {
      toast(/** @type {Error} */ (error).message, { kind: "problem" });
    } finally {
      going.delete(sent);
      release();
      button?.removeAttribute("aria-busy");
    }
  });
  box.addEventListener("click", (event) => {
    const jump = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".thread__about a"));
    const thread = /** @type {HTMLElement | null} */ (jump?.closest(THREAD));
    // What is gone from this version is shown where it was.
    if (!thread || thread.dataset.start === "" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(Number(thread.id.replace("comment-", "")), { focus: false });
  });
  // Nobody listens to two voices at once.
  box.addEventListener("play", () => { player.pause(); }, true);
  editInPlace(box);
  bringReactions(box);
  bringWays(box, () => exactClock(player.now()));
  room.on("time", lightAt);
  room.on("open", (id) => { open(id); });
  queueMicrotask(reread);
  return { box, reread, open, walk, take, list: () => list, bringIntoView };
}
