// @ts-check
// What was chosen to be uploaded: told by its bytes, measured, and refused in words before anything is sent.

export const MOST_PICTURES = 20;
const LARGEST_PICTURE = 100e6;
const PICTURES = /** @type {const} */ ([["png", [0x89, 0x50, 0x4e, 0x47]], ["jpeg", [0xff, 0xd8, 0xff]]]);
const OTHERS = /** @type {Record<string, string>} */ ({
  "image/gif": "a GIF", "image/svg+xml": "an SVG drawing", "image/heic": "a HEIC picture", "image/heif": "a HEIC picture",
  "image/avif": "an AVIF picture", "image/tiff": "a TIFF picture", "image/bmp": "a BMP picture", "application/pdf": "a PDF",
});
const WHAT_WORKS = "Pictures can be PNG, JPEG or WebP, recordings any video or sound. Nothing was sent.";

/** @param {number} count bytes @returns {string} as the server says sizes */
export function spokenSize(count) {
  for (const [unit, bytes] of /** @type {const} */ ([["GB", 1e9], ["MB", 1e6], ["KB", 1e3]])) {
    if (count >= bytes) return `${(count / bytes).toFixed(unit === "GB" ? 1 : 0)} ${unit}`;
  }
  return `${count} bytes`;
}

/** @param {number} ms until it is done @returns {string} as people say it */
export function spokenRest(ms) {
  if (!Number.isFinite(ms)) return "";
  const minutes = Math.round(ms / 60_000);
  if (minutes >= 1) return `, about ${minutes} minute${minutes === 1 ? "" : "s"} left`;
  return ", less than a minute left";
}

/** Whether a file begins as a picture does; its name and type may say what they like. @param {File} file */
export async function isPicture(file) {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head);
  if (text.startsWith("RIFF") && text.slice(8) === "WEBP") return true;
  return PICTURES.some(([, start]) => start.every((byte, at) => head[at] === byte));
}

/** Length in minutes as the browser reads it; null where it cannot. @param {File} file @returns {Promise<number | null>} */
function minutesOf(file) {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    const url = URL.createObjectURL(file);
    const done = (/** @type {number | null} */ value) => { clearTimeout(timer); URL.revokeObjectURL(url); resolve(value); };
    const timer = setTimeout(() => done(null), 3000);
    video.preload = "metadata";
    video.onloadedmetadata = () => done(Number.isFinite(video.duration) ? video.duration / 60 : null);
    video.onerror = () => done(null);
    video.src = url;
  });
}

/**
 * Why these files cannot be one version; empty when they can.
 * @param {File[]} files
 * @param {{largest: number, longest: number}} limits bytes, minutes
 * @returns {Promise<string>}
 */
export async function refusalOf(files, { largest, longest }) {
  const empty = files.find((file) => !file.size);
  if (empty) return files.length > 1 ? `${empty.name} is empty. Choose again without it.` : "This file is empty. Choose the recording again.";
  const other = files.find((file) => OTHERS[file.type]);
  if (other) return `${other.name} is ${OTHERS[other.type]}. ${WHAT_WORKS}`;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total > largest) {
    const what = files.length > 1 ? "These files have" : `${files[0].name} has`;
    return `${what} ${spokenSize(total)}; at most ${spokenSize(largest)} fit. Nothing was sent. Export ${files.length > 1 ? "them" : "it"} smaller${files.length > 1 ? "" : ", or cut it"}.`;
  }
  const pictured = await Promise.all(files.map(isPicture));
  const heavy = files.find((file, at) => pictured[at] && file.size > LARGEST_PICTURE);
  if (heavy) return `${heavy.name} has ${spokenSize(heavy.size)}; a picture can have ${spokenSize(LARGEST_PICTURE)}. Nothing was sent. Export it smaller.`;
  if (files.length > MOST_PICTURES) return `These are ${files.length} pictures; a version shows ${MOST_PICTURES}. Nothing was sent. Choose the ones that matter.`;
  const odd = files.findIndex((_, at) => !pictured[at]);
  if (files.length > 1 && odd >= 0) return `A version is one recording, or pictures; ${files[odd].name} is no PNG, JPEG or WebP. Nothing was sent. Choose again without it.`;
  if (pictured[0]) return "";
  const minutes = await minutesOf(files[0]);
  if (minutes && minutes > longest) {
    return `${files[0].name} is ${Math.round(minutes)} minutes long; at most ${longest} can be played here. Nothing was sent. Cut it first.`;
  }
  return "";
}

/** The sentence of a failed request; the server's own where it sent one. @param {any} error */
export function sentenceOf(error) {
  try {
    const problem = JSON.parse(error.originalResponse?.getBody() ?? "");
    if (problem.detail) return String(problem.detail);
  } catch { /* not ours, so the status speaks */ }
  const status = error.originalResponse?.getStatus?.() ?? 0;
  if (status === 401) return "You are signed out. What was sent is kept: sign in again and choose the same file.";
  if (status === 0) return "Critique cannot be reached. What was sent is kept; resume when you are back.";
  return "The upload stopped on our side. What was sent is kept; resume in a minute.";
}
