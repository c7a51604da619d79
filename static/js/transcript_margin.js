// @ts-check
// The margin of the manuscript: words that were commented are underlined, and a short note stands beside their line.
import { createInk } from "app/transcript_ink.js";

/** @typedef {import("app/room.js").Room} Room */
/** @typedef {import("app/threads.js").Thread} Thread */

/**
 * @param {Room} room
 * @param {{box: HTMLElement | null, spans: HTMLElement[], wordAt: (ms: number) => number, placeOfId: (id: number) => number}} words
 * @param {import("app/player.js").Player} player
 */
export function createMargin(room, { box, spans, wordAt, placeOfId }, player) {
  if (!box) return;
  const inkOpen = createInk(spans, "commented");
  const inkResolved = createInk(spans, "resolved");
  /** @type {Thread[]} */
  let threads = [];

  /** @param {Thread} thread @returns {[number, number] | null} */
  function rangeOf(thread) {
    if (thread.firstWord !== null && thread.lastWord !== null) {
      const range = /** @type {[number, number]} */ ([placeOfId(thread.firstWord), placeOfId(thread.lastWord)]);
      if (range[0] >= 0 && range[1] >= range[0]) return range;
    }
    return null;
  }

  /** @type {Map<Element, Array<{thread: Thread, beside: HTMLElement}>>} what belongs beside each passage */
  let beside = new Map();
  /** @type {Set<Element>} passages in view, or nearly: only these have their notes written and placed */
  const near = new Set();
  /** @type {WeakSet<Element>} passages whose notes are those of `beside` */
  let written = new WeakSet();
  /** @type {number | null} */
  let lit = null;

  function sort() {
    /** @type {Array<[number, number]>} */
    const open = [];
    /** @type {Array<[number, number]>} */
    const resolved = [];
    beside = new Map();
    written = new WeakSet();
    for (const thread of threads) {
      const range = rangeOf(thread);
      const word = spans[range ? range[0] : Math.max(0, wordAt(thread.start))];
      if (range) (thread.resolved ? resolved : open).push(range);
      const passage = word?.parentElement?.parentElement;
      if (!passage) continue;
      const others = beside.get(passage);
      if (others) others.push({ thread, beside: word });
      else beside.set(passage, [{ thread, beside: word }]);
    }
    inkOpen(open);
    inkResolved(resolved);
    write();
  }

  function write() {
    for (const passage of near) {
      if (written.has(passage)) continue;
      written.add(passage);
      const margin = passage.querySelector("[data-margin]");
      const notes = (beside.get(passage) ?? []).map((one) => noteFor(one.thread, one.beside));
      if (margin && (notes.length || margin.firstChild)) margin.replaceChildren(...notes);
    }
    place();
  }

  /** @param {Thread} thread @param {HTMLElement} beside */
  function noteFor(thread, beside) {
    const note = document.createElement("a");
    note.className = `pencil-note${thread.resolved ? " pencil-note--resolved" : ""}${thread.id === lit ? " pencil-note--lit" : ""}`;
    note.href = `#comment-${thread.id}`;
    note.dataset.goto = String(thread.id);
    const who = document.createElement("b");
    who.textContent = thread.author.split(" ")[0];
    note.append(who, ` ${thread.text}`);
    notePlaces.set(note, beside);
    return note;
  }

  /** @type {WeakMap<Element, HTMLElement>} */
  const notePlaces = new WeakMap();

  /** Puts each note on the line of its words, or as soon below the one before as it fits. */
  function place() {
    // First everything is measured, then everything is moved: otherwise each note would lay out the page anew.
    const margins = [...near].flatMap((passage) => {
      const margin = passage.querySelector("[data-margin]");
      if (!margin?.firstChild) return [];
      const { top } = margin.getBoundingClientRect();
      return [/** @type {HTMLElement[]} */ ([...margin.children]).map((note) => (
        { note, wanted: (notePlaces.get(note)?.getBoundingClientRect().top ?? top) - top, height: note.offsetHeight }))];
    });
    for (const notes of margins) {
      let free = 0;
      for (const { note, wanted, height } of notes) {
        note.style.marginBlockStart = `${Math.max(0, wanted - free)}px`;
        free = Math.max(wanted, free) + height;
      }
    }
  }

  const later = () => { if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; sort(); }); };
  let waiting = 0;
  room.on("threads", (/** @type {Thread[]} */ list) => { threads = list.filter((one) => Number.isFinite(one.start)); later(); });
  room.on("lit", (/** @type {number | null} */ id) => {
    lit = id;
    for (const note of box.querySelectorAll(".pencil-note")) {
      note.classList.toggle("pencil-note--lit", /** @type {HTMLElement} */ (note).dataset.goto === String(id));
    }
  });
  box.addEventListener("click", (event) => {
    const note = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-goto]"));
    if (!note) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    player.pause();
    room.tell("open", Number(note.dataset.goto));
  }, true);
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
    }
    write();
  }, { rootMargin: "50% 0px" });
  for (const passage of box.children) seen.observe(passage);
  const sized = new ResizeObserver(() => place());
  sized.observe(box);
  room.later(() => { seen.disconnect(); sized.disconnect(); cancelAnimationFrame(waiting); });
}
