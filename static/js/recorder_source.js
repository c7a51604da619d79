// @ts-check
// What a reply is recorded from: the microphone, or the screen with the microphone mixed in. Refusals become sentences.

/** @typedef {"voice" | "screen"} Kind */

/**
 * @typedef {object} Source something that can be recorded now
 * @property {MediaStream} stream
 * @property {() => number} level how loud it is, 0..1
 * @property {string} warning what is missing, in words; empty when nothing is
 * @property {() => void} stop lets go of microphone and screen
 */

const TYPES = {
  voice: ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"],
  screen: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"],
};
export const UNABLE = "This browser cannot record here. Write your reply instead.";

/** @param {Kind} kind */
export function canRecord(kind) {
  const devices = navigator.mediaDevices;
  if (typeof MediaRecorder === "undefined" || !devices) return false;
  return kind === "voice" ? Boolean(devices.getUserMedia) : Boolean(devices.getDisplayMedia);
}

/** The first type this browser writes; empty leaves it the choice. @param {Kind} kind */
export const typeFor = (kind) => TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type)) ?? "";

/** Why nothing could be recorded. @param {unknown} error @param {Kind} kind */
export function whyNot(error, kind) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const what = kind === "voice" ? "microphone" : "screen";
  const words = {
    NotAllowedError: kind === "voice"
      ? "The microphone was not allowed. Allow it beside the address of this page and press again, or write your reply."
      : "The screen was not shared. Press again and choose what to show, or write your reply.",
    NotFoundError: `No ${what} was found. Connect one and press again, or write your reply.`,
    NotReadableError: `The ${what} is held by another program. Close that and press again, or write your reply.`,
  }[name];
  return words ?? `The ${what} could not be recorded. Press again, or write your reply.`;
}

/** @param {Kind} kind @returns {Promise<Source>} rejects when the person or the browser says no */
export async function openSource(kind) {
  if (!canRecord(kind)) throw new DOMException(UNABLE, "NotSupportedError");
  if (kind === "voice") return mixed(null, await microphone(), "");
  const display = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 30 } }, audio: true });
  let voice = null;
  try {
    voice = await microphone();
  } catch { /* a screen without a voice is better than none */ }
  return mixed(display, voice, voice ? "" : "Your voice is not recorded, because there is no microphone or it was not allowed.");
}

const microphone = () => navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });

/** One stream of all sounds and the picture. @param {MediaStream | null} display @param {MediaStream | null} voice @param {string} warning */
function mixed(display, voice, warning) {
  const streams = [display, voice].filter((one) => one !== null);
  const context = new AudioContext();
  const sum = context.createMediaStreamDestination();
  const ear = context.createAnalyser();
  ear.fftSize = 512;
  const sounding = streams.filter((one) => one.getAudioTracks().length > 0);
  for (const one of sounding) {
    const heard = context.createMediaStreamSource(one);
    heard.connect(sum);
    heard.connect(ear);
  }
  context.resume();
  const samples = new Float32Array(ear.fftSize);
  const stream = new MediaStream([...(display?.getVideoTracks() ?? []), ...(sounding.length ? sum.stream.getAudioTracks() : [])]);
  return {
    stream,
    warning,
    level() {
      ear.getFloatTimeDomainData(samples);
      return Math.min(1, Math.sqrt(samples.reduce((all, one) => all + one * one, 0) / samples.length) * 4);
    },
    stop() {
      for (const one of [...streams, stream]) for (const track of one.getTracks()) track.stop();
      context.close().catch(() => { /* it was closed already */ });
    },
  };
}
