// @ts-check
// The sentences of both versions and what was said about them: which one is being said, and ways from one to the next.

/** @typedef {import("app/compare_together.js").Together} Together */
/** @typedef {import("app/compare_together.js").Side} Side */
/** @typedef {{start: number, end: number}} Stretch ms */
/** @typedef {{element: HTMLElement, old: Stretch | null, new: Stretch | null}} Row */
/** @typedef {{element: HTMLElement, id: number, side: Side, start: number, end: number, region: string}} Note */
/** @typedef {ReturnType<typeof createRows>} Rows */

// A comment on a moment is at hand for this long.
const MOMENT_MS = 2000;

/** @param {HTMLElement} element @param {string} side @returns {Stretch | null} */
function stretchOf(element, side) {
  const [start, end] = (element.dataset[side] ?? "").split(" ").map(Number);
  return element.dataset[side] ? { start, end } : null;
}

/** @param {HTMLElement} element @param {Together} together */
export function createRows(element, together) {
  /** @type {Row[]} */
  const rows = [...element.querySelectorAll("[data-row]")].map((row) => ({
    element: /** @type {HTMLElement} */ (row),
    old: stretchOf(/** @type {HTMLElement} */ (row), "old"),
    new: stretchOf(/** @type {HTMLElement} */ (row), "new"),
  }));
  /** @type {Note[]} */
  const notes = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-note]")]).map((note) => ({
    element: note,
    id: Number(note.dataset.note),
    side: /** @type {Side} */ (note.dataset.side),
    start: Number(note.dataset.start),
    end: Number(note.dataset.end),
    region: note.dataset.region ?? "",
  }));
  const said = /** @type {Side[]} */ (["old", "new"]).map((side) => ({
    side,
    rows: rows.filter((row) => row[side]).sort((one, other) => startOf(one, side) - startOf(other, side)),
    words: /** @type {HTMLElement} */ (element.querySelector(`[data-said="${side}"]`)),
  }));
  /** @type {Row | null} */
  let now = null;
  /** @type {Note | null} */
  let lit = null;

  const rowsOf = (/** @type {Side} */ side) => said[side === "old" ? 0 : 1].rows;

  /** The sentence that is said at a moment, or the last one before. @param {number} ms @param {Side} side @returns {Row | null} */
  const rowAt = (ms, side) => rowsOf(side).findLast((row) => startOf(row, side) <= ms) ?? null;

  function show() {
    const row = rowAt(together.now, together.side) ?? rowsOf(together.side)[0] ?? null;
    if (row === now) return;
    now?.element.classList.remove("is-now");
    now = row;
    if (!row) return;
    row.element.classList.add("is-now");
    for (const { side, words } of said) {
      const cell = row.element.querySelector(`[data-words="${side}"]`);
      words.replaceChildren(...(cell ? [...cell.childNodes].map((node) => node.cloneNode(true)) : []));
      words.classList.toggle("now__words--none", !row[side]);
    }
  }

  /** To the sentence before or after, in the version that leads. @param {1 | -1} step */
  function walk(step) {
    const { side, now: at } = together;
    const list = rowsOf(side);
    const place = list.findLastIndex((row) => startOf(row, side) <= at + 1);
    // Back, first to the beginning of this sentence, as players do.
    const inside = step < 0 && place >= 0 && at - startOf(list[place], side) > 1500;
    const to = list[Math.max(0, Math.min(list.length - 1, inside ? place : place + step))];
    if (to) together.seek(startOf(to, side));
  }

  /** Plays what a comment is about, in both. @param {Note} note @param {{play?: boolean}} [how] */
  function open(note, { play = true } = {}) {
    lit?.element.classList.remove("is-lit");
    lit = note;
    note.element.classList.add("is-lit");
    together.seek(note.start, note.side);
    if (play) together.play();
  }

  /** To the comment before or after, as they stand on the page. @param {1 | -1} step */
  function walkNotes(step) {
    if (!notes.length) return;
    const place = lit ? notes.indexOf(lit) : step > 0 ? -1 : notes.length;
    const note = notes[Math.max(0, Math.min(notes.length - 1, place + step))];
    open(note, { play: together.playing });
    note.element.focus({ preventScroll: true });
    note.element.scrollIntoView({ block: "nearest" });
  }

  /** Whether the sentence being said lacks in the other version. */
  function lacks() {
    if (!together.gone) return false;
    const row = rowAt(together.now, together.side);
    const own = row?.[together.side];
    return !rows.length || Boolean(own && together.now <= own.end);
  }

  /** Comments about what is on the screen of a version. @param {Side} side @param {number} ms @returns {Note[]} */
  const notesAt = (side, ms) => notes.filter((note) => (
    note.side === side && note.start <= ms + 40 && ms <= Math.max(note.end, note.start + MOMENT_MS)
  ));

  element.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const moment = /** @type {HTMLElement | null} */ (target.closest("[data-moment]"));
    if (!moment || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const note = notes.find((one) => one.element.contains(moment));
    if (note) open(note);
    else {
      together.seek(Number(moment.dataset.moment), /** @type {Side} */ (moment.dataset.side));
      together.play();
    }
  });
  together.addEventListener("time", show);
  together.addEventListener("state", show);
  show();
  return { notes, walk, walkNotes, lacks, notesAt, open, lit: () => lit, find: (/** @type {number} */ id) => notes.find((note) => note.id === id) };
}

/** @param {Row} row @param {Side} side */
function startOf(row, side) {
  return /** @type {Stretch} */ (row[side]).start;
}
