// @ts-check
// What can be done in a thread: its verbs are links to small pages; here the form comes into the thread instead.
// The forms lie once in a template, because five hundred threads with three forms each would be most of the page.
import { onceToken } from "app/room_post.js";

/** @param {HTMLElement} box the threads @param {() => string} now where the video stands, as people write it */
export function bringWays(box, now) {
  const kit = /** @type {HTMLTemplateElement | null} */ (box.querySelector("template[data-ways]"));
  if (!kit) return;
  box.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a.verb"));
    const way = /\/(replies|resolution|removal|placement)$/.exec(link?.pathname ?? "")?.[1];
    if (!link || !way || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const thread = /** @type {HTMLElement} */ (link.closest("article"));
    const standing = /** @type {HTMLFormElement | null} */ (thread.querySelector("form[data-way]"));
    const again = standing?.action === link.href;
    standing?.remove();
    for (const verb of thread.querySelectorAll("a.verb[aria-expanded]")) verb.removeAttribute("aria-expanded");
    if (again) return;
    const form = formFor(kit, way, thread);
    form.action = link.href;
    const moment = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-now]"));
    if (moment) moment.value = now();
    const read = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("revision"));
    if (read) read.value = link.dataset.read ?? "";
    link.setAttribute("aria-expanded", "true");
    if (way === "removal") link.closest(".said")?.append(form);
    else thread.append(form);
    /** @type {HTMLElement | null} */ (form.querySelector("textarea, input:not([type=hidden]), button"))?.focus();
  });
}

/** @param {HTMLTemplateElement} kit @param {string} way @param {HTMLElement} thread @returns {HTMLFormElement} */
function formFor(kit, way, thread) {
  const model = kit.content.querySelector(`form[data-way="${way}"]`);
  const form = /** @type {HTMLFormElement} */ (document.importNode(/** @type {Element} */ (model), true));
  const area = form.querySelector("textarea");
  if (!area) return form;
  const key = thread.id.replace("comment-", "reply-");
  area.dataset.draftKey = key;
  area.placeholder = `Answer ${thread.dataset.author}`;
  for (const [name, value] of [["_draft", key], ["once", onceToken()]]) {
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value;
  }
  return form;
}

/** Opens a way of a thread as a press on its verb would. @param {HTMLElement} thread @param {string} way @returns {boolean} */
export function takeWay(thread, way) {
  const link = /** @type {HTMLElement | null} */ (thread.querySelector(`a.verb[href$="/${way}"]`));
  if (!link) return false;
  const field = /** @type {HTMLElement | null} */ (thread.querySelector(`form[data-way="${way}"] :is(textarea, input:not([type=hidden]))`));
  if (field) field.focus();
  else link.click();
  return true;
}
