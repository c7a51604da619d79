// @ts-check
// Drawings in the room: the one that belongs to the comment being written, and those of the threads at their moments.
import { shapesIn } from "app/draw_fit.js";
import { regionLayer } from "app/draw_layer.js";
import { drawingPad } from "app/draw_pad.js";
import { drawingStrip, TOOLS } from "app/draw_strip.js";
import { addKeys } from "app/keyboard.js";
import { announce, toast } from "app/toast.js";

/** @typedef {import("app/draw_shapes.js").Shape} Shape */

/** A thread or a draft with something drawn, in the talk. */
const DRAWN = "article[data-region]";
// A drawing on one moment is seen for these two seconds around it.
const BEFORE_MS = 500;
const AFTER_MS = 1500;
// Two moments this near are one: less than a frame of most recordings.
const SAME_MS = 30;

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/threads.js").Threads} threads
 * @param {() => void} write brings the person to the words of the comment
 */
export function createDraw(room, player, threads, write) {
  const opener = /** @type {HTMLElement | null} */ (room.find("[data-draw]"));
  const controls = /** @type {HTMLElement} */ (room.find("[data-controls]"));
  const { video } = player;
  const ratio = video.width / video.height || undefined;
  const seen = showThreads(room, player, threads, regionLayer(video, { ratio }));
  if (!opener) return { start() {}, stop: seen.stop };

  const pad = drawingPad(video, {
    ratio,
    onChange: (shapes) => room.setRegion(shapes.length ? shapes : null, player.now()),
    onState: () => { strip.show(pad.state()); },
    onTell: (words) => { toast(words); },
    onWords: () => strip.field.focus(),
  });
  const strip = drawingStrip({
    use: pad.use, undo: pad.undo, redo: pad.redo, clear: pad.clear, write: pad.write, done,
    finishWords: () => { pad.finishWords(); pad.element.focus({ preventScroll: true }); },
  });
  controls.after(strip.element);
  strip.show(pad.state());
  let letGo = () => {};

  function start() {
    if (pad.state().active) return;
    if (document.fullscreenElement) document.exitFullscreen();
    player.pause();
    const { anchor, region } = room;
    const now = player.now();
    // What is drawn belongs to the frame under it, so that frame is shown.
    if (anchor && (now < anchor.start || now > anchor.end)) player.seek(anchor.start);
    else if (!anchor && region && Math.abs(now - region.at) > SAME_MS) player.seek(region.at);
    controls.hidden = true;
    strip.element.hidden = false;
    // A heading of its own, so that these come after all other keys and win over them.
    letGo = addKeys("While you draw", keysWhile());
    seen.hide(true);
    pad.show(true);
    pad.start();
    announce("Drawing. P, A, R, T, N and E choose a tool, Escape leaves.");
  }

  function leave() {
    if (!pad.state().active) return;
    pad.stop();
    letGo();
    controls.hidden = false;
    strip.element.hidden = true;
    seen.hide(false);
    place(player.now());
  }

  function done() {
    leave();
    if (room.region) write();
    else opener?.focus({ preventScroll: true });
  }

  /** @returns {import("app/keyboard.js").Key[]} */
  function keysWhile() {
    return [
      ...TOOLS.map(({ tool, words, key }) => ({ keys: key, words, run: () => pad.use(tool) })),
      { keys: "Control+z", words: "Undo; with Shift, redo", face: "Ctrl Z", run: (event) => { if (event.shiftKey) pad.redo(); else pad.undo(); } },
      { keys: "Control+y", words: "", run: pad.redo },
      { keys: "", words: "Move the point, put it down and lift it", face: "← ↑ → ↓ Enter" },
      { keys: "Escape", words: "Leave drawing", face: "Esc", typing: true, run: escape },
    ];
  }

  /** The words that are being put down go first, then drawing is left. */
  function escape() {
    if (pad.state().text === null) {
      leave();
      opener?.focus({ preventScroll: true });
      return;
    }
    pad.drop();
    pad.element.focus({ preventScroll: true });
  }

  /** What was drawn and not sent yet is seen where it will be seen. @param {number} ms */
  function place(ms) {
    const { anchor, region } = room;
    if (pad.state().active) {
      // Another frame than the one that is drawn on: what comes next would belong elsewhere.
      const away = anchor ? ms < anchor.start - SAME_MS || ms > anchor.end + SAME_MS : region && Math.abs(ms - region.at) > SAME_MS;
      if (away) leave();
      return;
    }
    pad.show(Boolean(region) && (anchor ? isAt(ms, anchor.start, anchor.end) : isAt(ms, region?.at ?? 0, region?.at ?? 0)));
  }

  opener.addEventListener("click", start);
  video.addEventListener("play", leave);
  room.on("time", place);
  room.on("anchor", () => place(player.now()));
  room.on("region", (region) => {
    if (region?.shapes !== pad.shapes() && (region || pad.shapes().length)) pad.replace(region?.shapes ?? []);
    if (!region && !pad.state().active) pad.show(false);
    else place(player.now());
  });
  let told = () => {};
  // Behind the keys of the other parts, in the help.
  queueMicrotask(() => { told = addKeys("Talking", [{ keys: "d", words: "Draw on this frame; ? then shows its keys", run: start }]); });
  pad.show(false);
  return {
    start,
    stop() {
      leave();
      told();
      pad.remove();
      seen.stop();
    },
  };
}

