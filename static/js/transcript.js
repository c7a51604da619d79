// @ts-check
// The words: the spoken one is marked, a press goes there, a selection becomes what the comment is about.
import { createFind } from "app/transcript_find.js";
import { createInk } from "app/transcript_ink.js";
import { createMargin } from "app/transcript_margin.js";

/** @typedef {import("app/room.js").Room} Room */
/** @typedef {import("app/player.js").Player} Player */
/** @typedef {ReturnType<typeof createTranscript>} Transcript */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {Room} room @param {Player} player */
export function createTranscript(room, player) {
  const { words } = room.data;
  const box = /** @type {HTMLElement | null} */ (room.find(".words"));
  const spans = /** @type {HTMLElement[]} */ (box ? [...box.querySelectorAll(".w")] : []);
  /** @type {Map<Element, number>} */
  const places = new Map(spans.map((span, index) => [span, index]));
  const byId = new Map(words.map(([id], index) => [id, index]));
  const followButton = /** @type {HTMLElement | null} */ (room.find("[data-follow]"));
  let spoken = -1;
  let following = true;
  const inkChosen = createInk(spans, "chosen");

  /** Position of the last word that began at or before `ms`, -1 before the first. @param {number} ms */
  function wordAt(ms) {
    let low = 0;
    let high = words.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (words[middle][1] <= ms) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** @param {number} ms */
  function markSpoken(ms) {
    const at = wordAt(ms);
    if (at === spoken) return;
    spans[spoken]?.classList.remove("is-spoken");
    spans[at]?.classList.add("is-spoken");
    spoken = at;
    if (following) bringIntoView();
  }

  function bringIntoView() {
    const span = spans[spoken];
    if (!box || !span || !box.clientHeight || !getSelection()?.isCollapsed) return;
    const top = span.getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (top > box.clientHeight * 0.2 && top < box.clientHeight * 0.62) return;
    box.scrollTo({ top: box.scrollTop + top - box.clientHeight * 0.34, behavior: calm.matches ? "instant" : "smooth" });
  }

  /** @param {boolean} on */
  function setFollowing(on) {
    following = on;
    if (followButton) followButton.hidden = on;
    if (on) bringIntoView();
  }

  /** @param {number} first @param {number} last positions of words */
  function choose(first, last) {
    const [from, to] = first <= last ? [first, last] : [last, first];
    const quote = words.slice(from, to + 1).map((_, step) => spans[from + step].textContent).join(" ");
    room.setAnchor({ start: words[from][1], end: Math.max(...words.slice(from, to + 1).map((word) => word[2])), first: from, last: to, quote });
  }

  room.on("anchor", (/** @type {import("app/room.js").Anchor | null} */ anchor) => {
    inkChosen(anchor?.first != null && anchor.last != null ? [[anchor.first, anchor.last]] : []);
  });

  /** The word a boundary of a selection lies in or beside. @param {Node} node @param {number} offset @param {boolean} atEnd */
  function placeOf(node, offset, atEnd) {
    const inside = (node instanceof Element ? node : node.parentElement)?.closest(".w");
    if (inside) {
      const at = places.get(inside) ?? -1;
      const length = node.textContent?.length ?? 0;
      if (atEnd && offset === 0) return at - 1;
      return !atEnd && offset >= length && node.nodeType === Node.TEXT_NODE ? at + 1 : at;
    }
    const mark = document.createRange();
    mark.setStart(node, offset);
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (mark.comparePoint(spans[middle], 0) < 0) low = middle + 1;
      else high = middle;
    }
    return atEnd ? low - 1 : low;
  }

  let waiting = 0;
  function onSelection() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      const selection = getSelection();
      if (!box || !selection || selection.isCollapsed || !selection.rangeCount) return;
      const range = selection.getRangeAt(0);
      if (!box.contains(range.commonAncestorContainer)) return;
      const first = Math.max(0, placeOf(range.startContainer, range.startOffset, false));
      const last = Math.min(spans.length - 1, placeOf(range.endContainer, range.endOffset, true));
      if (first <= last && spans[first]) choose(first, last);
    });
  }

  // Keyboard: one word at a time holds the focus, Shift keeps the other end where it began.
  let cursor = -1;
  let fixed = -1;
  /** @param {number} at @param {boolean} select */
  function moveTo(at, select) {
    const to = Math.max(0, Math.min(spans.length - 1, at));
    if (!spans[to]) return;
    spans[cursor]?.removeAttribute("tabindex");
    spans[cursor]?.removeAttribute("role");
    if (select && fixed < 0) fixed = Math.max(0, cursor);
    if (!select) fixed = -1;
    cursor = to;
    spans[to].tabIndex = 0;
    spans[to].setAttribute("role", "button");
    spans[to].focus({ preventScroll: false });
    if (select) choose(fixed, to);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = cursor < 0 ? Math.max(0, spoken) : cursor;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 };
    const step = /** @type {Record<string, number>} */ (steps)[event.key];
    if (step) moveTo(document.activeElement === box && !event.shiftKey ? from : from + step, event.shiftKey);
    else if (event.key === "Home") moveTo(0, event.shiftKey);
    else if (event.key === "End") moveTo(spans.length - 1, event.shiftKey);
    else if (event.key === "Enter" && words[cursor]) go(cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} at */
  function go(at) {
    player.seek(words[at][1]);
    setFollowing(true);
  }

  createFind(/** @type {HTMLInputElement | null} */ (room.find("[data-find]")), spans, go);
  if (box) {
    box.tabIndex = 0;
    box.addEventListener("keydown", onKey);
    box.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const jump = /** @type {HTMLElement | null} */ (target.closest("[data-start]"));
      if (jump) {
        event.preventDefault();
        player.seek(Number(jump.dataset.start));
        setFollowing(true);
        return;
      }
      const at = places.get(target.closest(".w") ?? target);
      if (at === undefined || !getSelection()?.isCollapsed) return;
      cursor = at;
      go(at);
    });
    for (const name of ["wheel", "touchmove"]) {
      box.addEventListener(name, () => { if (!player.video.paused) setFollowing(false); }, { passive: true });
    }
    document.addEventListener("selectionchange", onSelection);
    room.later(() => document.removeEventListener("selectionchange", onSelection));
    followButton?.addEventListener("click", () => setFollowing(true));
    room.on("time", markSpoken);
    room.on("shown", (name) => { if (name === "words") bringIntoView(); });
  }
  const api = {
    box, spans, words, wordAt, choose,
    /** Position of a word id. @param {number} id */
    placeOfId: (id) => byId.get(id) ?? -1,
    /** The words around a moment, for the preview. @param {number} ms */
    wordsAround(ms) {
      const at = wordAt(ms);
      if (at < 0 || ms - words[at][2] > 4000) return "";
      return spans.slice(Math.max(0, at - 3), at + 5).map((span) => span.textContent).join(" ");
    },
    focus() { if (cursor >= 0) moveTo(cursor, false); else moveTo(Math.max(0, spoken), false); },
    toggle() {
      if (matchMedia("(max-width: 63.99rem)").matches) room.show(room.element.dataset.tab === "words" ? "talk" : "words");
      else room.element.classList.toggle("room--no-words");
    },
  };
  createMargin(room, api, player);
  return api;
}
