// @ts-check
// A sheet of glass over the picture of a <video> or <img>, for drawings: exactly over the picture, not over its black bars.
import { drawShapes } from "app/draw_shapes.js";

/** @typedef {import("app/draw_shapes.js").Shape} Shape */
/** @typedef {{shapes: Shape[], faint?: boolean}} Region */
/** @typedef {ReturnType<typeof regionLayer>} Layer */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Lays a layer over a frame. It never takes a click, follows resizing and full screen, and needs a positioned parent.
 * @param {HTMLVideoElement | HTMLImageElement} frame
 * @param {{ratio?: number}} [options] width to height of the picture, until the frame knows it
 */
export function regionLayer(frame, { ratio } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "region-layer");
  svg.setAttribute("aria-hidden", "true");
  const [still, moving] = [0, 1].map(() => svg.appendChild(document.createElementNS(SVG, "g")));
  frame.after(svg);
  /** @type {Region[]} */
  let shown = [];
  /** @type {Shape | null} */
  let held = null;
  const size = { width: 0, height: 0 };

  const shape = () => {
    const own = frame instanceof HTMLImageElement ? frame.naturalWidth / frame.naturalHeight : frame.videoWidth / frame.videoHeight;
    return own > 0 && Number.isFinite(own) ? own : ratio || frame.clientWidth / Math.max(1, frame.clientHeight);
  };

  /** Where the picture lies inside its element, by its object-fit, and the layer over it. */
  function lay() {
    const [wide, high, fit] = [frame.clientWidth, frame.clientHeight, getComputedStyle(frame).objectFit];
    let [width, height] = [wide, high];
    if (fit !== "fill" && wide && high) {
      const tight = wide / high > shape();
      if (tight !== (fit === "cover")) width = high * shape();
      else height = wide / shape();
    }
    const place = { left: frame.offsetLeft + frame.clientLeft + (wide - width) / 2, top: frame.offsetTop + frame.clientTop + (high - height) / 2, width, height };
    for (const [name, value] of Object.entries(place)) svg.style.setProperty(name, `${value}px`);
    if (Math.abs(width - size.width) < 0.5 && Math.abs(height - size.height) < 0.5) return;
    Object.assign(size, { width, height });
    svg.setAttribute("viewBox", `0 0 ${Math.max(1, width)} ${Math.max(1, height)}`);
    redraw();
    hold(held);
  }

  function redraw() {
    still.replaceChildren(...shown.map(({ shapes, faint }) => {
      const group = drawShapes(shapes, size);
      if (faint) group.setAttribute("class", "region--faint");
      return group;
    }));
  }

  /** Shows one more shape that is still being made, or none. @param {Shape | null} shape */
  function hold(shape) {
    held = shape;
    moving.replaceChildren(...(shape ? [drawShapes([shape], size)] : []));
  }

  const watched = new ResizeObserver(lay);
  watched.observe(frame);
  if (frame.parentElement) watched.observe(frame.parentElement);
  for (const name of ["loadedmetadata", "resize", "load"]) frame.addEventListener(name, lay);
  lay();
  return {
    element: svg,
    size,
    ratio: shape,
    hold,
    /** @param {Array<Region | Shape[]>} regions */
    show(regions) {
      shown = regions.map((region) => (Array.isArray(region) ? { shapes: region } : region));
      redraw();
    },
    clear() {
      shown = [];
      redraw();
      hold(null);
    },
    /** Where a pointer is on the picture, 0..1 and never outside of it. @param {PointerEvent} event */
    placeOf(event) {
      const { left, top, width, height } = svg.getBoundingClientRect();
      const part = (/** @type {number} */ value) => Math.max(0, Math.min(1, value));
      return [part((event.clientX - left) / Math.max(1, width)), part((event.clientY - top) / Math.max(1, height))];
    },
    remove() {
      watched.disconnect();
      for (const name of ["loadedmetadata", "resize", "load"]) frame.removeEventListener(name, lay);
      svg.remove();
    },
  };
}
