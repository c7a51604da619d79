// @ts-check
// Drawing on a frame by mouse, finger, pen or keys, with undo. Knows nothing of rooms: give it a frame, hear what was drawn.
import { HIGHEST_NUMBER, LONGEST_TEXT, MOST_SHAPES, fitted, place, simplified } from "app/draw_fit.js";
import { regionLayer } from "app/draw_layer.js";
import { distanceTo } from "app/draw_shapes.js";

/** @typedef {import("app/draw_shapes.js").Shape} Shape */
/** @typedef {"pen" | "arrow" | "rectangle" | "text" | "pin" | "erase"} Tool */
/** @typedef {ReturnType<typeof drawingPad>} Pad */

// Nearer (px) than this counts as meant: the width of a fingertip for fingers.
const NEAR_PX = { mouse: 8, pen: 10, touch: 20 };
const LONGEST_STROKE = 20_000;
const KEY_STEP = 0.02;

/**
 * @param {HTMLVideoElement | HTMLImageElement} frame
 * @param {object} options
 * @param {number} [options.ratio] width to height of the picture, until the frame knows it
 * @param {(shapes: Shape[]) => void} options.onChange what is drawn now, after each step
 * @param {() => void} options.onState the tool, the text or what can be undone changed
 * @param {(words: string) => void} options.onTell a sentence for the person who draws
 * @param {() => void} options.onWords words are wanted for the text that was just put down
 */
