// @ts-check
// Sending forms of the room: failures become sentences, and a token that is out of date is fetched anew.
import { RequestFailed, csrfToken } from "app/request.js";
import { toast } from "app/toast.js";

export const SIGNED_OUT = "You were signed out. Your text is kept; sign in in a new tab and send again.";

/** A token that names one sending, so that sending it twice posts it once. */
export const onceToken = () => Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(36).padStart(2, "0")).join("");

/**
 * Posts a form and returns the answer's text. A page that was open while its session changed gets a new token once.
 * @param {string} url
 * @param {FormData} fields
 * @returns {Promise<string>}
 * @throws {RequestFailed} with a sentence that can be shown; status 0 when the server was not reached
 */
export async function post(url, fields) {
  fields.set("csrf_token", csrfToken());
  let response = await send(url, fields);
  if ((response.status === 400 || response.status === 401) && await renewToken()) {
    fields.set("csrf_token", csrfToken());
    response = await send(url, fields);
  }
  if (response.ok && !isSignIn(response)) {
    const notice = response.headers.get("Critique-Notice");
    if (notice) toast(decodeURIComponent(notice));
    return response.text();
  }
  if (response.status === 401 || isSignIn(response)) throw new RequestFailed(SIGNED_OUT, 401);
  const problem = await response.json().catch(() => null);
  const named = Object.values(problem?.fields ?? {}).join(" ");
  throw new RequestFailed(
    named || problem?.detail || "That did not work on our side. Your text is kept; try once more.",
    response.status,
    problem?.fields ?? {},
    problem ?? {},
  );
}

/**
 * Holds what is written in a form while it is being sent: words added now would go with the form, unsent.
 * @param {HTMLFormElement} form
 * @returns {() => void} lets it be written in again
 */
export function holdStill(form) {
  const fields = [...form.elements].filter((field) => field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement);
  const held = /** @type {HTMLInputElement[]} */ (fields).filter((field) => !field.readOnly);
  for (const field of held) field.readOnly = true;
  return () => { for (const field of held) field.readOnly = false; };
}

/** @param {string} url @param {FormData} fields */
async function send(url, fields) {
  try {
    return await fetch(url, {
      method: "POST",
      body: fields,
      credentials: "same-origin",
      headers: { "HX-Request": "true", "X-CSRFToken": csrfToken(), Accept: "application/json;q=0.9, text/html;q=0.8" },
    });
  } catch {
    throw new RequestFailed("Critique cannot be reached.", 0);
  }
}

/** @param {Response} response */
const isSignIn = (response) => response.redirected && new URL(response.url).pathname.includes("sign-in");

/** The token of the session as it is now; false when nobody, or somebody else, is signed in. */
async function renewToken() {
  try {
    const response = await fetch(location.pathname, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || isSignIn(response)) return false;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const value = (/** @type {Document} */ where, /** @type {string} */ name) => where.querySelector(`meta[name="${name}"]`)?.getAttribute("content");
    const token = value(page, "csrf-token");
    if (!token || value(page, "person") !== value(document, "person")) return false;
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    return true;
  } catch {
    return false;
  }
}
