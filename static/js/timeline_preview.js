// @ts-check
// Hovering over the strip shows the picture and the words there; over a tick, who said what.
import { clock } from "app/time.js";

/** @typedef {{start: number, end: number, x: number, y: number, w: number, h: number}} Tile */

/** Tiles of a WebVTT thumbnail track ("sprite.jpg#xywh=0,0,160,90"). @param {string} text @returns {Tile[]} */
export function tilesOf(text) {
  const cue = /(?:(\d+):)?(\d+):(\d+)\.(\d+) --> (?:(\d+):)?(\d+):(\d+)\.(\d+)[^\n]*\n[^\n]*#xywh=(\d+),(\d+),(\d+),(\d+)/g;
  return [...text.matchAll(cue)].map((found) => {
    const [h1, m1, s1, f1, h2, m2, s2, f2, x, y, w, h] = found.slice(1).map((part) => Number(part ?? 0));
    return { start: ((h1 * 60 + m1) * 60 + s1) * 1000 + f1, end: ((h2 * 60 + m2) * 60 + s2) * 1000 + f2, x, y, w, h };
  });
}

/**
 * @param {import("app/room.js").Room} room
 * @param {{timeOf: (event: PointerEvent) => number, threadNear: (event: PointerEvent) => import("app/threads.js").Thread | null, wordsAround: (ms: number) => string}} ask
 * @param {HTMLElement} box the strip
 */
export function createPreview(room, { timeOf, threadNear, wordsAround }, box) {
  const card = /** @type {HTMLElement} */ (room.find("[data-preview]"));
  const picture = /** @type {HTMLElement} */ (room.find("[data-preview-picture]"));
  const time = /** @type {HTMLElement} */ (room.find("[data-preview-time]"));
  const words = /** @type {HTMLElement} */ (room.find("[data-preview-words]"));
  /** @type {Tile[]} */
  let tiles = [];
  let asked = false;
  /** @type {PointerEvent | null} */
  let last = null;

  async function load() {
    asked = true;
    if (!room.data.sprite || !room.data.sprite_track) return;
    const answer = await fetch(room.data.sprite_track, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    tiles = tilesOf(await answer.text());
    picture.style.backgroundImage = `url("${room.data.sprite}")`;
    if (last) show(last);
  }

  /** @param {number} ms */
  function tileAt(ms) {
    const at = tiles.findLastIndex((tile) => tile.start <= ms);
    return tiles[Math.max(0, at)];
  }

  /** @param {PointerEvent} event */
  function show(event) {
    if (event.pointerType === "touch" && !event.buttons) return;
    last = event;
    if (!asked) load();
    const ms = timeOf(event);
    const thread = threadNear(event);
    const tile = tileAt(thread ? thread.start : ms);
    picture.hidden = !tile;
    if (tile) {
      picture.style.inlineSize = `${tile.w}px`;
      picture.style.blockSize = `${tile.h}px`;
      picture.style.backgroundPosition = `-${tile.x}px -${tile.y}px`;
    }
    time.textContent = clock(thread ? thread.start : ms);
    words.textContent = thread ? `${thread.author}: ${thread.text}` : wordsAround(ms);
    card.classList.toggle("preview--comment", thread !== null);
    box.classList.toggle("timeline--on-mark", thread !== null);
    card.hidden = false;
    const { left, width } = box.getBoundingClientRect();
    const half = card.offsetWidth / 2;
    card.style.insetInlineStart = `${Math.max(half, Math.min(width - half, event.clientX - left))}px`;
  }

  function hide() {
    const was = !card.hidden;
    last = null;
    card.hidden = true;
    box.classList.remove("timeline--on-mark");
    return was;
  }
  return { show, hide };
}
