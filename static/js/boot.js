// @ts-check
// Starts the page: gives every [data-module] element its behaviour, guards requests, and says what failed.
// Everything else imports by its bare name ("app/toast.js"), so that the import map decides on one version.
import { csrfToken } from "app/request.js";
import { toast } from "app/toast.js";

/** @typedef {(element: HTMLElement) => void | (() => void) | Promise<void | (() => void)>} Module */

/** @type {Map<HTMLElement, Array<() => void>>} */
const mounted = new Map();

/**
 * Gives `element` the behaviours its data-module names ("drafts", "room/player"), once.
 * @param {HTMLElement} element
 */
async function mount(element) {
  if (mounted.has(element)) return;
  /** @type {Array<() => void>} */
  const cleanups = [];
  mounted.set(element, cleanups);
  for (const name of (element.dataset.module ?? "").split(/\s+/).filter(Boolean)) {
    if (!/^[a-z][a-z0-9_/-]*$/.test(name)) continue;
    try {
      const module = await import(`app/${name}.js`);
      if (!element.isConnected) return;
      const cleanup = await /** @type {Module} */ (module.default)(element);
      if (!cleanup) continue;
      if (mounted.get(element) === cleanups) cleanups.push(cleanup);
      else cleanup(); // it left the page while it was starting
    } catch (error) {
      console.error(`The module ${name} did not start.`, error);
    }
  }
}

/** @param {ParentNode} root @returns {Promise<unknown>} when all that was there has started */
function mountAll(root) {
  const found = [...root.querySelectorAll("[data-module]")];
  if (root instanceof HTMLElement && root.dataset.module) found.unshift(root);
  return Promise.all(found.map((element) => mount(/** @type {HTMLElement} */ (element))));
}

function unmountGone() {
  for (const [element, cleanups] of mounted) {
    if (element.isConnected) continue;
    mounted.delete(element);
    for (const cleanup of cleanups) cleanup();
  }
}

// One observer sees every way a part can come and go: htmx, our own modules, the parser.
new MutationObserver((records) => {
  let removed = false;
  for (const record of records) {
    for (const node of record.addedNodes) if (node instanceof HTMLElement && node.isConnected) mountAll(node);
    removed ||= record.removedNodes.length > 0;
  }
  if (removed) unmountGone();
}).observe(document.documentElement, { childList: true, subtree: true });
// Whoever drives the page by program (an assistive tool, a test) can know when it answers.
mountAll(document).then(() => document.documentElement.setAttribute("data-started", ""));

document.addEventListener("htmx:configRequest", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:responseError", (event) => {
  toast(sentenceOf(/** @type {CustomEvent} */ (event).detail.xhr), { kind: "problem" });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    toast("Not sent: Critique cannot be reached. What you typed is kept; send it again when you are back.", { kind: "problem" });
  });
}

/**
 * The human sentence of a refused request: from problem+json, from our error page, or by its status.
 * @param {XMLHttpRequest} xhr
 */
function sentenceOf(xhr) {
  if ((xhr.getResponseHeader("content-type") ?? "").includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText);
      if (problem.detail ?? problem.title) return String(problem.detail ?? problem.title);
    } catch { /* not ours, so the status speaks */ }
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const said = page.querySelector("[data-sentence]")?.textContent?.trim();
  if (said) return said;
  return {
    401: "You are signed out. What you typed is kept: sign in again and it stands in its field.",
    403: "Your role does not include this. Ask the author or an admin.",
    404: "This is no longer here. Reload the page to see how it stands.",
    409: "It does not stand as this page shows it. Reload it to see what has changed.",
    413: "This is larger than your team allows.",
    429: "That was a lot in a short time. Wait a minute and try again.",
  }[xhr.status] ?? "That did not work on our side. Nothing was changed; try once more.";
}

// A pressed button says so, and cannot be pressed twice; coming back by the back button frees it.
document.addEventListener("submit", (event) => {
  const { submitter } = event;
  if (event.defaultPrevented || !(submitter instanceof HTMLButtonElement)) return;
  if (submitter.getAttribute("aria-busy") === "true") event.preventDefault();
  else submitter.setAttribute("aria-busy", "true");
});
/** @param {ParentNode} [where] */
const free = (where = document) => {
  for (const button of where.querySelectorAll('button[aria-busy="true"]')) button.removeAttribute("aria-busy");
};
document.addEventListener("htmx:afterRequest", (event) => {
  // Only what was sent has its answer: a list that asks again by itself frees no button.
  const { elt } = /** @type {CustomEvent} */ (event).detail;
  if (elt instanceof HTMLFormElement) free(elt);
});
window.addEventListener("pageshow", (event) => event.persisted && free());

// A form that came back with errors: the reader starts at them.
/** @type {HTMLElement | null} */ (document.querySelector("[data-focus]"))?.focus();
