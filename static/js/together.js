// @ts-check
// Two people in one room: the video plays for both, and each sees the other's pointer and pencil. What is said stays
// in comments; what happens here is forgotten. Signals go up by POST and come down as server-sent events.
import { regionLayer } from "app/draw_layer.js";
import { fetchJSON } from "app/request.js";
import { clock } from "app/time.js";
import { announce, toast } from "app/toast.js";

/** @typedef {import("app/room.js").Room} Room */
/** @typedef {import("app/player.js").Player} Player */
/** @typedef {{id: number, by: number, kind: string, at_ms?: number, playing?: boolean, x?: number, y?: number, points?: number[][], age_ms?: number}} Signal */

const POINT_EVERY_MS = 120;
const HERE_EVERY_MS = 8000;
const GONE_AFTER_MS = 20_000;
// The events of what was just done come within this time; a stop that lasts longer is one's own.
const OBEYED_MS = 1000;
// Two players this close to each other are together: correcting less would stutter for both.
const CLOSE_MS = 400;

/** @param {Room} room @param {Player} player */
export function startTogether(room, player) {
  const written = document.getElementById("session-data")?.textContent;
  const strip = /** @type {HTMLElement | null} */ (room.find("[data-session]"));
  if (!written || !strip) return () => {};
  const data = JSON.parse(written);
  const video = player.video;
  const follow = /** @type {HTMLInputElement} */ (strip.querySelector("[data-follow]"));
  const wiper = /** @type {HTMLButtonElement} */ (strip.querySelector("[data-wipe]"));
  const layer = regionLayer(video);
  layer.element.classList.add("region-layer--shared");
  /** @type {Map<number, number>} person -> when they were last heard of */
  const heard = new Map();
  /** @type {import("app/draw_shapes.js").Shape[]} */
  const sketched = [];
  const hands = new Map();
  /** What was last done because the other did it: the events of it are not told back. */
  let obeyed = { at: 0, playing: false, when: -Infinity };
  let sketching = false;
  let stopped = false;

  /** @param {Record<string, unknown>} signal */
  function send(signal) {
    if (stopped) return;
    fetchJSON(data.url, { method: "POST", body: signal }).catch((error) => {
      if (error.status === 409 || error.status === 404) end(error.message);
    });
  }

  function isObedience() {
    const passed = performance.now() - obeyed.when;
    const at = obeyed.at + (obeyed.playing ? passed : 0);
    return passed < OBEYED_MS && obeyed.playing === !video.paused && Math.abs(player.now() - at) < CLOSE_MS;
  }

  /** @param {string} kind */
  function steer(kind) {
    if (!follow.checked || isObedience()) return;
    send({ kind, at_ms: Math.round(player.now()), playing: !video.paused });
  }

  /** Does what the other did, without telling it back. @param {Signal} signal */
  function obey({ kind, at_ms = 0, playing, age_ms = 0 }) {
    if (!follow.checked) return;
    const at = at_ms + (playing ? age_ms : 0);
    obeyed = { at, playing: playing ?? false, when: performance.now() };
    if (Math.abs(player.now() - at) > CLOSE_MS || kind === "seek") player.seek(at);
    if (playing && video.paused) {
      video.play().catch(() => toast("Press play once: your browser waits for you before it makes a sound.", { kind: "info" }));
    }
    if (!playing && !video.paused) player.pause();
  }

  /** @param {Signal} signal */
  function hear(signal) {
    heard.set(signal.by, Date.now());
    showWho();
    if (["play", "pause", "seek"].includes(signal.kind)) obey(signal);
    else if (signal.kind === "pointer") point(signal);
    else if (signal.kind === "away") hands.get(signal.by)?.remove(), hands.delete(signal.by);
    else if (signal.kind === "stroke" && signal.points) draw(signal.points);
    else if (signal.kind === "clear") wipe();
  }

  /** @param {Signal} signal */
  function point({ by, x = 0, y = 0 }) {
    let hand = hands.get(by);
    if (!hand) {
      hand = document.createElement("span");
      hand.className = "hand";
      hand.setAttribute("aria-hidden", "true");
      hand.textContent = data.names[by] ?? "";
      video.after(hand);
      hands.set(by, hand);
    }
    const [frame, parent] = [layer.element.getBoundingClientRect(), /** @type {HTMLElement} */ (video.parentElement).getBoundingClientRect()];
    hand.style.setProperty("translate", `${frame.left - parent.left + x * frame.width}px ${frame.top - parent.top + y * frame.height}px`);
  }

  /** @param {number[][]} points */
  function draw(points) {
    sketched.push({ shape: "pen", points });
    layer.show([sketched]);
    wiper.hidden = false;
  }

  function wipe() {
    sketched.length = 0;
    layer.clear();
    wiper.hidden = true;
  }

  function showWho() {
    const there = [...heard].filter(([, at]) => Date.now() - at < GONE_AFTER_MS).map(([by]) => data.names[by]);
    const words = strip?.querySelector("[data-there]");
    const said = there.length ? `${there.join(" and ")} ${there.length === 1 ? "is" : "are"} here` : "waiting for them";
    if (words && words.textContent !== said) words.textContent = said;
  }

  /** @param {string} words */
  function end(words) {
    stopped = true;
    source.close();
    announce(words);
    const line = strip?.querySelector("[data-there]");
    if (line) line.textContent = words;
  }

  // What the other does.
  const source = new EventSource(`${data.url}?after=${data.last}`);
  source.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("gone", () => end("The session is over. The room stays open as ever."));

  // What I do.
  const events = /** @type {const} */ ([["play", "play"], ["pause", "pause"], ["seeked", "seek"]]);
  const telling = events.map(([name, kind]) => {
    const tell = () => steer(kind);
    video.addEventListener(name, tell);
    return () => video.removeEventListener(name, tell);
  });
  const screen = /** @type {HTMLElement} */ (room.find("[data-screen]"));
  const stroking = sketch(screen, layer, () => sketching, (points) => {
    draw(points);
    send({ kind: "stroke", at_ms: Math.round(player.now()), points });
  });
  let pointed = 0;
  const move = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === "touch" || Date.now() - pointed < POINT_EVERY_MS) return;
    pointed = Date.now();
    const [x, y] = layer.placeOf(event);
    send({ kind: "pointer", x, y });
  };
  const leave = () => send({ kind: "away" });
  screen.addEventListener("pointermove", move);
  screen.addEventListener("pointerleave", leave);
  const pencil = /** @type {HTMLButtonElement} */ (strip.querySelector("[data-sketch]"));
  pencil.hidden = false;
  pencil.addEventListener("click", () => {
    sketching = !sketching;
    pencil.setAttribute("aria-pressed", String(sketching));
    layer.element.classList.toggle("region-layer--drawing", sketching);
    if (sketching) player.pause();
  });
  wiper.addEventListener("click", () => { wipe(); send({ kind: "clear" }); });

  const timer = strip.querySelector("[data-timer]");
  const skew = data.now_ms - Date.now();
  const tick = setInterval(() => {
    const left = data.ends_ms - (Date.now() + skew);
    if (timer) timer.textContent = left > 0 ? `${clock(left)} left` : `over since ${clock(-left)}`;
    strip.classList.toggle("session--late", left < 60_000);
    showWho();
  }, 1000);
  const here = setInterval(() => send({ kind: "here" }), HERE_EVERY_MS);
  send({ kind: "here" });
  if (data.steer) obey(data.steer);
  return () => {
    stopped = true;
    source.close();
    clearInterval(tick);
    clearInterval(here);
    for (const forget of telling) forget();
    stroking();
    screen.removeEventListener("pointermove", move);
    screen.removeEventListener("pointerleave", leave);
    for (const hand of hands.values()) hand.remove();
    layer.remove();
  };
}

