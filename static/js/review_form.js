// @ts-check
// Asking for a review: rows that grow as they are filled, and a form that survives a reload as a whole.
import { clearDraft, readDraft, writeDraft } from "app/drafts.js";

/** Rows beyond the first empty one wait hidden; filling the last one shows the next. @param {HTMLElement} list */
function grow(list) {
  const more = /** @type {HTMLButtonElement | null} */ (list.querySelector("[data-more]"));
  const rows = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".lines__line")]);
  const input = (/** @type {HTMLElement} */ row) => /** @type {HTMLInputElement} */ (row.querySelector("input"));
  if (!more) return;
  const most = Number(more.dataset.most);
  for (const row of rows()) row.hidden = "spare" in row.dataset && !input(row).value;

  const tidy = () => {
    const shown = rows().filter((row) => !row.hidden);
    more.hidden = shown.length >= most;
  };
  const add = () => {
    const hidden = rows().find((row) => row.hidden);
    const last = rows()[rows().length - 1];
    const row = hidden ?? /** @type {HTMLElement} */ (last.cloneNode(true));
    if (!hidden) {
      input(row).value = "";
      input(row).removeAttribute("placeholder");
      const label = input(last).getAttribute("aria-label") ?? "";
      input(row).setAttribute("aria-label", label.replace(/\d+$/, String(rows().length + 1)));
      last.after(row);
    }
    row.hidden = false;
    tidy();
    return row;
  };
  more.addEventListener("click", () => input(add()).focus());
  list.addEventListener("keydown", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (event.key !== "Enter" || event.isComposing || !(field instanceof HTMLInputElement)) return;
    event.preventDefault(); // Enter goes to the next question; it does not post a half-written request
    const shown = rows().filter((row) => !row.hidden);
    const next = shown[shown.findIndex((row) => row.contains(field)) + 1];
    if (next) input(next).focus();
    else if (field.value && shown.length < most) input(add()).focus();
  });
  tidy();
  return add;
}

/** @param {HTMLFormElement} form @returns {Array<[string, string]>} what a person typed or chose */
const entries = (form) => /** @type {Array<[string, string]>} */ (
  [...new FormData(form)].filter(([name, value]) => !["csrf_token", "_draft", "revision"].includes(name) && typeof value === "string")
);

/** @param {HTMLFormElement} form @param {Array<[string, string]>} kept @param {Map<string, () => HTMLElement>} growers */
function fill(form, kept, growers) {
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const [name, value] of kept) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, add] of growers) {
    const wanted = (values.get(name) ?? []).filter(Boolean).length;
    while (form.querySelectorAll(`.lines__line:not([hidden]) [name="${name}"]`).length < wanted) add();
  }
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || field.type === "hidden") continue;
    const given = values.get(field.name);
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
      field.checked = given?.includes(field.value) ?? false;
    } else if (given) {
      field.value = given.shift() ?? "";
    }
  }
  const details = form.querySelector("details");
  if (details && ["links", "project", "off_limits", "skills"].some((name) => kept.some(([n, v]) => n === name && v))) details.open = true;
}

/** @param {HTMLElement} element the form */
export default function reviewForm(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  const key = form.dataset.formDraft;
  const note = /** @type {HTMLElement | null} */ (form.querySelector("[data-draft-note]"));
  /** @type {Map<string, () => HTMLElement>} */
  const growers = new Map();
  for (const list of form.querySelectorAll("[data-lines]")) {
    const add = grow(/** @type {HTMLElement} */ (list));
    if (add) growers.set(list.id, add);
  }
  if (!key || !note) return;

  // What the server says about the deadline and the ticks is asked anew, now that they are others.
  const ask = () => {
    for (const one of form.querySelectorAll('[name="review_by"]:checked, [name="ticks"][value="exploring"]')) {
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const untouched = entries(form);
  const draft = readDraft(key);
  if (draft && draft.text !== JSON.stringify(untouched) && !document.querySelector("[data-focus]")) {
    try {
      fill(form, JSON.parse(draft.text), growers);
      const when = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" }).format(draft.at);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "text-button";
      button.textContent = "Start afresh";
      button.addEventListener("click", () => { clearDraft(key); fill(form, untouched, growers); note.hidden = true; ask(); });
      note.replaceChildren(`Kept from ${when}, not posted yet. `, button);
      note.hidden = false;
      ask();
    } catch { clearDraft(key); }
  }

  let timer = 0;
  let touched = false;
  const keep = () => { clearTimeout(timer); if (touched) writeDraft(key, JSON.stringify(entries(form))); };
  const soon = () => { touched = true; clearTimeout(timer); timer = setTimeout(keep, 250); };
  form.addEventListener("input", soon);
  window.addEventListener("pagehide", keep);
  return () => { clearTimeout(timer); window.removeEventListener("pagehide", keep); };
}
