// @ts-check
// One list of keys for the page: modules add theirs, the help (?) shows them, and none works while typing.

/**
 * @typedef {object} Key
 * @property {string} keys as KeyboardEvent.key, "Shift+ArrowLeft", "Control+Enter", or two after another: "g m"
 * @property {string} words what it does, for the help
 * @property {string} [face] how it is shown when that is not `keys`
 * @property {(event: KeyboardEvent) => void} [run] without it the key is only told of
 * @property {boolean} [typing] works inside text fields too
 * @property {(event: KeyboardEvent) => boolean} [when] false leaves the key to the browser
 */

/** @type {Map<string, Key[]>} */
const groups = new Map();
const KEY = "critique.keys";
let before = "";
let beforeAt = 0;

/**
 * Adds keys under a heading of the help; later ones win over earlier ones.
 * @param {string} group heading, such as "Playing"
 * @param {Key[]} keys
 * @returns {() => void} takes them away again
 */
export function addKeys(group, keys) {
  groups.set(group, [...(groups.get(group) ?? []), ...keys]);
  document.dispatchEvent(new CustomEvent("keyschange"));
  return () => {
    const left = (groups.get(group) ?? []).filter((key) => !keys.includes(key));
    if (left.length) groups.set(group, left);
    else groups.delete(group);
    document.dispatchEvent(new CustomEvent("keyschange"));
  };
}

/** Whether single keys are switched on on this device (WCAG 2.1.4). @returns {boolean} */
export function singleKeysOn() {
  try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type));
}

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const held = [event.ctrlKey || event.metaKey ? "Control" : "", event.altKey ? "Alt" : "",
    event.shiftKey && event.key.length > 1 ? "Shift" : ""].filter(Boolean);
  return [...held, event.key.length === 1 ? event.key.toLowerCase() : event.key].join("+");
}

/** @param {string} name @param {boolean} typing @returns {Key | undefined} */
function find(name, typing) {
  return [...groups.values()].flat().reverse()
    .find((key) => key.run && key.keys === name && (!typing || key.typing));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const typing = isTyping(event);
  const single = !name.includes("Control+") && name !== "Escape";
  if (single && !typing && !singleKeysOn()) return;
  if (document.querySelector("dialog[open]") && (single || name === "Escape")) return;
  // Space and Enter belong to the button or link that has the focus.
  if ([" ", "Enter"].includes(name) && /** @type {Element} */ (event.target).closest?.("a, button, summary, input, [role=button], [role=slider]")) return;
  // A recorded reply has the keys of its own player.
  if ((name === " " || event.key.startsWith("Arrow")) && /** @type {Element} */ (event.target).closest?.(".recorded audio, .recorded video, .recorder__take")) return;
  // Arrows belong to the choice or menu that has it.
  if (event.key.startsWith("Arrow") && /** @type {Element} */ (event.target).closest?.("input[type=radio], [role=menu], [role=listbox], .menu__item")) return;
  const pair = event.timeStamp - beforeAt < 1200 ? `${before} ${name}` : "";
  const key = (pair && find(pair, typing)) || find(name, typing);
  before = typing ? "" : name;
  beforeAt = event.timeStamp;
  if (!key || key.when?.(event) === false) return;
  event.preventDefault();
  key.run?.(event);
});

const go = (/** @type {string} */ selector) => () => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.click();
addKeys("Everywhere", [
  { keys: "?", words: "These keys", run: () => /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"))?.showModal() },
  { keys: "g m", words: "Go to your move", face: "G M", run: go('.topbar__places a:nth-of-type(1)') },
  { keys: "g l", words: "Go to the library", face: "G L", run: go('.topbar__places a:nth-of-type(2)') },
  { keys: "g c", words: "Go to coffee", face: "G C", run: go('.topbar__places a:nth-of-type(3)') },
  { keys: "/", words: "Search", run: () => {
    const field = /** @type {HTMLElement | null} */ (document.querySelector('input[type="search"]'));
    if (field) field.focus();
    else go('.topbar__places a:nth-of-type(2)')();
  } },
  { keys: "Control+Enter", words: "Send what you are writing", face: "Ctrl Enter", typing: true, run: (event) => {
    /** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
  } },
]);

/** Draws the help. @param {HTMLElement} element */
export default function keyboard(element) {
  const toggle = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-keys-on]"));
  if (toggle) {
    toggle.checked = singleKeysOn();
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(KEY, toggle.checked ? "on" : "off"); } catch { /* forgotten with the window */ }
    });
  }
  const draw = () => element.replaceChildren(...[...groups].map(([name, keys]) => drawGroup(name, keys)));
  document.addEventListener("keyschange", draw);
  draw();
  return () => document.removeEventListener("keyschange", draw);
}

/** @param {string} name @param {Key[]} keys */
function drawGroup(name, keys) {
  const group = document.createElement("section");
  group.className = "keys__group";
  const head = document.createElement("h3");
  head.textContent = name;
  const list = document.createElement("dl");
  for (const { keys: names, face, words } of keys) {
    if (!words) continue; // a second key for the same thing
    const term = document.createElement("dt");
    for (const part of (face ?? names).split(" ").filter(Boolean)) {
      const key = document.createElement("kbd");
      key.textContent = part.length === 1 ? part.toUpperCase() : part;
      term.append(key, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = words;
    const pair = document.createElement("div");
    pair.className = "keys__pair";
    pair.append(term, meaning);
    list.append(pair);
  }
  group.append(head, list);
  return group;
}
