// @ts-check
// The native video with our controls below it, so that nothing ever lies over the frame. Times are ms.
import { frameClock } from "app/frames.js";
import { clock, clockMs } from "app/time.js";
import { announce } from "app/toast.js";

/** @typedef {import("app/room.js").Room} Room */
/** @typedef {ReturnType<typeof createPlayer>} Player */

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
// As long as the volume is shown in the place of its sign.
const LEVEL_MS = 1200;

/** @param {Room} room @param {HTMLVideoElement} video */
export function createPlayer(room, video) {
  const frames = frameClock(video, room.data.frames);
  const screen = /** @type {HTMLElement} */ (room.find("[data-screen]"));
  const controls = /** @type {HTMLElement} */ (room.find("[data-controls]"));
  const duration = () => (room.data.duration_ms || (Number.isFinite(video.duration) ? video.duration * 1000 : 0));
  const { now } = frames;
  let shownSecond = -1;
  let posterUp = video.hasAttribute("poster");
  let levelTimer = 0;

  function announceTime() {
    const ms = now();
    room.tell("time", ms);
    const second = Math.floor(ms / 1000);
    if (second === shownSecond) return;
    shownSecond = second;
    const words = controls.querySelector("[data-now]");
    if (words) words.textContent = clock(ms);
  }

  /** Says which picture is on the screen: its number, or its time where pictures come unevenly. Silent while it plays. */
  function announcePicture() {
    const label = /** @type {HTMLElement | null} */ (controls.querySelector("[data-picture]"));
    if (!label) return;
    const shown = frames.shown();
    const known = shown && !posterUp && video.paused;
    if (known) label.textContent = shown.frame === null ? clockMs(now()) : `Frame ${shown.frame}`;
    label.setAttribute("aria-busy", String(frames.busy()));
    label.classList.toggle("is-still", Boolean(known));
  }

  const player = {
    video,
    frames,
    now,
    duration,
    announceTime,
    /** @param {number} ms */
    seek(ms) {
      const end = duration();
      frames.seek(Math.max(0, end ? Math.min(ms, end - 1) : ms));
      announceTime();
    },
    /** @param {number} ms */
    skip(ms) { player.seek(now() + ms); },
    toggle() {
      if (video.paused) player.play();
      else video.pause();
    },
    play() { video.play().catch((error) => { if (error.name !== "AbortError") trouble(); }); },
    /** Plays without having been pressed here. A browser that wants a press first is no trouble: the button is at hand. */
    begin() { video.play().catch(() => { /** @type {HTMLElement | null} */ (controls.querySelector('[data-do="toggle"]'))?.focus(); }); },
    pause() {
      video.pause();
      // Whoever stops to write or to draw means the picture of this moment, and the poster is of another one.
      if (posterUp) frames.seek(now());
    },
    /** So many frames on or back. @param {number} count */
    frame(count) {
      frames.step(count);
      announceTime();
    },
    frameBack() { player.frame(-1); },
    frameOn() { player.frame(1); },
    /** @param {number} step places on the scale of speeds */
    speed(step) {
      const at = SPEEDS.findIndex((speed) => speed >= video.playbackRate - 0.01);
      setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + step))]);
    },
    cycleSpeed() {
      const at = SPEEDS.indexOf(video.playbackRate);
      setSpeed(SPEEDS[(at + 1) % SPEEDS.length] ?? 1);
    },
    mute() { video.muted = !video.muted; },
    /** @param {number} percent louder, or quieter below 0 */
    volume(percent) {
      const level = Math.max(0, Math.min(100, Math.round(video.volume * 100) + percent));
      video.volume = level / 100;
      if (percent > 0) video.muted = false;
      showLevel(video.muted ? 0 : level);
    },
    captions() {
      const track = video.textTracks[0];
      if (!track) return;
      track.mode = track.mode === "showing" ? "disabled" : "showing";
      room.find("[data-captions]")?.setAttribute("aria-pressed", String(track.mode === "showing"));
    },
    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else (screen.requestFullscreen?.() ?? Promise.reject()).catch(() => {
        /** @type {any} */ (video).webkitEnterFullscreen?.();
      });
    },
    /** @param {number} tenth 0..9 of the whole */
    jump(tenth) { player.seek((duration() * tenth) / 10); },
    clearRange() { room.setAnchor(null); },
    markIn() { mark("start"); },
    markOut() { mark("end"); },
  };

  /** @param {number} speed */
  function setSpeed(speed) {
    video.playbackRate = speed;
    const button = room.find("[data-speed]");
    if (button) {
      button.textContent = `${speed}×`;
      button.setAttribute("aria-label", `Speed: ${speed}×`);
    }
    announce(`Speed ${speed}`);
  }

  /** @param {number} level percent */
  function showLevel(level) {
    const words = room.find("[data-level]");
    if (words) words.textContent = `${level} %`;
    show(room.find("[data-mute]"), "level");
    clearTimeout(levelTimer);
    levelTimer = window.setTimeout(() => { levelTimer = 0; onState(); }, LEVEL_MS);
    announce(`Volume ${level} %`);
  }

  /** Moves one end of the range here; the other end stays, or gives way. @param {"start" | "end"} edge */
  function mark(edge) {
    const at = now();
    const old = room.anchor ?? { start: edge === "end" ? 0 : at, end: edge === "end" ? at : Math.min(at + 3000, duration()) };
    const start = edge === "start" ? at : Math.min(old.start, at);
    const end = edge === "end" ? at : Math.max(old.end, at);
    room.setAnchor({ start, end, first: null, last: null, quote: "" });
    announce(`Range ${clock(start)} to ${clock(end)}`);
  }

  function trouble() {
    const note = /** @type {HTMLElement | null} */ (room.find("[data-video-trouble]"));
    if (!note) return;
    note.textContent = "The video does not play just now. Reload the page; your text is kept.";
    note.hidden = false;
  }

  const onState = () => {
    const playing = !video.paused && !video.ended;
    const button = controls.querySelector('[data-do="toggle"]');
    button?.setAttribute("aria-label", playing ? "Pause" : "Play");
    show(button, playing ? "pause" : "play");
    const mute = room.find("[data-mute]");
    mute?.setAttribute("aria-pressed", String(video.muted));
    if (!levelTimer) show(mute, video.muted ? "mute" : "loud");
    screen.classList.toggle("screen--playing", playing);
  };
  for (const name of ["play", "pause", "ended", "volumechange"]) video.addEventListener(name, onState);
  for (const name of ["seeked", "timeupdate", "pause", "loadedmetadata"]) video.addEventListener(name, announceTime);
  for (const name of ["play", "seeking"]) video.addEventListener(name, () => { posterUp = false; announcePicture(); });
  video.addEventListener("pause", frames.hold);
  frames.onFrame(() => { announceTime(); announcePicture(); });
  room.later(frames.stop);
  video.addEventListener("error", trouble, true);
  video.addEventListener("click", () => { player.toggle(); });
  const act = (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
    const does = /** @type {any} */ (player)[button?.dataset.do ?? ""];
    if (does) does();
  };
  controls.addEventListener("click", act);
  room.on("anchor", (/** @type {import("app/room.js").Anchor | null} */ anchor) => {
    const line = /** @type {HTMLElement | null} */ (room.find("[data-range-line]"));
    if (!line) return;
    line.hidden = !anchor || anchor.end <= anchor.start;
    const words = line.querySelector("[data-range-words]");
    if (anchor && words) words.textContent = `${clock(anchor.start)}–${clock(anchor.end)}`;
  });
  video.controls = false;
  controls.hidden = false;
  onState();
  return player;
}

/** @param {Element | null | undefined} button @param {string} face */
function show(button, face) {
  for (const part of button?.querySelectorAll("[data-face]") ?? []) {
    /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.face !== face;
  }
}
