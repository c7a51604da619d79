// @ts-check
// The steps behind a version: says aloud what changed, and keeps the list open or closed as the reader left it.
import { announce } from "app/toast.js";

/** @type {Map<string, {spoken: string, open?: boolean}>} by id of the part, which is replaced as a whole */
const known = new Map();

/** @param {HTMLElement} element */
export default function walkthroughSteps(element) {
  const spoken = element.dataset.spoken ?? "";
  const before = known.get(element.id);
  if (before && before.spoken !== spoken) announce(spoken);
  const details = element.querySelector("details");
  if (details && before?.open !== undefined) details.open = before.open;
  const now = { spoken, open: before?.open };
  known.set(element.id, now);
  details?.querySelector("summary")?.addEventListener("click", () => { now.open = !details.open; });
}
