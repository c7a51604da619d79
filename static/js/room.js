// @ts-check
// The room: starts its parts and lets them talk through one object. See docs/room.md for who says what.
import { createComposer } from "app/composer.js";
import { createDraw } from "app/draw.js";
import { startLive } from "app/live.js";
import { createPlayer } from "app/player.js";
import { keepClaim } from "app/room_claim.js";
import { awaitArrivals } from "app/room_arrivals.js";
import { openAt } from "app/room_links.js";
import { startWaiting } from "app/room_waiting.js";
import { startShortcuts } from "app/shortcuts.js";
import { startReview } from "app/review_send.js";
import { createStills } from "app/stills.js";
import { createThreads } from "app/threads.js";
import { createTimeline } from "app/timeline.js";
import { startTogether } from "app/together.js";
import { createTranscript } from "app/transcript.js";

/**
 * What a comment will be about: ms, and the positions of its words in the transcript (null without words).
 * @typedef {{start: number, end: number, first: number | null, last: number | null, quote: string}} Anchor
 */

/**
 * @typedef {object} RoomData written by critique/pages/room.py
 * @property {number} walkthrough
 * @property {number} version
 * @property {string} kind recording or stills
 * @property {Array<{id: number}>} stills its pictures in order
 * @property {string} state
 * @property {{id: number, name: string}} person
 * @property {number} duration_ms
 * @property {import("app/frames.js").Cadence} frames how the pictures are counted
 * @property {number | null} transcript
 * @property {Array<[number, number, number]>} words id, start, end
 * @property {number} newest id of the newest change of the threads
 * @property {string | null} peaks
 * @property {string | null} sprite
 * @property {string | null} sprite_track
 * @property {string} threads_url
 * @property {string | null} renew_url where the holder's claim is renewed; null for everybody else
 */

/** One room: its data, its parts, and a line on which they tell each other what happened. */
export class Room extends EventTarget {
  /** @param {HTMLElement} element @param {RoomData} data */
  constructor(element, data) {
    super();
    this.element = element;
    this.data = data;
    /** @type {Anchor | null} null: the moment where the video stands */
    this.anchor = null;
    /** @type {{shapes: import("app/draw_shapes.js").Shape[], at: number} | null} what is drawn for it, on the frame at this ms */
    this.region = null;
    /** @type {Array<() => void>} */
    this.cleanups = [];
  }

  /** @param {string} name @param {unknown} [detail] */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {string} name @param {(detail: any) => void} listen */
  on(name, listen) {
    this.addEventListener(name, (event) => listen(/** @type {CustomEvent} */ (event).detail));
  }

  /** @template {Element} T @param {string} selector @returns {T | null} */
  find(selector) {
    return this.element.querySelector(selector);
  }

  /** @param {Anchor | null} anchor */
  setAnchor(anchor) {
    this.anchor = anchor;
    this.tell("anchor", anchor);
  }

  /** What is drawn; the moment stays that of the first stroke. @param {import("app/draw_shapes.js").Shape[] | null} shapes @param {number} at ms */
  setRegion(shapes, at) {
    this.region = shapes && { shapes, at: this.region?.at ?? at };
    this.tell("region", this.region);
  }

  /** Which part a phone shows below the work. @param {string} name talk, words or about */
  show(name) {
    if (this.element.dataset.tab === name) return;
    this.element.dataset.tab = name;
    for (const tab of this.element.querySelectorAll("[data-show]")) {
      tab.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (tab).dataset.show === name));
    }
    this.tell("shown", name);
  }

  /** @param {() => void} cleanup */
  later(cleanup) {
    this.cleanups.push(cleanup);
  }
}

/** @param {HTMLElement} element */
export default function start(element) {
  const written = document.getElementById("room-data")?.textContent;
  if (!written) return startWaiting(element, null);
  const room = new Room(element, JSON.parse(written));
  const video = /** @type {HTMLVideoElement | null} */ (room.find("[data-video]"));
  const picture = /** @type {HTMLImageElement | null} */ (room.find("[data-still-image]"));
  if (!video && !picture) return startWaiting(element, room.data);
  const player = picture ? createStills(room, picture) : createPlayer(room, /** @type {HTMLVideoElement} */ (video));
  const transcript = createTranscript(room, player);
  const threads = createThreads(room, player);
  const timeline = picture ? null : createTimeline(room, player, transcript, threads);
  const draw = createDraw(room, player, threads, () => composer.focus());
  room.later(draw.stop);
  const composer = createComposer(room, player, transcript, threads);
  startReview(room, threads, player);
  const live = startLive(room, threads);
  room.later(awaitArrivals(room, player, transcript, threads));
  room.later(keepClaim(room, player));
  if (!picture) room.later(startTogether(room, /** @type {import("app/player.js").Player} */ (player)));
  room.later(startShortcuts({ room, player, transcript, threads, composer }));
  element.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const show = /** @type {HTMLElement | null} */ (target.closest("[data-show]"));
    if (show) room.show(show.dataset.show ?? "talk");
  });
  element.classList.add("room--live");
  const work = /** @type {HTMLElement} */ (room.find("[data-work]"));
  // On a phone the work stays on top while the talk scrolls: what is scrolled to must stop below it.
  const measured = new ResizeObserver(() => element.style.setProperty("--work", `${work.offsetHeight}px`));
  measured.observe(work);
  room.later(() => measured.disconnect());
  openAt(room, player, threads);
  player.announceTime();
  void timeline;
  return () => {
    live.stop();
    for (const cleanup of room.cleanups) cleanup();
  };
}
