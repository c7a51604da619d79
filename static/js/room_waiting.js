// @ts-check
// While there is nothing to play: opens the room when the video is there. Its steps follow along by themselves.

const EVERY_MS = 4000;
// A page that opened itself now would cut off an upload, or what is being chosen or written for one.
const BUSY = "[data-module~='upload']:not([data-state='idle']), dialog[open], .menu[open]";

/** @param {HTMLElement} element @param {import("app/room.js").RoomData | null} data */
export function startWaiting(element, data) {
  let timer = 0;
  const open = () => {
    clearTimeout(timer);
    if (document.querySelector(BUSY)) timer = setTimeout(open, EVERY_MS);
    else location.reload();
  };
  document.body.addEventListener("playable", open);
  // Somebody else's upload has no steps here yet, so the page itself is asked.
  const look = async () => {
    if (!document.hidden) {
      const page = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } })
        .then((response) => (response.ok ? response.text() : "")).catch(() => "");
      if (page.includes('id="room-data"')) return open();
    }
    timer = setTimeout(look, EVERY_MS);
  };
  if (!data && !element.querySelector("[data-module~='upload']")) timer = setTimeout(look, EVERY_MS);
  return () => {
    clearTimeout(timer);
    document.body.removeEventListener("playable", open);
  };
}
