// @ts-check
// Talking to our own server in JSON, with the CSRF token, and with failures as sentences.

/** The token every unsafe request must carry. @returns {string} */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * A refused or lost request. `status` is 0 when the server was not reached; `fields` name what was wrong;
 * `problem` is the whole answer, such as both texts where two people wrote at once.
 */
export class RequestFailed extends Error {
  /** @param {string} sentence @param {number} status @param {Record<string, string>} [fields] @param {Record<string, any>} [problem] */
  constructor(sentence, status, fields = {}, problem = {}) {
    super(sentence);
    this.name = "RequestFailed";
    this.status = status;
    this.fields = fields;
    this.problem = problem;
  }
}

/**
 * Fetches `url` and returns the decoded JSON (null for 204).
 * @param {string} url
 * @param {Omit<RequestInit, "body"> & {body?: unknown, idempotencyKey?: string}} [options] body is sent as JSON
 * @returns {Promise<any>}
 * @throws {RequestFailed} with a sentence that can be shown as it is
 */
export async function fetchJSON(url, { body, idempotencyKey, ...options } = {}) {
  const headers = new Headers(options.headers);
  headers.set("Accept", "application/json");
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (idempotencyKey) headers.set("Idempotency-Key", idempotencyKey);
  if (options.method && options.method !== "GET") headers.set("X-CSRFToken", csrfToken());
  let response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      ...options,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestFailed("Not sent: Critique cannot be reached. What you typed is kept.", 0);
  }
  const isJSON = (response.headers.get("content-type") ?? "").includes("json");
  if (response.ok && response.redirected && !isJSON) {
    throw new RequestFailed("You are signed out. What you typed is kept: sign in again and it stands in its field.", 401);
  }
  const answer = isJSON ? await response.json().catch(() => null) : null;
  if (response.ok) return answer;
  throw new RequestFailed(
    answer?.detail ?? answer?.title ?? "That did not work on our side. Nothing was changed; try once more.",
    response.status,
    answer?.fields ?? {},
    answer ?? {},
  );
}
