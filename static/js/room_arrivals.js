// @ts-check
// What is still being made when the room opens (words, waveform, pictures) comes in without a reload.
import { drawWave } from "app/timeline_wave.js";
import { announce } from "app/toast.js";
import { createTranscript } from "app/transcript.js";

const EVERY_MS = 3000;

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/transcript.js").Transcript} transcript is given the new words
 * @param {import("app/threads.js").Threads} threads
 * @returns {() => void}
 */
export function awaitArrivals(room, player, transcript, threads) {
  const { data } = room;
  const isWaiting = () => room.find("[data-steps-of]") !== null && (!data.peaks || !data.sprite || !data.transcript);
  let timer = 0;

  async function look() {
    const page = document.hidden ? null : await fetchPage();
    const written = page?.getElementById("room-data")?.textContent;
    if (page && written) take(page, JSON.parse(written));
    if (isWaiting()) timer = setTimeout(look, EVERY_MS);
  }

  /** @param {Document} page @param {import("app/room.js").RoomData} fresh */
  function take(page, fresh) {
    const [hadPeaks, hadWords] = [data.peaks, data.transcript];
    data.sprite = fresh.sprite;
    data.sprite_track = fresh.sprite_track;
    data.peaks = fresh.peaks;
    room.tell("arrived", { page, fresh });
    if (!hadPeaks && data.peaks) drawWave(room, player);
    const section = page.querySelector("[data-manuscript]");
    if (!hadWords && fresh.transcript && section) {
      data.transcript = fresh.transcript;
      data.words = fresh.words;
      room.find("[data-manuscript]")?.replaceWith(document.importNode(section, true));
      room.find("[data-side]")?.classList.remove("side--no-words");
      Object.assign(transcript, createTranscript(room, player));
      threads.reread();
      announce("The words are here.");
    }
    const steps = room.find("[data-steps-of]");
    if (steps && !page.querySelector("[data-steps-of]")) steps.remove();
  }

  timer = isWaiting() ? setTimeout(look, EVERY_MS) : 0;
  return () => clearTimeout(timer);
}

/** This page as the server would send it now; null when it cannot be had. */
async function fetchPage() {
  try {
    const response = await fetch(location.pathname + location.search, { credentials: "same-origin", headers: { Accept: "text/html" } });
    return response.ok && !response.redirected ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}
