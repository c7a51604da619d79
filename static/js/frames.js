// @ts-check
// Which picture of a recording is on the screen, and how to get to another one. Every player asks this clock, so that
// a moment is the same picture everywhere. Times are ms. And what is painted first: see afterFrame at the end.
import { createWalk } from "app/frames_uneven.js";

/**
 * How the pictures are counted, written by critique/walkthroughs/frame_clock.py.
 * @typedef {object} Cadence
 * @property {[number, number] | null} rate pictures a second as a fraction; null where they come unevenly
 * @property {number} [first_ms] when the first one is shown
 * @property {number | null} [count] how many there are
 */
/**
 * The picture on the screen: when it began (ms, not rounded), and its number from 0 on, null without an even rate.
 * @typedef {{ms: number, frame: number | null}} Shown
 */
/** @typedef {ReturnType<typeof frameClock>} FrameClock */

// A seek lands in the middle of its picture, or this far from its ends where it stands long: times in files and in
// browsers are rounded, the probe lets a picture stray by 8 ms or three tenths of its length, and Chromium, which
// guesses how long a picture of WebM lasts, may otherwise paint the one before.
const MIDDLE_MS = 20;
// So far the picture on the screen may lag behind the video's own clock when it is paused. What is further off is no
// lag: the tab was hidden, or the picture stands still.
const LAG_MS = 120;
// One step where nothing tells the next picture: what screens are mostly recorded at.
const STEP_MS = 1000 / 30;
// After a seek its picture is told with one of the next repaints. Browsers lose it when it comes between two calls of
// requestVideoFrameCallback; then a seek by a hair makes them tell it again. In a hidden tab they never do.
const PICTURE_MS = 120;
const NUDGES_MS = [0.3, -0.3, 0.3];
// Of two pictures in quick succession Chromium tells the second and, while the video is paused, leaves the first on the
// screen (more than half of the time without a pause between, measured with 156). So steps keep this distance, and
// where a seek came sooner after a picture than the second one, its picture is asked for once more when all is still.
const CALM_MS = 50;
const RUSH_MS = 100;
// A millisecond is not quite what a browser makes of its thousandth of a second; this is more than it loses.
const HAIR_MS = 0.01;

/**
 * A clock of pictures for one video.
 * @param {HTMLVideoElement} video
 * @param {Cadence} cadence
 */
