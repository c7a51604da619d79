// @ts-check
// The one bar of answers, which stands in the chosen line; what is typed in it is kept on the device.
import { clearDraft, readDraft, writeDraft } from "app/drafts.js";

/** @typedef {import("app/ledger.js").How} How */

/**
 * @param {HTMLElement} element
 * @param {object} does
 * @param {(how: How) => unknown} does.answer
 * @param {(verb: "confirm" | "reopen") => unknown} does.judge
 * @param {(entry: HTMLElement, what: string, note: string, kept: Record<string, string>) => unknown} does.send
 */
export function createBar(element, { answer, judge, send }) {
  const kit = /** @type {HTMLTemplateElement | null} */ (element.querySelector("template[data-bar]"));
  const bar = /** @type {HTMLElement | null} */ (kit ? document.importNode(kit.content, true).firstElementChild : null);
  const form = /** @type {HTMLFormElement | null} */ (bar?.querySelector("form"));
  const note = /** @type {HTMLTextAreaElement | null} */ (form?.querySelector("textarea"));
  /** What is being written: about which line, as which answer. @type {{entry: HTMLElement, what: string, kept: Record<string, string>} | null} */
  let writing = null;

  /** @param {string} selector */
  const part = (selector) => /** @type {HTMLElement} */ (bar?.querySelector(selector));
  const key = () => (writing ? `${writing.entry.id}-${writing.what}` : "");

  /** Stands in a line, with what may be done about it. @param {HTMLElement} entry */
  function stand(entry) {
    if (!bar) return;
    if (writing && writing.entry.id !== entry.id) close();
    else if (writing) writing.entry = entry;
    const verbs = (entry.dataset.may ?? "").split(" ");
    // Where a yes is waited for, that is the question; the keys of answers go on working for who leads.
    part(".entry__answers").hidden = !verbs.includes("answer") || verbs.includes("confirm");
    part(".entry__judge").hidden = !verbs.includes("confirm") && !(verbs.includes("reopen") && entry.dataset.answer);
    part('[data-judge="confirm"]').hidden = !verbs.includes("confirm");
    bar.hidden = part(".entry__answers").hidden && part(".entry__judge").hidden;
    if (bar.parentElement !== entry) entry.append(bar);
  }

  /** Asks for the words of an answer. @param {HTMLElement} entry @param {string} what @param {[string, string]} words */
  function ask(entry, what, [asks, sends]) {
    if (!form || !note) return;
    writing = { entry, what, kept: {} };
    part("[data-asks]").textContent = asks;
    part("[data-sends]").textContent = sends;
    part("[data-theirs]").hidden = true;
    note.value = readDraft(key())?.text ?? "";
    form.hidden = false;
    note.focus();
  }

  /** Shows what somebody else answered meanwhile beside one's own. @param {HTMLElement} entry @param {Record<string, string>} fields
   *  @param {string} sentence */
  function both(entry, fields, sentence) {
    if (!form || !note) return;
    const { how, note: mine = "", ...kept } = fields;
    ask(entry, how, ["Your answer", "Replace theirs"]);
    if (writing) writing.kept = kept;
    note.value = mine;
    part("[data-theirs]").textContent = sentence;
    part("[data-theirs]").hidden = false;
  }

  /** What was typed about a line has arrived and need not be kept; what was written since, or about another one, stays.
   *  @param {number} id @param {string} [said] */
  function sent(id, said = "") {
    if (writing?.entry.id !== `comment-${id}` || note?.value.trim() !== said) return;
    clearDraft(key());
    close();
  }

  function close() {
    writing = null;
    if (!form) return;
    form.hidden = true;
    form.reset();
  }

  bar?.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const how = /** @type {HTMLElement | null} */ (target.closest("[data-answer-how]"))?.dataset.answerHow;
    const verb = /** @type {HTMLElement | null} */ (target.closest("[data-judge]"))?.dataset.judge;
    if (how) answer(/** @type {How} */ (how));
    if (verb) judge(/** @type {"confirm" | "reopen"} */ (verb));
    if (target.closest("[data-cancel]")) leave();
  });
  const leave = () => {
    const entry = writing?.entry;
    close();
    entry?.focus({ preventScroll: true });
  };
  note?.addEventListener("input", () => writeDraft(key(), note.value));
  note?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") leave();
    else if (event.key !== "Enter" || event.shiftKey) return;
    else if (!event.ctrlKey && !event.metaKey) form?.requestSubmit();
    else return;
    event.preventDefault();
  });
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (writing && note) send(writing.entry, writing.what, note.value.trim(), writing.kept);
  });

  return { stand, ask, both, sent };
}
