// @ts-check
// Pictures as the work. To the other parts of the room they are a recording without sound, each picture ten seconds long:
// so the talk, the composer and the drawings know where they are without knowing of pictures.
import { nameMoments } from "app/time.js";
import { announce } from "app/toast.js";

/** @typedef {import("app/room.js").Room} Room */

/** As long as templates/comments/_thread.html says. */
const EACH_MS = 10_000;
// A page of a site, a long way down: it is shown as wide as it fits, and scrolls.
const TALL = 2;

/** The picture that lies at a moment, by its id; null on recordings. @param {Room} room @param {number} ms */
export function stillAt(room, ms) {
  return room.data.stills[Math.floor(ms / EACH_MS)]?.id ?? null;
}

/** @param {Room} room @param {HTMLImageElement} picture @returns {import("app/player.js").Player} */
export function createStills(room, picture) {
  const screen = /** @type {HTMLElement} */ (room.find("[data-screen]"));
  const controls = /** @type {HTMLElement} */ (room.find("[data-controls]"));
  const links = () => /** @type {HTMLElement[]} */ ([...room.element.querySelectorAll("[data-still-link]")]);
  let at = Math.max(0, links().findIndex((link) => link.hasAttribute("aria-current")));
  nameMoments((ms) => `Picture ${links()[Math.floor(ms / EACH_MS)]?.dataset.number ?? 1}`);

  const now = () => (Number(links()[at]?.dataset.number ?? 1) - 1) * EACH_MS;
  const placeOf = (/** @type {number} */ ms) => links().findIndex((link) => Number(link.dataset.number) === Math.floor(ms / EACH_MS) + 1);

  /** Shows the picture at this place. @param {number} place @param {boolean} [said] tells it to who cannot see it */
  function show(place, said = true) {
    const link = links()[place];
    if (!link || place === at) return;
    at = place;
    const { src = "", width = "0", height = "0", number = "1", name = "" } = link.dataset;
    picture.width = Number(width);
    picture.height = Number(height);
    picture.src = src;
    picture.alt = `Picture ${number} of ${room.data.stills.length}: ${name}`;
    screen.classList.toggle("screen--scrolls", Number(height) > TALL * Number(width));
    screen.scrollTo(0, 0);
    for (const other of links()) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    write("[data-still-number]", number);
    write("[data-still-name]", name);
    point("[data-still-original]", link.dataset.original);
    point("[data-still-before]", links()[at - 1]?.getAttribute("href"));
    point("[data-still-after]", links()[at + 1]?.getAttribute("href"));
    const field = /** @type {HTMLInputElement | null} */ (room.find('[name="still_id"]'));
    if (field) field.value = link.dataset.stillLink ?? "";
    const url = new URL(location.href);
    url.searchParams.set("v", String(room.data.version));
    url.searchParams.set("still", link.dataset.stillLink ?? "");
    url.searchParams.delete("t");
    history.replaceState(history.state, "", url);
    if (said) announce(picture.alt);
    announceTime();
  }

  /** @param {string} selector @param {string} words */
  function write(selector, words) {
    const element = room.find(selector);
    if (element) element.textContent = words;
  }

  /** @param {string} selector @param {string | null | undefined} href none at an end of the line */
  function point(selector, href) {
    const element = room.find(selector);
    if (href) element?.setAttribute("href", href);
    else element?.removeAttribute("href");
    element?.toggleAttribute("aria-disabled", !href);
    if (!href) element?.setAttribute("aria-disabled", "true");
  }

  function announceTime() {
    room.tell("time", now());
  }

  function actual() {
    const on = screen.classList.toggle("screen--actual");
    room.find("[data-actual]")?.setAttribute("aria-pressed", String(on));
    announce(on ? "Actual size" : "Fitted to the page");
  }

  const nothing = () => {};
  const player = {
    video: Object.assign(picture, { paused: true }),
    now,
    duration: () => room.data.stills.length * EACH_MS,
    announceTime,
    /** @param {number} ms */
    seek(ms) { show(placeOf(ms), false); announceTime(); },
    /** @param {number} step pictures */
    go(step) { show(Math.max(0, Math.min(links().length - 1, at + step))); },
    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else screen.requestFullscreen?.().catch(nothing);
    },
    actual,
    toggle: nothing,
    play: nothing,
    begin: nothing,
    pause: nothing,
  };
  /** @type {import("app/keyboard.js").Key[]} */
  const keys = [
    { keys: "ArrowRight", words: "Next picture", face: "→", run: () => player.go(1) },
    { keys: "ArrowLeft", words: "Picture before", face: "←", run: () => player.go(-1) },
    { keys: "z", words: "Actual size, or all of it", run: actual },
    { keys: "f", words: "Full screen", run: player.full },
  ];

  room.element.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = /** @type {HTMLElement | null} */ (target.closest("[data-still-link]"));
    const step = target.closest("[data-still-before]") ? -1 : target.closest("[data-still-after]") ? 1 : 0;
    if (!link && !step) return;
    event.preventDefault();
    if (link) show(links().indexOf(link));
    else player.go(step);
  });
  controls.addEventListener("click", (event) => {
    const does = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"))?.dataset.do;
    if (does === "actual") actual();
    if (does === "full") player.full();
  });
  picture.addEventListener("error", () => {
    const note = /** @type {HTMLElement | null} */ (room.find("[data-still-trouble]"));
    if (!note) return;
    note.textContent = "This picture does not come just now. Reload the page; your text is kept.";
    note.hidden = false;
  });
  room.on("threads", (/** @type {import("app/threads.js").Thread[]} */ list) => {
    for (const link of links()) {
      const said = list.filter(({ element }) => element.dataset.still === link.dataset.stillLink).length;
      const mark = /** @type {HTMLElement | null} */ (link.querySelector("[data-still-said]"));
      const count = link.querySelector("[data-still-count]");
      if (mark) mark.hidden = !said;
      if (count) count.textContent = String(said);
    }
  });
  room.on("arrived", ({ page, fresh }) => {
    const strip = page.querySelector("[data-still-strip]");
    const shown = links()[at]?.dataset.stillLink;
    if (!strip || strip.querySelectorAll("[data-still-link]").length === links().length) return;
    room.data.stills = fresh.stills;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-still-link]"))?.dataset.stillLink;
    room.find("[data-still-strip]")?.replaceWith(document.importNode(strip, true));
    at = Math.max(0, links().findIndex((link) => link.dataset.stillLink === shown));
    for (const [place, link] of links().entries()) {
      if (place === at) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (focused) links().find((link) => link.dataset.stillLink === focused)?.focus({ preventScroll: true });
    announce("More pictures are here.");
  });
  room.later(() => nameMoments(null));
  return /** @type {any} */ (Object.assign(player, { keys }));
}
