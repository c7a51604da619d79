// @ts-check
// Naming somebody: after an @ the people who may see this request are offered, by keyboard and by touch.
// The server decides who is named; this only helps to spell them.
import { announce } from "app/toast.js";
import { fetchJSON } from "app/request.js";

/** @typedef {{id: number, name: string, email: string, write: string}} Person */

const MOST_SHOWN = 8;
let lists = 0;

/** @type {Map<string, Promise<Person[]>>} asked once a page and request */
const circles = new Map();

/** @param {string} url @returns {Promise<Person[]>} */
function peopleOf(url) {
  const asked = circles.get(url) ?? fetchJSON(url).catch(() => { circles.delete(url); return []; });
  circles.set(url, asked);
  return asked;
}

/** @param {string} text */
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * The beginning of a name that the caret stands behind; null where none is being written.
 * @param {HTMLTextAreaElement} area
 * @returns {{from: number, typed: string} | null}
 */
function beginning(area) {
  if (area.selectionStart !== area.selectionEnd) return null;
  const before = area.value.slice(Math.max(0, area.selectionStart - 60), area.selectionStart);
  const found = /(?:^|[^\p{L}\p{N}@/.+-])@([^@\n`]{0,40})$/u.exec(before);
  // Inside a code span nobody is named: an odd number of backticks stands before it in the line.
  const line = area.value.slice(area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, area.selectionStart);
  if (!found || (line.split("`").length - 1) % 2) return null;
  return { from: area.selectionStart - found[1].length - 1, typed: found[1] };
}

/** @param {Person[]} people @param {string} typed @returns {Person[]} */
function fitting(people, typed) {
  const wanted = fold(typed);
  if (/\s$/.test(typed) && people.some((person) => fold(person.write) === wanted.trim())) return [];
  const rank = (/** @type {Person} */ person) => {
    const name = fold(person.name);
    if (name.startsWith(wanted)) return 0;
    if (name.split(/\s+/).some((part) => part.startsWith(wanted))) return 1;
    return fold(person.email).startsWith(wanted) ? 2 : 3;
  };
  return people.map((person) => ({ person, place: rank(person) })).filter(({ place }) => place < 3)
    .sort((one, other) => one.place - other.place).slice(0, MOST_SHOWN).map(({ person }) => person);
}

/** @param {HTMLElement} element around one textarea; data-people is where they are asked for */
export default function mentions(element) {
  const area = /** @type {HTMLTextAreaElement} */ (element.querySelector("textarea"));
  const url = element.dataset.people ?? "";
  if (!url) return;
  const sheet = document.createElement("ul");
  sheet.className = "naming";
  sheet.id = `naming-${lists += 1}`;
  sheet.setAttribute("role", "listbox");
  sheet.setAttribute("aria-label", "People who can be named");
  sheet.popover = "manual";
  element.append(sheet);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", sheet.id);

  /** @type {Person[]} */
  let shown = [];
  let at = 0;
  let given = ""; // what was put away by Escape, so that it stays away until something else is typed

  const isOpen = () => sheet.matches(":popover-open");

  function close() {
    if (isOpen()) sheet.hidePopover();
    sheet.replaceChildren();
    shown = [];
    area.removeAttribute("aria-activedescendant");
  }

  /** @param {number} place */
  function choose(place) {
    at = (place + shown.length) % shown.length;
    for (const [index, option] of [...sheet.children].entries()) option.setAttribute("aria-selected", String(index === at));
    area.setAttribute("aria-activedescendant", sheet.children[at].id);
    sheet.children[at].scrollIntoView({ block: "nearest" });
  }

  function place() {
    const box = area.getBoundingClientRect();
    const seen = window.visualViewport?.height ?? window.innerHeight;
    const below = seen - box.bottom;
    const above = below < sheet.offsetHeight + 8 && box.top > below;
    sheet.style.insetInlineStart = `${Math.round(box.left)}px`;
    sheet.style.insetBlockStart = `${Math.round(above ? Math.max(4, box.top - sheet.offsetHeight - 4) : box.bottom + 4)}px`;
  }

  async function look() {
    const begun = beginning(area);
    if (!begun || `${begun.from}${begun.typed}` === given) return close();
    const people = await peopleOf(url);
    const still = beginning(area);
    if (!still || document.activeElement !== area) return close();
    const found = fitting(people, still.typed);
    if (!found.length) return close();
    const fresh = !isOpen();
    shown = found;
    sheet.replaceChildren(...found.map(option));
    if (fresh) sheet.showPopover();
    choose(0);
    place();
    if (fresh) announce(`${found.length === 1 ? "One person" : `${found.length} people`} to name. Arrow keys move, Enter takes one.`);
  }

  /** @param {Person} person @param {number} index */
  function option(person, index) {
    const row = document.createElement("li");
    row.id = `${sheet.id}-${index}`;
    row.className = "naming__one";
    row.setAttribute("role", "option");
    const name = document.createElement("span");
    name.textContent = person.name;
    row.append(name);
    if (person.write !== person.name) {
      const email = document.createElement("span");
      email.className = "naming__which";
      email.textContent = person.email;
      row.append(email);
    }
    return row;
  }

  /** @param {number} index */
  function take(index) {
    const begun = beginning(area);
    const person = shown[index];
    if (!begun || !person) return close();
    area.setRangeText(`@${person.write} `, begun.from, area.selectionStart, "end");
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (!isOpen() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(at);
    else if (event.key === "Escape") {
      const begun = beginning(area);
      given = begun ? `${begun.from}${begun.typed}` : "";
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const press = (/** @type {PointerEvent} */ event) => {
    const row = /** @type {Element} */ (event.target).closest("[role=option]");
    if (!row) return;
    event.preventDefault(); // the caret stays where it is
    take([...sheet.children].indexOf(row));
  };
  const caret = (/** @type {KeyboardEvent} */ event) => { if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) look(); };

  area.addEventListener("input", look);
  area.addEventListener("click", look);
  area.addEventListener("keyup", caret);
  area.addEventListener("keydown", keys);
  area.addEventListener("blur", close);
  sheet.addEventListener("pointerdown", press);
  sheet.addEventListener("mousedown", (event) => event.preventDefault());
  window.addEventListener("scroll", close, { passive: true });
  return () => {
    window.removeEventListener("scroll", close);
    sheet.remove();
  };
}
