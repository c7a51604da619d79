// @ts-check
// Two versions side by side, the same sentence at once. See docs/compare.md.
import { TimeMap } from "app/compare_map.js";
import { createRegions } from "app/compare_regions.js";
import { createRows } from "app/compare_rows.js";
import { createSeam } from "app/compare_seam.js";
import { otherOf, Together } from "app/compare_together.js";
import { createView } from "app/compare_view.js";
import { addKeys } from "app/keyboard.js";
import { clock } from "app/time.js";
import { announce, toast } from "app/toast.js";

/** @typedef {import("app/compare_together.js").Side} Side */
/**
 * @typedef {object} CompareData written by critique/pages/compare.py; `sides` are the earlier and the later one
 * @property {Array<{version: number, duration_ms: number, width: number | null, height: number | null, frames: import("app/frames.js").Cadence}>} sides
 * @property {import("app/compare_map.js").Knot[][]} runs
 * @property {boolean} by_the_clock there are no common words
 * @property {number | null} at_ms where the earlier one is to stand at first
 */

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
/** @type {Side[]} */
const SIDES = ["old", "new"];

/** @param {HTMLElement} element */
export default function start(element) {
  /** @type {CompareData} */
  const data = JSON.parse(document.getElementById("compare-data")?.textContent ?? "");
  const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (element.querySelector(selector));
  const videos = /** @type {Record<Side, HTMLVideoElement>} */ (Object.fromEntries(SIDES.map((side) => [side, find(`[data-video="${side}"]`)])));
  const together = new Together(videos, { old: data.sides[0].frames, new: data.sides[1].frames }, new TimeMap(data.runs));
  const versionOf = (/** @type {Side} */ side) => `v${data.sides[side === "old" ? 0 : 1].version}`;
  const view = createView(element, data);
  const rows = createRows(element, together);
  createSeam(element, together, data);
  createRegions(together, rows);
  for (const video of Object.values(videos)) {
    video.controls = false;
    video.addEventListener("click", () => together.toggle());
  }

  const speed = find("[data-speed]");
  const play = find('[data-do="toggle"]');
  const mute = find('[data-do="mute"]');
  /** @type {Record<string, () => void>} */
  const acts = {
    toggle: () => together.toggle(),
    before: () => rows.walk(-1),
    after: () => rows.walk(1),
    frameBack: () => together.step(-1),
    frameOn: () => together.step(1),
    mute: () => together.mute(),
    swap: () => hear(otherOf(together.side)),
    cycleSpeed: () => setSpeed(SPEEDS[(SPEEDS.indexOf(together.rate) + 1) % SPEEDS.length]),
    full: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else find("[data-stage]").requestFullscreen?.().catch(() => { /* the browser would not; the page stays as it is */ });
    },
  };

  /** @param {Side} side */
  function hear(side) {
    together.hear(side);
    announce(`You hear ${versionOf(side)}`);
  }

  /** @param {number} rate */
  function setSpeed(rate) {
    together.speed(rate);
    announce(`Speed ${rate}`);
  }

  /** @param {1 | -1} step */
  const faster = (step) => setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(together.rate) + step))]);

  function showState() {
    play.setAttribute("aria-label", together.playing ? "Pause" : "Play");
    face(play, together.playing ? "pause" : "play");
    mute.setAttribute("aria-pressed", String(together.silent));
    face(mute, together.silent ? "mute" : "loud");
    speed.textContent = `${together.rate}×`;
    speed.setAttribute("aria-label", `Speed: ${together.rate}×`);
    for (const side of SIDES) find(`[data-hear="${side}"]`).setAttribute("aria-pressed", String(side === together.side));
  }

  let lacked = false;
  function showTime() {
    for (const side of SIDES) {
      const words = clock(videos[side].currentTime * 1000);
      const time = find(`[data-time="${side}"]`);
      if (time.textContent !== words) time.textContent = words;
    }
    const lacks = rows.lacks();
    const other = otherOf(together.side);
    for (const side of SIDES) {
      const state = find(`[data-state="${side}"]`);
      const words = lacks && side === other ? (data.by_the_clock ? `${versionOf(side)} is over` : `Not in ${versionOf(side)}`) : "";
      if (state.textContent !== words) state.textContent = words;
    }
    if (lacks && !lacked) announce(`Not in ${versionOf(other)}`);
    lacked = lacks;
  }

  together.addEventListener("state", showState);
  together.addEventListener("time", showTime);
  together.addEventListener("trouble", () => toast("The video does not play just now. Reload the page to try again.", { kind: "problem" }));
  element.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do], [data-hear]"));
    if (button?.dataset.hear) hear(/** @type {Side} */ (button.dataset.hear));
    else if (button) acts[button.dataset.do ?? ""]?.();
  });
  for (const chosen of element.querySelectorAll("[data-pick]")) {
    chosen.addEventListener("change", () => /** @type {HTMLSelectElement} */ (chosen).form?.requestSubmit());
  }

  const skip = (/** @type {number} */ ms) => together.seek(together.now + ms);
  const jump = (/** @type {number} */ tenth) => together.seek(((together.lead.duration || 0) * 1000 * tenth) / 10);
  const off = [
    addKeys("Playing", [
      { keys: "k", words: "Play or pause both", face: "Space K", run: acts.toggle },
      { keys: " ", words: "", face: "", run: acts.toggle },
      { keys: "p", words: "The sentence before", run: acts.before },
      { keys: "n", words: "The next sentence", run: acts.after },
      { keys: "j", words: "10 seconds back", run: () => skip(-10_000) },
      { keys: "l", words: "10 seconds on", run: () => skip(10_000) },
      { keys: "ArrowLeft", words: "5 seconds back", face: "←", run: () => skip(-5000) },
      { keys: "ArrowRight", words: "5 seconds on", face: "→", run: () => skip(5000) },
      { keys: ",", words: "One frame back", run: acts.frameBack },
      { keys: ".", words: "One frame on", run: acts.frameOn },
      { keys: "<", words: "Slower", run: () => faster(-1) },
      { keys: ">", words: "Faster", run: () => faster(1) },
      ...[...Array(10).keys()].map((tenth) => ({
        keys: String(tenth), words: tenth ? "" : "To this tenth", face: tenth ? "" : "0 … 9", run: () => jump(tenth),
      })),
      { keys: "m", words: "Sound on or off", run: acts.mute },
      { keys: "f", words: "Full screen", run: acts.full },
    ]),
    addKeys("Comparing", [
      { keys: "x", words: "Hear the other version", run: acts.swap },
      { keys: "v", words: "Side by side, or wipe", run: view.toggle },
      { keys: "w", words: "To the line of the wipe: arrows move it", run: view.hold },
      { keys: "[", words: "The comment before", run: () => rows.walkNotes(-1) },
      { keys: "]", words: "The next comment", run: () => rows.walkNotes(1) },
    ]),
  ];

  for (const part of element.querySelectorAll("[data-live]")) /** @type {HTMLElement} */ (part).hidden = false;
  element.classList.add("compare--live");
  showState();
  if (data.at_ms !== null) together.seek(data.at_ms, "old");
  else together.tick();
  const opened = rows.find(Number(/^#comment-(\d+)$/.exec(location.hash)?.[1]));
  if (opened) rows.open(opened, { play: false });
  return () => {
    for (const stop of off) stop();
    together.stop();
  };
}

/** @param {HTMLElement} button @param {string} name */
function face(button, name) {
  for (const part of button.querySelectorAll("[data-face]")) {
    /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.face !== name;
  }
}
