// @ts-check
// The strip: everything that has a time. A real slider for keyboards and screen readers lies over it.
import { createPreview } from "app/timeline_preview.js";
import { drawWave } from "app/timeline_wave.js";

/** @typedef {import("app/threads.js").Thread} Thread */

const SVG = "http://www.w3.org/2000/svg";
// How near (px) a pointer must be to a mark to mean it.
const NEAR_PX = 6;

/** @param {number} ms */
function spoken(ms) {
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.floor(ms / 1000) % 60];
  return minutes ? `${minutes} min ${seconds} s` : `${seconds} s`;
}

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/transcript.js").Transcript} transcript
 * @param {import("app/threads.js").Threads} threads
 */
export function createTimeline(room, player, transcript, threads) {
  const box = /** @type {HTMLElement} */ (room.find("[data-timeline]"));
  const slider = /** @type {HTMLElement} */ (room.find("[data-slider]"));
  const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (room.find("[data-marks]")));
  const playhead = /** @type {HTMLElement} */ (room.find("[data-playhead]"));
  /** @type {Thread[]} */
  let list = [];
  let saidSecond = -1;
  /** @type {Map<number, SVGElement>} the tick of each comment */
  const ticks = new Map();
  /** @type {number | null} */
  let lit = null;
  /** @type {Map<string, SVGElement[]>} what is drawn, by everything that its shape depends on */
  const marks = new Map();
  // Settled ones first, so that open marks lie on top of them.
  const [anchorMarks, settledMarks, openMarks] = [0, 1, 2].map(() => svg.appendChild(document.createElementNS(SVG, "g")));
  box.hidden = false;

  const percent = (/** @type {number} */ ms) => `${((100 * ms) / Math.max(1, player.duration())).toFixed(3)}%`;

  /** @param {SVGGElement} where @param {string} kind @param {Record<string, string | number>} shape */
  function rect(where, kind, shape) {
    const element = document.createElementNS(SVG, "rect");
    element.setAttribute("class", kind);
    for (const [name, value] of Object.entries(shape)) element.setAttribute(name, String(value));
    where.append(element);
    return element;
  }

  function drawAnchor() {
    anchorMarks.replaceChildren();
    const { anchor } = room;
    if (anchor) {
      rect(anchorMarks, "mark-wash", { x: percent(anchor.start), width: percent(Math.max(0, anchor.end - anchor.start)), y: 0, height: "100%" });
      for (const edge of anchor.end > anchor.start ? [anchor.start, anchor.end] : []) rect(anchorMarks, "mark-edge", { x: percent(edge), width: 1.5, y: 0, height: "100%" });
    }
  }

  /** Draws what is new and takes away what left: most marks of a long talk stay as they are. */
  function draw() {
    const length = player.duration();
    const left = new Set(marks.keys());
    ticks.clear();
    for (const thread of list) {
      const key = [thread.id, thread.start, thread.end, thread.resolved, length].join();
      left.delete(key);
      const drawn = marks.get(key) ?? drawMarks(thread);
      marks.set(key, drawn);
      ticks.set(thread.id, drawn[0]);
      drawn[0].classList.toggle("mark--lit", thread.id === lit);
    }
    for (const key of left) {
      for (const element of marks.get(key) ?? []) element.remove();
      marks.delete(key);
    }
  }

  /** @param {Thread} thread @returns {SVGElement[]} its tick, and its range if it has one */
  function drawMarks({ id, start, end, resolved }) {
    const [where, kind] = resolved ? [settledMarks, " mark--resolved"] : [openMarks, ""];
    const range = end > start ? [rect(where, `mark mark--range${kind}`, { x: percent(start), width: percent(end - start), y: 7, height: 3, rx: 1.5 })] : [];
    const tick = rect(where, `mark mark--tick${kind}`, { x: percent(start), width: 2.5, y: resolved ? 4 : 0, height: resolved ? 9 : 17, rx: 1.25 });
    tick.dataset.id = String(id);
    return [tick, ...range];
  }

  /** @param {number} ms */
  function showTime(ms) {
    playhead.style.insetInlineStart = percent(ms);
    const second = Math.floor(ms / 1000);
    if (second === saidSecond) return;
    saidSecond = second;
    const here = list.filter((one) => Math.floor(one.start / 1000) <= second && Math.max(one.end, one.start + 3000) >= ms).length;
    slider.setAttribute("aria-valuenow", String(Math.round(ms)));
    slider.setAttribute("aria-valuetext", spoken(ms) + (here ? `, ${here} ${here === 1 ? "comment" : "comments"}` : ""));
  }

  /** @param {PointerEvent} event */
  function timeOf(event) {
    const { left, width } = box.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * player.duration();
  }

  /** The thread whose tick is under the pointer. @param {PointerEvent} event */
  function threadNear(event) {
    const { top, left, width } = box.getBoundingClientRect();
    if (event.clientY - top > 26) return null;
    const distance = (/** @type {Thread} */ one) => Math.abs(left + (one.start / player.duration()) * width - event.clientX);
    const near = list.filter((one) => distance(one) <= NEAR_PX).sort((one, other) => distance(one) - distance(other));
    return near[0] ?? null;
  }

  const preview = createPreview(room, { timeOf, threadNear, wordsAround: (ms) => transcript.wordsAround(ms) }, box);
  let dragging = false;
  slider.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const near = threadNear(event);
    if (near) {
      threads.open(near.id, { focus: false });
      event.preventDefault();
      return;
    }
    dragging = true;
    slider.setPointerCapture(event.pointerId);
    player.seek(timeOf(event));
  });
  slider.addEventListener("pointermove", (event) => {
    preview.show(event);
    if (dragging) player.seek(timeOf(event));
  });
  for (const name of ["pointerup", "pointercancel"]) slider.addEventListener(name, () => { dragging = false; });
  slider.addEventListener("pointerleave", preview.hide);
  slider.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 5000, ArrowUp: 5000, ArrowLeft: -5000, ArrowDown: -5000, PageUp: 30_000, PageDown: -30_000 };
    const step = /** @type {Record<string, number>} */ (steps)[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) player.skip(step);
    else if (event.key === "Home") player.seek(0);
    else if (event.key === "End") player.seek(player.duration());
    else if (event.key === " " || event.key === "Enter") player.toggle();
    else if (event.key === "Escape" && preview.hide()) { /* dismissed */ }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  room.on("time", showTime);
  room.on("anchor", drawAnchor);
  room.on("threads", (found) => { list = found.filter((/** @type {Thread} */ one) => Number.isFinite(one.start)); draw(); saidSecond = -1; showTime(player.now()); });
  room.on("lit", (id) => {
    if (lit !== null) ticks.get(lit)?.classList.remove("mark--lit");
    lit = id;
    if (id !== null) ticks.get(id)?.classList.add("mark--lit");
  });
  player.video.addEventListener("loadedmetadata", () => { draw(); drawAnchor(); });
  drawWave(room, player);
  return { draw };
}
