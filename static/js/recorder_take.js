// @ts-check
// What was recorded and not sent yet: kept on this device, played, and sent by tus.
import { Upload } from "tus-js-client";
import { csrfToken } from "app/request.js";
import { onceToken } from "app/room_post.js";

/** @typedef {{blob: Blob, kind: import("app/recorder_source.js").Kind, ms: number, at: number, recording?: string}} Take */

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000];
const DAYS_KEPT = 30;
const person = () => document.querySelector('meta[name="person"]')?.getAttribute("content") ?? "guest";
const place = (/** @type {string} */ comment) => `${person()}-${comment}`;

/**
 * Runs one request on the store of takes; null where this browser keeps nothing.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T | null>}
 */
function inStore(mode, ask) {
  return new Promise((resolve) => {
    const fail = () => resolve(null);
    try {
      const opening = indexedDB.open("critique", 1);
      opening.onupgradeneeded = () => { opening.result.createObjectStore("takes"); };
      opening.onerror = fail;
      opening.onblocked = fail;
      opening.onsuccess = () => {
        const base = opening.result;
        const work = base.transaction("takes", mode);
        const asked = ask(work.objectStore("takes"));
        work.oncomplete = () => { base.close(); resolve(asked.result); };
        work.onabort = () => { base.close(); fail(); };
      };
    } catch { fail(); }
  });
}

/** Whether it is safe on this device now. @param {string} comment id @param {Take} take */
export const keepTake = async (comment, take) => (await inStore("readwrite", (store) => store.put(take, place(comment)))) !== null;

/** @param {string} comment @returns {Promise<Take | null>} what this person recorded here and did not send */
export async function keptTake(comment) {
  const take = await inStore("readonly", (store) => store.get(place(comment)));
  if (!take || Date.now() - take.at < DAYS_KEPT * 86_400_000) return take ?? null;
  await forgetTake(comment);
  return null;
}

/** @param {string} comment */
export const forgetTake = (comment) => inStore("readwrite", (store) => store.delete(place(comment)));

/** A name to save it under. @param {Take} take */
export function nameOf(take) {
  const end = /\/(webm|mp4|ogg)/.exec(take.blob.type)?.[1] ?? "webm";
  return `${take.kind}-reply.${end}`;
}

/** A player of the take; browsers write no length into what they record, so it is looked for. @param {Take} take @param {string} url */
export function playerOf(take, url) {
  const player = document.createElement(take.kind === "screen" ? "video" : "audio");
  player.controls = true;
  player.className = take.kind === "screen" ? "recorded__screen" : "recorded__sound";
  player.setAttribute("aria-label", take.kind === "screen" ? "Your screen, not sent yet" : "Your voice, not sent yet");
  player.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(player.duration)) return;
    player.addEventListener("durationchange", () => { player.currentTime = 0; }, { once: true });
    player.currentTime = 1e7;
  }, { once: true });
  player.src = url;
  return player;
}

/**
 * Sends a take; calling `send` again after a failure goes on where it stopped.
 * @param {Take} take
 * @param {{endpoint: string, comment: string, progress: (share: number) => void}} told
 */
export function sender(take, { endpoint, comment, progress }) {
  /** @type {any} */
  let running = null;
  return {
    /** @returns {Promise<string>} id of the recording; rejects with a sentence */
    send: () => new Promise((resolve, reject) => {
      let id = "";
      running ??= new Upload(take.blob, {
        endpoint,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_MS,
        storeFingerprintForResuming: false,
        headers: { "X-CSRFToken": csrfToken(), "Idempotency-Key": onceToken() },
        metadata: { reply: comment, filename: nameOf(take), filetype: take.blob.type },
      });
      Object.assign(running.options, {
        onAfterResponse: (/** @type {any} */ _asked, /** @type {any} */ answer) => { id = answer.getHeader("Walkthrough-Id") ?? id; },
        onProgress: (/** @type {number} */ sent, /** @type {number} */ total) => progress(sent / total),
        onSuccess: () => resolve(id),
        onError: (/** @type {any} */ error) => {
          const status = error.originalResponse?.getStatus?.() ?? 0;
          // What was refused for good is begun anew.
          if (status >= 400 && status < 500 && ![401, 409, 423, 429].includes(status)) running = null;
          reject(new Error(sentenceOf(error, status)));
        },
      });
      running.start();
    }),
    stop: () => { running?.abort(); },
  };
}

/** @param {any} error @param {number} status */
function sentenceOf(error, status) {
  if (status === 401) return "You are signed out. Sign in again in another tab and press Reply.";
  try {
    const problem = JSON.parse(error.originalResponse?.getBody() ?? "");
    if (problem.detail) return String(problem.detail);
  } catch { /* not ours, so the status speaks */ }
  return status === 0 ? "Critique cannot be reached." : "The upload stopped on our side.";
}
