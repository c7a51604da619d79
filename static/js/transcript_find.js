// @ts-check
// Finding in the words: what matches is marked, Enter goes to the next place.
import { createInk } from "app/transcript_ink.js";
import { announce } from "app/toast.js";

/** Without case, accents and punctuation. @param {string} text */
const plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "");

/**
 * @param {HTMLInputElement | null} field
 * @param {HTMLElement[]} spans the words
 * @param {(at: number) => void} go to the word at this position
 */
export function createFind(field, spans, go) {
  if (!field) return;
  const ink = createInk(spans, "found");
  /** @type {string[] | null} made when somebody first searches */
  let words = null;
  /** @type {Array<[number, number]>} */
  let found = [];
  let at = -1;

  function search() {
    const wanted = plain(field?.value ?? "").split(/\s+/).filter(Boolean);
    at = -1;
    found = [];
    words ??= spans.map((span) => plain(span.textContent ?? ""));
    const heard = words;
    for (let first = 0; wanted.length && first + wanted.length <= heard.length; first += 1) {
      const fits = wanted.every((part, step) => (step === wanted.length - 1 ? heard[first + step].startsWith(part) : heard[first + step] === part));
      if (fits) found.push([first, first + wanted.length - 1]);
    }
    ink(found);
  }

  field.hidden = false;
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value) {
      field.value = "";
      search();
      event.stopPropagation();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!found.length) {
      announce("These words are not in the walkthrough.");
      return;
    }
    at = (at + (event.shiftKey ? found.length - 1 : 1)) % found.length;
    go(found[at][0]);
    announce(`${at + 1} of ${found.length}`);
  });
}
