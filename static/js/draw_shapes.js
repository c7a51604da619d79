// @ts-check
// Shapes on a frame as SVG, built by the DOM alone. Coordinates come as 0..1 of the picture and are drawn in its pixels.
import { getStroke } from "perfect-freehand";

/**
 * One shape, as critique/comments/region.py keeps it; points are [x, y], those of a pen [x, y, pressure].
 * @typedef {{shape: "pen", points: number[][]}} Pen
 * @typedef {{shape: "arrow" | "rectangle", from: number[], to: number[]}} Line
 * @typedef {{shape: "text", at: number[], text: string}} Words
 * @typedef {{shape: "pin", at: number[], number: number}} Pin
 * @typedef {Pen | Line | Words | Pin} Shape
 * @typedef {{width: number, height: number}} Size of the picture in CSS pixels
 */

const SVG = "http://www.w3.org/2000/svg";
const LEADING = 1.25;
/** How much of its size one letter is wide, about. */
const LETTER = 0.56;

const between = (/** @type {number} */ low, /** @type {number} */ value, /** @type {number} */ high) => Math.max(low, Math.min(high, value));
/** The pencil is thicker on a larger picture, and never too thin to be seen. @param {Size} size */
export const thickness = ({ width }) => between(2.75, width * 0.0055, 6);
/** @param {Size} size */
const letters = ({ width }) => between(13, width * 0.026, 24);

/** @param {string} name @param {Record<string, string | number>} shape @param {string} kind @returns {SVGElement} */
function make(name, shape, kind) {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", kind);
  for (const [key, value] of Object.entries(shape)) element.setAttribute(key, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  return element;
}

/** @param {Shape[]} shapes @param {Size} size @returns {SVGGElement} */
export function drawShapes(shapes, size) {
  const group = document.createElementNS(SVG, "g");
  for (const shape of shapes) group.append(...drawShape(shape, size));
  return group;
}

/** @param {Shape} shape @param {Size} size @returns {SVGElement[]} */
function drawShape(shape, size) {
  switch (shape.shape) {
    case "pen": return drawPen(shape, size);
    case "arrow": return lined(arrowPath(shape, size), size);
    case "rectangle": return lined(rectanglePath(shape, size), size);
    case "text": return [drawWords(shape, size)];
    case "pin": return drawPin(shape, size);
    default: return [];
  }
}

/** A line and, below it, its pale edge: so it is seen on red and on dark alike. @param {string} path @param {Size} size */
function lined(path, size) {
  const width = thickness(size);
  return [make("path", { d: path, "stroke-width": width + 2.5 }, "ink ink--edge"), make("path", { d: path, "stroke-width": width }, "ink ink--line")];
}

/** @param {Line} line @param {Size} size */
function arrowPath({ from, to }, { width, height }) {
  const [x, y, toX, toY] = [from[0] * width, from[1] * height, to[0] * width, to[1] * height];
  const long = Math.hypot(toX - x, toY - y);
  const head = Math.min(between(10, width * 0.024, 22), Math.max(4, long * 0.6));
  const turned = Math.atan2(toY - y, toX - x);
  const side = (/** @type {number} */ by) => `${round(toX - head * Math.cos(turned + by))} ${round(toY - head * Math.sin(turned + by))}`;
  return `M${round(x)} ${round(y)}L${round(toX)} ${round(toY)}M${side(0.5)}L${round(toX)} ${round(toY)}L${side(-0.5)}`;
}

/** @param {Line} line @param {Size} size */
function rectanglePath({ from, to }, { width, height }) {
  const [left, top, right, bottom] = [from[0] * width, from[1] * height, to[0] * width, to[1] * height].map(round);
  return `M${left} ${top}H${right}V${bottom}H${left}Z`;
}

const round = (/** @type {number} */ value) => Math.round(value * 100) / 100;

/** @param {Pen} pen @param {Size} size */
function drawPen({ points }, size) {
  const inPixels = points.map(([x, y, pressure]) => [x * size.width, y * size.height, pressure]);
  const outline = getStroke(smoothed(inPixels), {
    size: thickness(size) * 1.15, thinning: 0.55, smoothing: 0.5, streamline: 0, simulatePressure: false,
  });
  return [make("path", { d: outlinePath(outline) }, "ink ink--pen")];
}

/**
 * A curve through all points (Catmull-Rom, uniform), a point each 4 px: what was thinned out for sending stays round.
 * @param {number[][]} points
 */
function smoothed(points) {
  if (points.length < 3) return points;
  const along = [];
  for (let at = 0; at < points.length - 1; at++) {
    const [before, from, to, after] = [points[Math.max(0, at - 1)], points[at], points[at + 1], points[Math.min(points.length - 1, at + 2)]];
    const steps = between(1, Math.round(Math.hypot(to[0] - from[0], to[1] - from[1]) / 4), 64);
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      along.push([0, 1, 2].map((axis) => 0.5 * (2 * from[axis] + (to[axis] - before[axis]) * t
        + (2 * before[axis] - 5 * from[axis] + 4 * to[axis] - after[axis]) * t * t
        + (3 * from[axis] - before[axis] - 3 * to[axis] + after[axis]) * t * t * t)));
    }
  }
  along.push(points[points.length - 1]);
  return along;
}

