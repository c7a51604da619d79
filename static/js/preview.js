// @ts-check
// Write, and look how it will stand: Markdown shown by the server as the talk shows it. Nothing is kept there.
import { post } from "app/room_post.js";

/** @param {HTMLElement} element around one textarea; data-preview is where it is shown */
export default function preview(element) {
  const area = /** @type {HTMLTextAreaElement} */ (element.querySelector("textarea"));
  const url = element.dataset.preview;
  if (!url) return;
  const sheet = document.createElement("div");
  sheet.className = "written";
  sheet.tabIndex = -1;
  sheet.setAttribute("role", "region");
  sheet.setAttribute("aria-label", "Preview");
  sheet.hidden = true;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "text-button writing__preview";
  element.append(sheet, button);
  let asked = 0;

  function write() {
    asked += 1;
    sheet.hidden = true;
    area.hidden = false;
    draw();
  }

  function draw() {
    button.textContent = sheet.hidden ? "Preview" : "Write on";
    button.hidden = sheet.hidden && !area.value.trim();
  }

  async function show() {
    const mine = asked += 1;
    const fields = new FormData();
    fields.set("body", area.value);
    if (element.dataset.version) fields.set("version", element.dataset.version);
    button.setAttribute("aria-busy", "true");
    let page;
    try {
      page = new DOMParser().parseFromString(await post(/** @type {string} */ (url), fields), "text/html");
    } catch (error) {
      page = document.implementation.createHTMLDocument();
      page.body.textContent = /** @type {Error} */ (error).message;
    } finally {
      button.removeAttribute("aria-busy");
    }
    if (mine !== asked) return;
    sheet.replaceChildren(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
    sheet.style.minBlockSize = `${area.offsetHeight}px`;
    area.hidden = true;
    sheet.hidden = false;
    draw();
    sheet.focus({ preventScroll: true });
  }

  const press = () => {
    if (sheet.hidden) show();
    else {
      write();
      area.focus();
    }
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || sheet.hidden) return;
    event.stopPropagation();
    press();
  };
  const form = area.form;
  // Sent, the words have left the field: the next ones are written again.
  const sent = () => {
    if (!sheet.hidden) write();
    asked += 1;
    queueMicrotask(draw);
    setTimeout(draw, 400);
  };
  // Whoever writes on while the sheet is being drawn is not taken out of the field by it.
  const typed = () => {
    asked += 1;
    draw();
  };
  button.addEventListener("click", press);
  sheet.addEventListener("keydown", keys);
  area.addEventListener("input", typed);
  form?.addEventListener("submit", sent);
  form?.addEventListener("reset", sent);
  draw();
  return () => {
    form?.removeEventListener("submit", sent);
    form?.removeEventListener("reset", sent);
  };
}
