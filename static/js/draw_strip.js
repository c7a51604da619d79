// @ts-check
// The tools for drawing, in one small strip below the frame; it takes the place of the controls, so that nothing moves.
import { LONGEST_TEXT } from "app/draw_fit.js";
import { icon } from "app/icon.js";

/** @typedef {import("app/draw_pad.js").Tool} Tool */

/** @type {Array<{tool: Tool, words: string, key: string, sign: () => SVGSVGElement}>} */
export const TOOLS = [
  { tool: "pen", words: "Pen", key: "p", sign: () => icon("pencil") },
  { tool: "arrow", words: "Arrow", key: "a", sign: () => icon("move-up-right") },
  { tool: "rectangle", words: "Rectangle", key: "r", sign: () => icon("square") },
  { tool: "text", words: "Words", key: "t", sign: () => icon("type") },
  { tool: "pin", words: "Numbered pin", key: "n", sign: () => icon("map-pin") },
  { tool: "erase", words: "Eraser", key: "e", sign: () => icon("eraser") },
];

/**
 * @param {object} does
 * @param {(tool: Tool) => void} does.use
 * @param {() => void} does.undo
 * @param {() => void} does.redo
 * @param {() => void} does.clear
 * @param {() => void} does.done
 * @param {(text: string) => void} does.write
 * @param {() => void} does.finishWords
 */
export function drawingStrip({ use, undo, redo, clear, done, write, finishWords }) {
  const strip = document.createElement("div");
  strip.className = "draw-strip";
  strip.setAttribute("role", "toolbar");
  strip.setAttribute("aria-label", "Drawing on the frame");
  strip.hidden = true;
  const tools = TOOLS.map(({ tool, words, key, sign }) => {
    const button = make(`${words} (${key.toUpperCase()})`, words, sign(), () => use(tool));
    button.dataset.tool = tool;
    return button;
  });
  const back = make("Undo (Ctrl Z)", "Undo", icon("undo-2"), undo);
  const again = make("Redo (Ctrl Shift Z)", "Redo", icon("redo-2"), redo);
  const away = make("Erase everything", "Erase everything", icon("trash-2"), clear);
  const field = document.createElement("input");
  field.className = "draw-strip__words";
  field.type = "text";
  field.maxLength = LONGEST_TEXT;
  field.placeholder = "Words for the frame, then Enter";
  field.setAttribute("aria-label", "Words for the frame");
  field.hidden = true;
  field.addEventListener("input", () => write(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    finishWords();
  });
  const end = document.createElement("button");
  end.type = "button";
  end.className = "draw-strip__done";
  end.textContent = "Done";
  end.title = "Leave drawing (Esc)";
  end.addEventListener("click", done);
  const gap = document.createElement("span");
  gap.className = "draw-strip__gap";
  strip.append(...tools, gap, back, again, away, field, end);
  return {
    element: strip,
    field,
    /** @param {{tool: Tool, text: string | null, undo: boolean, redo: boolean, some: boolean}} state */
    show({ tool, text, undo: canUndo, redo: canRedo, some }) {
      for (const button of tools) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
      // aria-disabled keeps the focus where it is, which disabled would throw away.
      for (const [button, can] of /** @type {Array<[HTMLButtonElement, boolean]>} */ ([[back, canUndo], [again, canRedo], [away, some]])) button.setAttribute("aria-disabled", String(!can));
      strip.classList.toggle("draw-strip--words", text !== null);
      if (text === null && field.contains(document.activeElement)) end.focus();
      field.hidden = text === null;
      if (text !== null && field.value !== text) field.value = text;
    },
  };
}

/** @param {string} title @param {string} words @param {SVGSVGElement} sign @param {() => void} run */
function make(title, words, sign, run) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "draw-strip__button";
  button.title = title;
  button.setAttribute("aria-label", words);
  button.append(sign);
  button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") !== "true") run(); });
  return button;
}