/**
 * One pencil for both: a stroke is told when the pen is lifted.
 * @param {HTMLElement} screen @param {import("app/draw_layer.js").Layer} layer
 * @param {() => boolean} wanted @param {(points: number[][]) => void} done
 */
function sketch(screen, layer, wanted, done) {
  /** @type {number[][] | null} */
  let points = null;
  const down = (/** @type {PointerEvent} */ event) => {
    if (!wanted() || event.button !== 0) return;
    event.preventDefault();
    screen.setPointerCapture(event.pointerId);
    points = [[...layer.placeOf(event), event.pressure || 0.5]];
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (!points || points.length >= 400) return;
    points.push([...layer.placeOf(event), event.pressure || 0.5]);
    layer.hold({ shape: "pen", points });
  };
  const up = () => {
    if (points && points.length > 1) done(points);
    points = null;
    layer.hold(null);
  };
  const click = (/** @type {Event} */ event) => { if (wanted()) event.stopPropagation(); };
  screen.addEventListener("pointerdown", down);
  screen.addEventListener("pointermove", move);
  screen.addEventListener("pointerup", up);
  screen.addEventListener("pointercancel", up);
  screen.addEventListener("click", click, true);
  return () => {
    screen.removeEventListener("pointerdown", down);
    screen.removeEventListener("pointermove", move);
    screen.removeEventListener("pointerup", up);
    screen.removeEventListener("pointercancel", up);
    screen.removeEventListener("click", click, true);
  };
}