/** A closed path through the middles of the outline's sides. @param {number[][]} outline */
function outlinePath(outline) {
  if (!outline.length) return "";
  const middle = (/** @type {number[]} */ one, /** @type {number[]} */ other) => `${round((one[0] + other[0]) / 2)} ${round((one[1] + other[1]) / 2)}`;
  const parts = outline.map((point, at) => `Q${round(point[0])} ${round(point[1])} ${middle(point, outline[(at + 1) % outline.length])}`);
  return `M${middle(outline[outline.length - 1], outline[0])}${parts.join("")}Z`;
}

/** Words begin where they were put, and are broken and moved so that the frame holds all of them. @param {Words} words @param {Size} size */
function drawWords({ at, text }, size) {
  const height = letters(size);
  const most = Math.max(10, Math.floor((size.width * 0.98 - at[0] * size.width) / (height * LETTER)));
  const lines = broken(text, most);
  const widest = Math.max(...lines.map((line) => line.length)) * height * LETTER;
  const x = Math.max(2, Math.min(at[0] * size.width, size.width * 0.99 - widest));
  const y = between(height, at[1] * size.height + height * 0.35, size.height - (lines.length - 1) * height * LEADING - height * 0.3);
  const element = make("text", { x, y, "font-size": height }, "ink ink--words");
  for (const [row, line] of lines.entries()) {
    const span = make("tspan", { x, dy: row ? height * LEADING : 0 }, "ink__row");
    span.textContent = line;
    element.append(span);
  }
  return element;
}

/** @param {string} text @param {number} most letters in a line */
function broken(text, most) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${most}}`, "gu")) ?? [])) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length ? lines : [""];
}

/** @param {Pin} pin @param {Size} size */
function drawPin({ at, number }, size) {
  const radius = pinRadius(size);
  const [x, y] = [between(radius, at[0] * size.width, size.width - radius), between(radius, at[1] * size.height, size.height - radius)];
  const label = make("text", { x, y: y + radius * 0.4, "font-size": radius * (number > 9 ? 1.05 : 1.2) }, "ink__number");
  label.textContent = String(number);
  return [make("circle", { cx: x, cy: y, r: radius }, "ink ink--pin"), label];
}

/** @param {Size} size */
const pinRadius = ({ width }) => between(9, width * 0.015, 15);

/**
 * How far (px) a place is from a shape; 0 on it.
 * @param {Shape} shape
 * @param {number[]} place 0..1
 * @param {Size} size
 */
export function distanceTo(shape, place, size) {
  const spot = [place[0] * size.width, place[1] * size.height];
  const pixels = (/** @type {number[]} */ point) => [point[0] * size.width, point[1] * size.height];
  if (shape.shape === "text") {
    const [x, y] = pixels(shape.at);
    const wide = Math.min(shape.text.length * letters(size) * LETTER, size.width - x);
    return Math.hypot(Math.max(x - spot[0], 0, spot[0] - x - wide), Math.max(0, Math.abs(spot[1] - y) - letters(size)));
  }
  if (shape.shape === "pin") return Math.max(0, Math.hypot(...pixels(shape.at).map((part, axis) => part - spot[axis])) - pinRadius(size));
  const line = shape.shape === "pen" ? shape.points.map(pixels) : [];
  if (shape.shape === "arrow") line.push(pixels(shape.from), pixels(shape.to));
  if (shape.shape === "rectangle") {
    const [[left, top], [right, bottom]] = [pixels(shape.from), pixels(shape.to)];
    line.push([left, top], [right, top], [right, bottom], [left, bottom], [left, top]);
  }
  return Math.min(...line.map((point, at) => toSegment(spot, point, line[at + 1] ?? point)));
}

/** @param {number[]} spot @param {number[]} from @param {number[]} to */
export function toSegment(spot, from, to) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const t = between(0, ((spot[0] - from[0]) * x + (spot[1] - from[1]) * y) / (x * x + y * y || 1), 1);
  return Math.hypot(spot[0] - from[0] - t * x, spot[1] - from[1] - t * y);
}
