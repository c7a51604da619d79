// @ts-check
// The steps behind a version: says aloud what changed, and keeps the list open or closed as the reader left it. It asks every
// two seconds, and is swapped only for something that looks different, never under a finger; the focus stays where it is.
import { announce } from "app/toast.js";

/** @type {Map<string, {spoken: string, open?: boolean, focus?: string}>} by id of the part, which is replaced as a whole */
const known = new Map();
const CONTROLS = "summary, button";

/** What a reader can tell of it; a form's token is another each time. @param {Element | null} part */
const faceOf = (part) => part && [part.textContent, part.getAttribute("hx-get"), part.querySelector("progress")?.value,
  ...[...part.querySelectorAll("form")].map((form) => form.getAttribute("action"))].join(" ");
/** @param {Element} control */
const nameOf = (control) => `${control.tagName} ${control.getAttribute("aria-label") ?? ""}`;

/** @param {HTMLElement} element */
export default function walkthroughSteps(element) {
  const spoken = element.dataset.spoken ?? "";
  const before = known.get(element.id);
  if (before && before.spoken !== spoken) announce(spoken);
  const details = element.querySelector("details");
  if (details && before?.open !== undefined) details.open = before.open;
  /** @type {{spoken: string, open?: boolean, focus?: string}} */
  const now = { spoken, open: before?.open };
  known.set(element.id, now);
  if (before?.focus) {
    const same = [...element.querySelectorAll(CONTROLS)].find((control) => nameOf(control) === before.focus);
    /** @type {HTMLElement | undefined} */ (same)?.focus({ preventScroll: true });
  }
  element.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    const fresh = new DOMParser().parseFromString(detail.serverResponse, "text/html").querySelector(".follow");
    if (element.matches(":active") || faceOf(fresh) === faceOf(element)) detail.shouldSwap = false;
    const { activeElement } = document;
    now.focus = activeElement && element.contains(activeElement) ? nameOf(activeElement) : undefined;
  });
  details?.querySelector("summary")?.addEventListener("click", () => { now.open = !details.open; });
}
