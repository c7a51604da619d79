// @ts-check
// The newest version beside the ledger: it stands where the chosen comment lies, and plays its passage. Times are ms.
import { frameClock } from "app/frames.js";
import { clock } from "app/time.js";
import { announce } from "app/toast.js";

// A comment on one moment plays for as long as it takes to look at it.
const LOOK_MS = 3500;

/** @param {HTMLElement} element */
export function createPassages(element) {
  const video = /** @type {HTMLVideoElement | null} */ (element.querySelector("[data-video]"));
  const version = element.dataset.version ?? "";
  const frames = video && frameClock(video, JSON.parse(element.dataset.frames ?? "{}"));
  let stop = Infinity;

  function tell() {
    if (!video || !frames) return;
    const ms = frames.now();
    if (ms >= stop) video.pause();
    const now = element.querySelector("[data-now]");
    if (now) now.textContent = clock(ms);
    const at = element.querySelector("[data-at]");
    if (at) at.textContent = ` here, ${clock(ms)}`;
  }

  function follow() {
    tell();
    if (video && !video.paused) requestAnimationFrame(follow);
  }

  /** @param {HTMLElement} entry @returns {{start: number, end: number} | null} */
  function passage(entry) {
    if (entry.dataset.start === undefined) return null;
    const start = Number(entry.dataset.start);
    const end = Number(entry.dataset.end);
    return { start, end: end > start ? end : start + LOOK_MS };
  }

  for (const name of ["seeked", "timeupdate", "loadedmetadata", "pause"]) video?.addEventListener(name, tell);
  video?.addEventListener("play", follow);
  if (frames) video?.addEventListener("pause", frames.hold);
  /** @type {HTMLElement | null} */ (element.querySelector("[data-here]"))?.removeAttribute("hidden");

  return {
    /** Where it stands; null without a video that plays. */
    at: () => (video && frames && video.readyState >= HTMLMediaElement.HAVE_METADATA ? frames.now() : null),
    /** Goes where a comment lies. @param {HTMLElement} entry */
    show(entry) {
      const here = passage(entry);
      if (!video || !frames || !here) return;
      video.pause();
      stop = Infinity;
      frames.seek(here.start);
      requestAnimationFrame(tell);
    },
    /** Plays the passage of a comment from its start, or pauses. @param {HTMLElement | null} entry */
    toggle(entry) {
      if (!video || !frames) return;
      if (!video.paused) return void video.pause();
      const here = entry && passage(entry);
      if (!here) return announce(`This passage is not in v${version}.`);
      stop = here.end;
      frames.seek(here.start);
      video.play().catch(() => announce("The video does not play just now."));
    },
    /** @param {number} ms */
    skip(ms) {
      if (!frames) return;
      stop = Infinity;
      frames.seek(Math.max(0, frames.now() + ms));
    },
  };
}