export function drawingPad(frame, { ratio, onChange, onState, onTell, onWords }) {
  const layer = regionLayer(frame, { ratio });
  const svg = layer.element;
  /** @type {Shape[]} */
  let shapes = [];
  /** @type {Shape[][]} */
  let past = [];
  /** @type {Shape[][]} */
  let future = [];
  /** @type {Tool} */
  let tool = "pen";
  let active = false;
  /** @type {Shape | null} the shape that is being made */
  let hand = null;
  /** @type {number | null} the pointer that makes it */
  let pointer = null;
  let spot = [0.5, 0.5];
  let queued = 0;

  function draw() {
    layer.show([shapes]);
    layer.hold(hand);
  }

  /** Many moves, one drawing a frame. */
  function soon() {
    queued ||= requestAnimationFrame(() => { queued = 0; layer.hold(hand); });
  }

  /** @param {Shape[]} next */
  function commit(next) {
    past.push(shapes);
    future = [];
    settle(next);
  }

  /** @param {Shape[]} next */
  function settle(next) {
    shapes = next;
    draw();
    onChange(shapes);
    onState();
  }

  /** @param {Shape} shape */
  function add(shape) {
    if (shapes.length >= MOST_SHAPES) onTell(`These are ${MOST_SHAPES} marks, as many as one frame holds. Erase one, or write a second comment.`);
    else commit(fitted([...shapes, shape], layer.ratio()));
  }

  /** @param {number[]} at @param {number} pressure @param {number} near px */
  function begin(at, pressure, near) {
    if (hand?.shape === "text") finishWords();
    if (tool === "erase") erase(at, near);
    else if (tool === "pen") hand = { shape: "pen", points: [[...at, pressure]] };
    else if (tool === "text") hand = { shape: "text", at: place(at), text: "" };
    else if (tool === "pin") {
      const used = shapes.map((shape) => (shape.shape === "pin" ? shape.number : 0));
      hand = { shape: "pin", at: place(at), number: Math.min(HIGHEST_NUMBER, Math.max(0, ...used) + 1) };
    } else hand = { shape: tool, from: place(at), to: place(at) };
    soon();
  }

  /** @param {number[]} at @param {number} pressure @param {number} near px */
  function move(at, pressure, near) {
    if (tool === "erase") erase(at, near);
    else if (hand?.shape === "pen") {
      const [x, y] = hand.points[hand.points.length - 1];
      const moved = Math.hypot((at[0] - x) * layer.size.width, (at[1] - y) * layer.size.height);
      if (moved >= 0.75 && hand.points.length < LONGEST_STROKE) hand.points.push([...at, pressure]);
    } else if (hand?.shape === "arrow" || hand?.shape === "rectangle") hand.to = place(at);
    else if (hand?.shape === "text" || hand?.shape === "pin") hand.at = place(at);
    soon();
  }

  function end() {
    const made = hand;
    if (made?.shape === "text") {
      onState();
      onWords();
      return;
    }
    hand = null;
    if (made?.shape === "pen") add({ shape: "pen", points: simplified(made.points, layer.ratio()) });
    else if (made?.shape === "arrow" || made?.shape === "rectangle") {
      const long = Math.hypot((made.to[0] - made.from[0]) * layer.size.width, (made.to[1] - made.from[1]) * layer.size.height);
      if (long >= 6) add(made);
    } else if (made) add(made);
    draw();
  }

  /** @param {number[]} at @param {number} near px */
  function erase(at, near) {
    const distances = shapes.map((shape) => distanceTo(shape, at, layer.size));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest >= 0 && distances[nearest] <= near) commit(shapes.filter((_, place) => place !== nearest));
  }

  function finishWords() {
    const made = hand;
    if (made?.shape !== "text") return;
    hand = null;
    const text = made.text.trim().slice(0, LONGEST_TEXT);
    if (text) add({ ...made, text });
    draw();
    onState();
  }

  function drop() {
    hand = null;
    pointer = null;
    layer.hold(null);
    onState();
  }

  const pressureOf = (/** @type {PointerEvent} */ event) => (event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.5);
  const nearOf = (/** @type {PointerEvent} */ event) => NEAR_PX[/** @type {keyof typeof NEAR_PX} */ (event.pointerType)] ?? NEAR_PX.mouse;

  svg.addEventListener("pointerdown", (event) => {
    if (!active || event.button || !event.isPrimary) return;
    event.preventDefault();
    if (hand && hand.shape !== "text") drop();
    pointer = event.pointerId;
    svg.setPointerCapture(pointer);
    spot = layer.placeOf(event);
    begin(spot, pressureOf(event), nearOf(event));
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) move(layer.placeOf(step), pressureOf(step), nearOf(event));
  });
  svg.addEventListener("pointerup", (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    end();
  });
  svg.addEventListener("pointercancel", (event) => { if (event.pointerId === pointer) drop(); });

  // Without a hand on a pointer: arrows move a point, Enter puts it down and lifts it.
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = /** @type {Record<string, number[]>} */ (steps)[event.key];
    const down = event.key === "Enter" || event.key === " ";
    if (!active || event.ctrlKey || event.metaKey || event.altKey || (!step && !down)) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) {
      const far = event.shiftKey ? KEY_STEP / 4 : KEY_STEP;
      spot = spot.map((value, axis) => Math.max(0, Math.min(1, value + step[axis] * far)));
      move(spot, 0.5, -1);
    } else if (hand) end();
    else {
      begin(spot, 0.5, NEAR_PX.touch);
      if (["text", "pin", "erase"].includes(tool)) end();
    }
    mark();
  });
  const cross = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  cross.setAttribute("class", "region-layer__point");
  function mark() {
    const [x, y] = [spot[0] * layer.size.width, spot[1] * layer.size.height];
    cross.setAttribute("d", `M${x - 9} ${y}H${x - 3}M${x + 3} ${y}H${x + 9}M${x} ${y - 9}V${y - 3}M${x} ${y + 3}V${y + 9}`);
  }
  svg.addEventListener("focus", mark);

  return {
    element: svg,
    state: () => ({ tool, active, text: hand?.shape === "text" ? hand.text : null, undo: past.length > 0, redo: future.length > 0, some: shapes.length > 0 }),
    shapes: () => shapes,
    /** Whose drawing it is from now on; nothing before it can be undone. @param {Shape[]} next */
    replace(next) {
      past = [];
      future = [];
      hand = null;
      shapes = next;
      draw();
      onState();
    },
    start() {
      active = true;
      svg.classList.add("region-layer--drawing");
      svg.removeAttribute("aria-hidden");
      svg.setAttribute("role", "application");
      svg.setAttribute("aria-label", "The frame, to be drawn on. Arrow keys move the point, Enter puts it down and lifts it.");
      svg.setAttribute("tabindex", "0");
      svg.focus({ preventScroll: true });
      onState();
    },
    stop() {
      finishWords();
      drop();
      active = false;
      svg.classList.remove("region-layer--drawing");
      svg.setAttribute("aria-hidden", "true");
      for (const name of ["role", "aria-label", "tabindex"]) svg.removeAttribute(name);
      onState();
    },
    /** @param {Tool} next */
    use(next) {
      finishWords();
      drop();
      tool = next;
      onState();
    },
    undo() {
      const before = past.pop();
      if (!before) return;
      future.push(shapes);
      settle(before);
    },
    redo() {
      const after = future.pop();
      if (!after) return;
      past.push(shapes);
      settle(after);
    },
    clear() { if (shapes.length) commit([]); },
    /** @param {string} text */
    write(text) {
      if (hand?.shape !== "text") return;
      hand.text = text;
      layer.hold(hand);
    },
    finishWords,
    drop,
    /** @param {boolean} seen */
    show(seen) { svg.classList.toggle("region-layer--away", !seen); },
    remove: layer.remove,
  };
}
