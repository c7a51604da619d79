// @ts-check
// How the two pictures lie: side by side, or one on the other with a line to wipe between them.
import { announce } from "app/toast.js";

const STEP = 2;
const WIDE_STEP = 10;
const KEY = "critique.compare";
// Beyond these a picture would be a strip; it gets bars instead.
const [TALLEST, WIDEST] = [0.75, 2.4];

/** @typedef {ReturnType<typeof createView>} View */

/** @param {HTMLElement} element @param {{sides: Array<{version: number, width: number | null, height: number | null}>}} data */
export function createView(element, { sides }) {
  const pair = /** @type {HTMLElement} */ (element.querySelector("[data-pair]"));
  const divider = /** @type {HTMLElement} */ (element.querySelector("[data-divider]"));
  const buttons = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[data-view-choice]")]);
  let at = 50;

  const ratios = sides.map(({ width, height }) => (width && height ? width / height : 16 / 9));
  pair.style.setProperty("--ratio", String(Math.max(TALLEST, Math.min(WIDEST, ...ratios))));

  /** @param {number} percent how much of the earlier version is seen */
  function wipe(percent) {
    at = Math.max(0, Math.min(100, percent));
    pair.style.setProperty("--wipe", `${at}%`);
    divider.setAttribute("aria-valuenow", String(Math.round(at)));
    divider.setAttribute("aria-valuetext", `${Math.round(at)} % v${sides[0].version}, ${Math.round(100 - at)} % v${sides[1].version}`);
  }

  /** @param {string} view side or wipe @param {{keep?: boolean}} [how] */
  function show(view, { keep = true } = {}) {
    element.dataset.view = view;
    divider.hidden = view !== "wipe";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.viewChoice === view));
    if (!keep) return;
    try { localStorage.setItem(KEY, view); } catch { /* forgotten with the window */ }
  }

  let dragging = false;
  const drag = (/** @type {PointerEvent} */ event) => {
    const { left, width } = /** @type {HTMLElement} */ (divider.parentElement).getBoundingClientRect();
    wipe((100 * (event.clientX - left)) / Math.max(1, width));
  };
  divider.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    dragging = true;
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => { if (dragging) drag(event); });
  for (const name of ["pointerup", "pointercancel"]) divider.addEventListener(name, () => { dragging = false; });
  divider.addEventListener("dblclick", () => wipe(50));
  divider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? WIDE_STEP : STEP;
    const to = /** @type {Record<string, number>} */ ({
      ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
      PageDown: at - WIDE_STEP, PageUp: at + WIDE_STEP, Home: 0, End: 100,
    })[event.key];
    if (to === undefined) return;
    wipe(to);
    event.preventDefault();
    event.stopPropagation();
  });
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.viewChoice ?? "side"));

  let kept = "";
  try { kept = localStorage.getItem(KEY) ?? ""; } catch { /* as on the first visit */ }
  const small = matchMedia("(max-width: 47.99rem)").matches;
  wipe(50);
  show(["side", "wipe"].includes(kept) ? kept : small ? "wipe" : "side", { keep: false });

  return {
    toggle() {
      const view = element.dataset.view === "wipe" ? "side" : "wipe";
      show(view);
      announce(view === "wipe" ? "Wipe" : "Side by side");
    },
    /** To the line between both pictures. */
    hold() {
      show("wipe");
      divider.focus();
    },
  };
}
