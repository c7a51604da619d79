// @ts-check
// Links into the room: ?t=<ms>, #comment-<id> and #reply-<id> open there, ?play=1 plays, and "copy link" makes the first kind.
import { stillAt } from "app/stills.js";
import { clock } from "app/time.js";
import { post } from "app/room_post.js";
import { toast } from "app/toast.js";

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/threads.js").Threads} threads
 */
export function openAt(room, player, threads) {
  const seen = new Set();
  /** Whoever follows a link to a thread they are named in has looked; it waits no longer. @param {number} id */
  function see(id) {
    if (seen.has(id) || !threads.box.querySelector(`#comment-${id} .mention--mine`)) return;
    seen.add(id);
    post(`/comments/${id}/mentions/seen`, new FormData()).catch(() => seen.delete(id));
  }
  // A moment in what somebody wrote: the video stands there, and nothing is loaded anew.
  const jump = (/** @type {MouseEvent} */ event) => {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a.moment[data-at]"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.version !== String(room.data.version)) return;
    event.preventDefault();
    player.seek(Number(link.dataset.at));
  };
  room.element.addEventListener("click", jump);
  const follow = () => {
    const reply = /^#reply-\d+$/.test(location.hash) ? threads.box.querySelector(location.hash) : null;
    const id = /^#?comment-(\d+)$/.exec(reply?.closest("article")?.id ?? location.hash)?.[1];
    const opened = id ? threads.open(Number(id)) : false;
    if (opened) see(Number(id));
    if (opened) reply?.scrollIntoView({ block: "nearest" });
    return opened;
  };
  // After the parts have read the page.
  setTimeout(() => {
    if (follow()) {
      // Until everything is loaded the browser goes on scrolling to the address by itself.
      if (document.readyState !== "complete") window.addEventListener("load", () => setTimeout(follow), { once: true });
      return;
    }
    const asked = new URL(location.href);
    const at = Number(asked.searchParams.get("t") ?? "");
    if (at > 0) player.seek(at);
    if (!asked.searchParams.has("play")) return;
    player.begin();
    // Who loads the page again, or passes its address on, did not ask for that.
    asked.searchParams.delete("play");
    history.replaceState(history.state, "", asked);
  });
  window.addEventListener("hashchange", follow);
  room.later(() => window.removeEventListener("hashchange", follow));
  const copy = async (/** @type {Event} */ event) => {
    if (!/** @type {Element} */ (event.target).closest("[data-copy-link]")) return;
    const url = new URL(location.pathname, location.origin);
    url.searchParams.set("v", String(room.data.version));
    const still = stillAt(room, player.now());
    if (still) url.searchParams.set("still", String(still));
    else url.searchParams.set("t", String(player.now()));
    try {
      await navigator.clipboard.writeText(url.href);
      toast(`Link to ${clock(player.now())} copied.`);
    } catch {
      toast(`The browser did not let us copy. Here it is: ${url.href}`, { kind: "problem" });
    }
  };
  room.element.addEventListener("click", copy);
}
