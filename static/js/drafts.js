// @ts-check
// Text typed is never lost: it is kept on this device, for this person, until the server says it has it.
// The server says so by the cookie critique_posted=<key> on a successful POST that carried _draft=<key>.

/** @typedef {{text: string, at: number}} Draft */

const DAYS_KEPT = 30;
const COOKIE = "critique_posted";
const person = () => document.querySelector('meta[name="person"]')?.getAttribute("content") ?? "guest";
const place = (/** @type {string} */ key) => `critique.draft.${person()}.${key}`;

/** @param {string} key @returns {Draft | null} */
export function readDraft(key) {
  try { return JSON.parse(localStorage.getItem(place(key)) ?? "null"); } catch { return null; }
}

/** Keeps `text` under `key`; nothing is kept of an empty text. @param {string} key @param {string} text */
export function writeDraft(key, text) {
  try {
    if (text.trim()) localStorage.setItem(place(key), JSON.stringify({ text, at: Date.now() }));
    else localStorage.removeItem(place(key));
  } catch { /* storage full or forbidden: the text still stands in its field */ }
}

/** Forgets the draft, because the server has it or the person does not want it. @param {string} key */
export function clearDraft(key) {
  try { localStorage.removeItem(place(key)); } catch { /* nothing was kept */ }
}

/** Forgets what the server has confirmed, and what nobody came back for in 30 days. */
function sweep() {
  const posted = document.cookie.split("; ").find((part) => part.startsWith(`${COOKIE}=`));
  if (posted) {
    clearDraft(decodeURIComponent(posted.slice(COOKIE.length + 1)).replace(/^"|"$/g, ""));
    document.cookie = `${COOKIE}=; Max-Age=0; Path=/; SameSite=Lax`;
  }
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith("critique.draft.")) continue;
      const { at } = JSON.parse(localStorage.getItem(name) ?? "{}");
      if (!(Date.now() - at < DAYS_KEPT * 86_400_000)) localStorage.removeItem(name);
    }
  } catch { /* leave what cannot be read */ }
}

/** @param {HTMLElement} note @param {string} words @param {string} action @param {() => void} act */
function say(note, words, action, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "text-button";
  button.textContent = action;
  button.addEventListener("click", act);
  note.replaceChildren(words, button);
  note.hidden = false;
}

/** @param {HTMLElement} element the field around one [data-draft-key] textarea */
export default function drafts(element) {
  sweep();
  const area = /** @type {HTMLTextAreaElement | null} */ (element.querySelector("[data-draft-key]"));
  const note = /** @type {HTMLElement | null} */ (element.querySelector("[data-draft-note]"));
  const key = area?.dataset.draftKey;
  if (!area || !note || !key) return;

  const put = (/** @type {string} */ text) => {
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const draft = readDraft(key);
  if (draft && draft.text !== area.value) {
    const when = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" }).format(draft.at);
    const server = area.value;
    if (server) {
      say(note, `You wrote something else here on ${when}. `, "Take that", () => { put(draft.text); note.hidden = true; });
    } else {
      area.value = draft.text;
      say(note, `Kept from ${when}, not sent yet. `, "Discard it", () => { put(""); clearDraft(key); note.hidden = true; area.focus(); });
    }
  }

  let timer = 0;
  const keep = () => { clearTimeout(timer); if (area.value !== area.defaultValue || readDraft(key)) writeDraft(key, area.value); };
  const soon = () => { clearTimeout(timer); timer = setTimeout(keep, 250); };
  /** @param {Event} event */
  const sent = (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (!detail.successful || !element.closest("form")?.contains(detail.elt)) return;
    if (/\/sign-in(\?|$)/.test(detail.xhr?.responseURL ?? "")) return; // the session ended: it has not arrived
    clearTimeout(timer);
    clearDraft(key);
    note.hidden = true;
  };
  area.addEventListener("input", soon);
  window.addEventListener("pagehide", keep);
  document.addEventListener("htmx:afterRequest", sent);
  return () => {
    if (timer) keepIfUnsent(area, key);
    window.removeEventListener("pagehide", keep);
    document.removeEventListener("htmx:afterRequest", sent);
  };
}

/** A field that left the page while it held unsent text. @param {HTMLTextAreaElement} area @param {string} key */
function keepIfUnsent(area, key) {
  if (readDraft(key)) writeDraft(key, area.value);
}
