// @ts-check
// A claim lasts while its holder is at work: typing and playing renew it, an open tab alone does not.
import { csrfToken } from "app/request.js";

const AT_MOST_EVERY_MS = 60_000;

/** @param {import("app/room.js").Room} room @param {import("app/player.js").Player} player @returns {() => void} */
export function keepClaim(room, player) {
  const url = room.data.renew_url;
  if (!url) return () => {};
  let last = -Infinity;

  function atWork() {
    const now = performance.now();
    if (now - last < AT_MOST_EVERY_MS) return;
    last = now;
    // Without an answer the claim ends by its clock, as it would have anyway.
    fetch(/** @type {string} */ (url), { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": csrfToken() } }).catch(() => {});
  }

  const onTime = () => { if (!player.video.paused) atWork(); };
  room.element.addEventListener("input", atWork);
  player.video.addEventListener("timeupdate", onTime);
  return () => {
    room.element.removeEventListener("input", atWork);
    player.video.removeEventListener("timeupdate", onTime);
  };
}