/** @param {number} ms @param {number} start @param {number} end */
function isAt(ms, start, end) {
  return end > start ? ms >= start - SAME_MS && ms <= end + SAME_MS : ms >= start - BEFORE_MS && ms <= start + AFTER_MS;
}

/**
 * Shows the drawings of threads where they belong, and of the one that is pointed at wherever the video stands.
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/threads.js").Threads} threads
 * @param {import("app/draw_layer.js").Layer} layer
 */
function showThreads(room, player, threads, layer) {
  /** @type {Map<string, Shape[]>} by their text, so that what stands is read once */
  let known = new Map();
  /** @type {HTMLElement[]} threads, and one's own drafts among them */
  let drawn = [];
  /** @type {Element | null} */
  let pointed = null;
  let hidden = false;
  let last = "";

  const textOf = (/** @type {HTMLElement} */ said) => said.dataset.region ?? "";

  function read() {
    drawn = [...threads.box.querySelectorAll(DRAWN)].filter((said) => said instanceof HTMLElement);
    known = new Map(drawn.map((said) => [textOf(said), known.get(textOf(said)) ?? shapesIn(textOf(said))]));
    show();
  }

  function show() {
    if (!drawn.length && !last) return;
    const asked = pointed ?? (player.video.paused ? document.activeElement?.closest?.(DRAWN) : null);
    const one = drawn.find((said) => said === asked);
    const ms = player.now();
    // One without a start lies nowhere in this version.
    const here = (/** @type {HTMLElement} */ { dataset: { start, end } }) => Boolean(start) && isAt(ms, Number(start), Number(end));
    const seen = hidden ? [] : one ? [one] : drawn.filter(here);
    const settled = (/** @type {HTMLElement} */ said) => !one && said.dataset.resolved === "true";
    const key = seen.map((said) => `${said.id}${settled(said) ? "~" : ""}`).join();
    if (key === last) return;
    last = key;
    layer.show(seen.map((said) => ({ shapes: known.get(textOf(said)) ?? [], faint: settled(said) })));
  }

  /** @param {Event} event */
  function point(event) {
    const next = event.type === "pointerleave" ? null : /** @type {Element} */ (event.target).closest(DRAWN);
    if (next === pointed) return;
    pointed = next;
    show();
  }
  threads.box.addEventListener("pointerover", point);
  threads.box.addEventListener("pointerleave", point);
  for (const name of ["focusin", "focusout"]) threads.box.addEventListener(name, () => queueMicrotask(show));
  // Threads, drafts and what is on its way come and go by many hands; each of them is seen here.
  const watched = new MutationObserver(read);
  watched.observe(threads.box, { childList: true, subtree: true });
  queueMicrotask(read);
  room.on("time", show);
  return {
    /** @param {boolean} away */
    hide(away) {
      hidden = away;
      show();
    },
    stop() {
      watched.disconnect();
      layer.remove();
    },
  };
}