export function frameClock(video, { rate, first_ms: first = 0, count = null }) {
  const span = rate ? (1000 * rate[1]) / rate[0] : 0;
  const last = count ? count - 1 : Infinity;
  const guard = Math.min(MIDDLE_MS, span / 2);
  const tells = "requestVideoFrameCallback" in video;
  /** @type {Set<(shown: Shown | null) => void>} */
  const listeners = new Set();
  /** @type {Shown | null} */
  let shown = null;
  /** @type {{ms: number, frame: number | null, seconds: number, loose?: boolean} | null} where somebody wants to be; loose once it played */
  let asked = null;
  let sought = -1;
  let waiting = false;
  let fresh = false;
  let nudges = 0;
  let quietSince = -Infinity;
  let rushed = false;
  let callback = 0;
  let check = 0;
  let pace = 0;

  const position = () => video.currentTime * 1000;
  const numberOf = (/** @type {number} */ ms) => Math.floor((ms - first) / span + 1e-6);
  const within = (/** @type {number} */ frame) => Math.max(0, Math.min(last, frame));

  /** The number of the picture shown at `ms`; null without an even rate. @param {number} ms @returns {number | null} */
  function frameAt(ms) { return span ? within(numberOf(ms)) : null; }

  /** A moment well inside a picture, as whole ms: what a link to it carries. @param {number} frame @returns {number | null} */
  function msOf(frame) { return span ? Math.round(first + frame * span + guard) : null; }

  /** Where a browser shows the picture of `ms` whatever it rounds. @param {number} ms @returns {number} seconds */
  function secondsOf(ms) {
    const frame = span ? numberOf(ms) : -1;
    if (!span || frame < 0 || frame > last) return Math.max(0, ms + HAIR_MS) / 1000;
    const start = first + frame * span;
    return Math.max(start + guard, Math.min(start + span - guard, ms)) / 1000;
  }

  /** What was asked for, until the video has played on from there. */
  function wish() {
    if (asked?.loose && !video.seeking) {
      const here = span ? frameAt(position()) === asked.frame && (!shown || shown.frame === asked.frame) : Math.abs(position() - asked.seconds * 1000) < 1;
      if (!here) asked = null;
    }
    return asked;
  }

  /** Where the video stands, as whole ms inside the picture that is on the screen. @returns {number} */
  function now() {
    const wished = wish();
    if (wished) return wished.ms;
    const ms = Math.round(position());
    if (!video.paused || !shown || Math.abs(position() - shown.ms) > LAG_MS + span) return ms;
    if (shown.frame === null) return tells ? Math.ceil(shown.ms - HAIR_MS) : ms;
    return frameAt(ms) === shown.frame ? ms : (msOf(shown.frame) ?? ms);
  }

  function tell() {
    for (const listen of listeners) listen(shown);
  }

  /** @param {number} seconds */
  function move(seconds) {
    rushed ||= video.seeking || performance.now() - quietSince < RUSH_MS;
    sought = seconds;
    video.currentTime = seconds;
  }

  /** @param {number} ms @param {{wait?: boolean}} [how] wait: the picture before is seen first */
  function go(ms, { wait = false } = {}) {
    const seconds = secondsOf(ms);
    asked = { ms: Math.round(ms), frame: frameAt(ms), seconds };
    clearTimeout(pace);
    waiting = wait && (video.seeking || performance.now() - quietSince < CALM_MS);
    if (!waiting) move(seconds);
    else if (!video.seeking) goOn();
  }

  /** Goes where it was not yet time to go. */
  function goOn() {
    clearTimeout(pace);
    pace = window.setTimeout(() => {
      if (!waiting || video.seeking) return;
      waiting = false;
      if (asked) move(asked.seconds);
    }, Math.max(0, CALM_MS - (performance.now() - quietSince)));
  }

  /** @param {number} ms @param {number | null} frame */
  function present(ms, frame) {
    shown = { ms, frame };
    fresh = !video.seeking;
    quietSince = performance.now();
    confirm();
    if (!walk.busy()) tell();
  }

  /** After a seek, makes sure that the picture on the screen is known; or that there is none where it was looked for. */
  function confirm() {
    clearTimeout(check);
    if (!video.paused || video.seeking || waiting || walk.busy() || !tells || !video.videoWidth || document.hidden) return;
    const known = asked && span ? shown?.frame === asked.frame : fresh;
    if (known) nudges = 0;
    if (!known || rushed) check = window.setTimeout(nudge, PICTURE_MS);
  }

  function nudge() {
    if (!video.paused || video.ended || video.seeking || waiting || walk.busy()) return;
    rushed = false;
    if (nudges < NUDGES_MS.length) {
      move(video.currentTime + NUDGES_MS[nudges] / 1000);
      nudges += 1;
      return;
    }
    nudges = 0;
    if (fresh) asked = null;
    else present(position(), frameAt(position()));
  }

  const walk = createWalk({
    video,
    tells: () => tells && video.videoWidth > 0,
    shown: () => shown?.ms ?? null,
    move: (ms) => move(ms / 1000),
    inside: (ms) => secondsOf(Math.ceil(ms - HAIR_MS)) * 1000,
    arrive(ms) {
      const at = Math.ceil(ms - HAIR_MS);
      asked = { ms: at, frame: null, seconds: secondsOf(at) };
      tell();
    },
    skip: (way) => go(Math.max(0, now() + way * STEP_MS)),
    rest() { tell(); confirm(); },
    nudges: NUDGES_MS,
    pause: CALM_MS,
    patience: PICTURE_MS,
  });

  function watch() {
    callback = video.requestVideoFrameCallback((_, { mediaTime }) => {
      watch();
      const ms = mediaTime * 1000;
      present(ms, span ? within(Math.round((ms - first) / span)) : null);
    });
  }

  /** Where the browser says nothing about pictures, the video's own clock does. */
  function guess() {
    if (!tells || !video.videoWidth) present(position(), frameAt(position()));
  }

  function follow() {
    if (video.paused || (tells && video.videoWidth)) return;
    guess();
    requestAnimationFrame(follow);
  }

  /** @type {Record<string, () => void>} */
  const events = {
    play: () => {
      const from = walk.stop();
      if (from !== null) move(from / 1000);
      else if (waiting && asked) move(asked.seconds);
      waiting = false;
      if (asked) asked.loose = true;
      follow();
    },
    pause: () => { guess(); tell(); },
    loadeddata: guess,
    seeking: () => {
      fresh = false;
      if (Math.abs(video.currentTime - sought) > 0.001) asked = null;
    },
    seeked: () => {
      if (video.seeking) return;
      quietSince = performance.now();
      if (waiting) goOn();
      else guess();
      confirm();
      if (!walk.busy()) tell();
    },
  };
  for (const [name, act] of Object.entries(events)) video.addEventListener(name, act);
  if (tells) watch();

  return {
    /** Whether pictures have numbers here. */
    even: span > 0,
    frameAt,
    msOf,
    now,
    /** Whether the picture asked for is still to come. */
    busy: () => walk.busy() || waiting || video.seeking,
    /** The picture on the screen, null as long as there is none. */
    shown: () => shown,
    /** Goes to the picture of a moment. @param {number} ms */
    seek(ms) {
      walk.stop();
      go(ms);
      tell();
    },
    /** So many pictures on (or back, below 0). Stays put at both ends. @param {number} pictures */
    step(pictures) {
      video.pause();
      if (span) {
        const from = wish()?.frame ?? shown?.frame ?? frameAt(now()) ?? 0;
        const frame = within(from + pictures);
        if (frame !== from) go(msOf(frame) ?? 0, { wait: true });
      } else walk.step(pictures);
      tell();
    },
    /**
     * Makes sure of the picture a pause has stopped at: a busy browser may have put another one on the screen than it
     * told, and its clock may stand at a third.
     */
    hold() {
      if (video.paused && !video.ended && !video.seeking && !walk.busy() && shown && (!wish() || asked?.loose)) go(now(), { wait: true });
    },
    /** Calls back with each picture that is shown. @param {(shown: Shown | null) => void} listen @returns {() => void} ends it */
    onFrame(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    stop() {
      walk.stop();
      listeners.clear();
      clearTimeout(check);
      clearTimeout(pace);
      for (const [name, act] of Object.entries(events)) video.removeEventListener(name, act);
      if (tells) video.cancelVideoFrameCallback(callback);
    },
  };
}

// A tab in the background paints nothing, and there nobody waits to see anything.
const PATIENCE_MS = 120;

/** Runs `work` once after the next frame was painted. @param {() => void} work */
export function afterFrame(work) {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    work();
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, PATIENCE_MS);
}
