// @ts-check
// Whoever looks at a room reads what happened in it: its notices are marked as read, also those that come meanwhile.
import { showBell } from "app/bell.js";
import { csrfToken } from "app/request.js";

const SETTLE_MS = 1500;

/** @param {HTMLElement} element stands inside the room; `data-to` is where reading is noted */
export default function readHere(element) {
  const url = element.dataset.to ?? "";
  let timer = 0;

  async function note() {
    if (document.hidden) return;
    try {
      const response = await fetch(url, { method: "POST", keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } });
      if (response.ok && !response.redirected) showBell(await response.text());
    } catch {
      // Not connected: they stay new until the next look.
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(note, SETTLE_MS);
  }

  const talk = document.querySelector("[data-thread-list]");
  const observer = new MutationObserver(soon);
  if (talk) observer.observe(talk, { childList: true });
  document.addEventListener("visibilitychange", note);
  note();
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener("visibilitychange", note);
  };
}
