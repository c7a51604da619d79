// @ts-check
// The two strips and what ties them: where both versions stand, and a way to go elsewhere in either.
import { clock } from "app/time.js";

/** @typedef {import("app/compare_together.js").Together} Together */
/** @typedef {import("app/compare_together.js").Side} Side */

/**
 * @param {HTMLElement} element
 * @param {Together} together
 * @param {{sides: Array<{version: number, duration_ms: number}>}} data
 */
export function createSeam(element, together, { sides }) {
  const box = /** @type {HTMLElement} */ (element.querySelector("[data-seam]"));
  const slider = /** @type {HTMLElement} */ (element.querySelector("[data-seam-slider]"));
  const thread = /** @type {SVGPathElement} */ (element.querySelector("[data-seam-thread]"));
  const scale = Number(box.dataset.scale);
  const strips = Number(box.dataset.strip);
  let saidSecond = -1;

  function show() {
    const lead = Math.min(together.now, scale);
    const follow = Math.min(together.follow.currentTime * 1000, scale);
    const [old, now] = together.side === "old" ? [lead, follow] : [follow, lead];
    // Broken in the middle where the two do not say the same.
    const middle = together.gone ? "M" : "L";
    thread.setAttribute("d", `M${old} 0V${strips}${middle}${now} ${100 - strips}V100`);
    const second = Math.floor(lead / 1000);
    if (second === saidSecond) return;
    saidSecond = second;
    const { version, duration_ms: length } = sides[together.side === "old" ? 0 : 1];
    slider.setAttribute("aria-valuemax", String(length));
    slider.setAttribute("aria-valuenow", String(Math.round(lead)));
    slider.setAttribute("aria-valuetext", `${clock(lead)} of v${version}`);
  }

  /** @param {PointerEvent} event @returns {{ms: number, side: Side}} */
  function placeOf(event) {
    const { left, top, width, height } = box.getBoundingClientRect();
    const ms = (scale * Math.max(0, Math.min(width, event.clientX - left))) / width;
    return { ms, side: event.clientY - top < height / 2 ? "old" : "new" };
  }

  /** @type {Side | null} the strip that is being dragged over */
  let dragging = null;
  slider.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const { ms, side } = placeOf(event);
    dragging = side;
    slider.setPointerCapture(event.pointerId);
    together.seek(ms, side);
  });
  slider.addEventListener("pointermove", (event) => { if (dragging) together.seek(placeOf(event).ms, dragging); });
  for (const name of ["pointerup", "pointercancel"]) slider.addEventListener(name, () => { dragging = null; });
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowRight: 5000, ArrowUp: 5000, ArrowLeft: -5000, ArrowDown: -5000, PageUp: 30_000, PageDown: -30_000 };
    const step = /** @type {Record<string, number>} */ (steps)[event.key];
    if (step && !event.shiftKey) together.seek(together.now + step);
    else if (event.key === "Home") together.seek(0);
    else if (event.key === "End") together.seek(Infinity);
    else if (event.key === " " || event.key === "Enter") together.toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  together.addEventListener("time", show);
  together.addEventListener("state", () => { saidSecond = -1; show(); });
  slider.hidden = false;
  show();
}
