// @ts-check
// A quiet question to the writer alone: a problem whose text gives no why is asked for one while it is written, never held up.
// It is critique/comments/nudge.py in the browser; the words that give reasons come from there, in data-reasons.

const PAUSE_MS = 600;
// Before there is a sentence, there is nothing to give a reason for.
const ENOUGH_WORDS = 3;

/** @param {string} kind @param {string} body @param {string[]} reasons @returns {boolean} */
export function lacksWhy(kind, body, reasons) {
  if (kind !== "problem" || !body.trim()) return false;
  const words = body.toLowerCase().replaceAll("’", "'").match(/'?\p{L}+(?:'\p{L}+)*/gu) ?? [];
  const said = ` ${words.join(" ")} `;
  return !reasons.some((reason) => said.includes(` ${reason} `));
}

/** @param {HTMLElement} element around the textarea of a comment, inside its form */
export default function nudge(element) {
  const area = element.querySelector("textarea");
  const form = area?.form;
  if (!area || !form) return;
  /** @type {string[]} */
  const reasons = JSON.parse(element.dataset.reasons ?? "[]");
  const line = document.createElement("p");
  line.className = "nudge";
  line.setAttribute("role", "status");
  line.hidden = true;
  element.append(line);
  let timer = 0;

  /** A thought that is still being written is not asked about. */
  function listen() {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  }

  function look() {
    const kind = String(new FormData(/** @type {HTMLFormElement} */ (form)).get("kind") ?? "");
    const enough = (area?.value.trim().split(/\s+/).length ?? 0) >= ENOUGH_WORDS;
    const asks = enough && lacksWhy(kind, area?.value ?? "", reasons);
    if (asks === !line.hidden) return;
    line.hidden = !asks;
    line.textContent = asks ? (element.dataset.question ?? "") : "";
  }

  const forget = () => {
    clearTimeout(timer);
    line.hidden = true;
    line.textContent = "";
  };
  form.addEventListener("input", listen);
  form.addEventListener("change", listen);
  form.addEventListener("submit", forget);
  return () => {
    forget();
    for (const name of ["input", "change"]) form.removeEventListener(name, listen);
    form.removeEventListener("submit", forget);
  };
}
