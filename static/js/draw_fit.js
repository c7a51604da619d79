// @ts-check
// Drawings made small enough to send: strokes lose the points that nobody would miss. Limits as in critique/comments/region.py.
import { toSegment } from "app/draw_shapes.js";

/** @typedef {import("app/draw_shapes.js").Shape} Shape */

export const MOST_SHAPES = 50;
export const LONGEST_TEXT = 80;
export const HIGHEST_NUMBER = 99;
const MOST_POINTS = 2000;
const LARGEST = 60_000;
// A thousandth of the picture's width: less than a pixel of most.
const TOLERANCE = 0.0008;

const kept = (/** @type {number} */ value, digits = 4) => Number(Math.max(0, Math.min(1, value)).toFixed(digits));

/** @param {number[]} point @returns {number[]} */
export const place = (point) => [kept(point[0]), kept(point[1])];

/**
 * A stroke without the points that lie on the line between their neighbours, within `tolerance`, and whose pressure is
 * theirs (Ramer 1972, Douglas and Peucker 1973). It keeps a list of what is to be looked at instead of calling itself, so
 * that no stroke is too long for it.
 * @param {number[][]} points [x, y, pressure]
 * @param {number} ratio width to height of the picture
 * @param {number} [tolerance] part of the picture's width
 */
export function simplified(points, ratio, tolerance = TOLERANCE) {
  const flat = points.map(([x, y]) => [x, y / ratio]);
  const stays = new Uint8Array(points.length);
  stays[0] = stays[points.length - 1] = 1;
  const open = [[0, points.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let [farthest, at] = [tolerance, -1];
    for (let one = from + 1; one < to; one++) {
      const along = (one - from) / (to - from);
      const pressed = Math.abs(points[one][2] - points[from][2] - along * (points[to][2] - points[from][2]));
      const far = Math.max(toSegment(flat[one], flat[from], flat[to]), pressed > 0.12 ? pressed * tolerance * 8 : 0);
      if (far > farthest) [farthest, at] = [far, one];
    }
    if (at < 0) continue;
    stays[at] = 1;
    open.push([from, at], [at, to]);
  }
  const left = points.filter((_, at) => stays[at]).map(([x, y, pressure]) => [...place([x, y]), kept(pressure, 2)]);
  return left.length > MOST_POINTS ? left.filter((_, at) => at % Math.ceil(left.length / MOST_POINTS) === 0) : left;
}

/**
 * The same drawing, coarser until the server takes it.
 * @param {Shape[]} shapes
 * @param {number} ratio width to height of the picture
 * @returns {Shape[]}
 */
export function fitted(shapes, ratio) {
  let fit = shapes;
  for (let tolerance = TOLERANCE * 2; JSON.stringify(fit).length > LARGEST && tolerance < 0.02; tolerance *= 2.5) {
    fit = fit.map((shape) => (shape.shape === "pen" ? { ...shape, points: simplified(shape.points, ratio, tolerance) } : shape));
  }
  // A scribble over everything has no points that lie on a line: every other one goes.
  while (JSON.stringify(fit).length > LARGEST) {
    const most = Math.max(...fit.map((shape) => (shape.shape === "pen" ? shape.points.length : 0)));
    if (most < 3) break;
    fit = fit.map((shape) => (shape.shape === "pen" && shape.points.length > most / 2 ? { ...shape, points: shape.points.filter((_, at, all) => at % 2 === 0 || at === all.length - 1) } : shape));
  }
  return fit;
}

/** The shapes in a text, as threads and drafts carry them; none when it is not one. @param {string | null | undefined} text @returns {Shape[]} */
export function shapesIn(text) {
  try {
    const shapes = JSON.parse(text || "[]");
    return Array.isArray(shapes) ? shapes : [];
  } catch {
    return [];
  }
}
