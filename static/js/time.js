// @ts-check
// Times as people say them stay true while the page is open, and a touch shows the exact one.

/**
 * Words for the distance between two moments: "in 3 hours", "5 minutes ago".
 * @param {number} ms from now, negative for the past
 * @returns {string}
 */
export function distance(ms) {
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const minutes = Math.round(ms / 60_000);
  if (Math.abs(minutes) < 1) return "now";
  if (Math.abs(minutes) < 60) return format.format(minutes, "minute");
  const hours = Math.round(ms / 3_600_000);
  if (Math.abs(hours) < 36) return format.format(hours, "hour");
  return format.format(Math.round(ms / 86_400_000), "day");
}

/** @type {((ms: number) => string) | null} */
let named = null;

/** Where moments are no times (pictures), what they are called instead. @param {((ms: number) => string) | null} name */
export function nameMoments(name) {
  named = name;
}

/**
 * A place in a recording: 83000 is "1:23", with an hour "1:01:23".
 * @param {number} ms
 * @returns {string}
 */
export function clock(ms) {
  if (named) return named(ms);
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, String(seconds % 60).padStart(2, "0")];
  return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** The same to the tenth of a second, for a field that is sent: 83400 is "1:23.4". @param {number} ms @returns {string} */
export function exactClock(ms) {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  return `${clock(ms)}.${tenths % 10}`;
}

/**
 * The same to the millisecond: 83042 is "1:23.042".
 * @param {number} ms
 * @returns {string}
 */
export function clockMs(ms) {
  return `${clock(ms)}.${String(Math.max(0, Math.floor(ms)) % 1000).padStart(3, "0")}`;
}

/** Keeps every <time data-relative> inside `element` true. @param {HTMLElement} element */
export default function time(element) {
  const refresh = () => {
    if (document.hidden) return;
    for (const moment of element.querySelectorAll("time[data-relative]")) {
      const at = Date.parse(moment.getAttribute("datetime") ?? "");
      if (!Number.isNaN(at)) moment.textContent = distance(at - Date.now());
    }
  };
  /** @param {MouseEvent} event */
  const exact = (event) => {
    const moment = /** @type {Element} */ (event.target).closest?.("time[title]");
    if (!moment || moment.closest("a, button") || matchMedia("(hover: hover)").matches) return;
    const { textContent } = moment;
    moment.textContent = moment.getAttribute("title");
    moment.setAttribute("title", textContent ?? "");
  };
  const timer = setInterval(refresh, 30_000);
  document.addEventListener("visibilitychange", refresh);
  element.addEventListener("click", exact);
  refresh();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", refresh);
    element.removeEventListener("click", exact);
  };
}
