// @ts-check
// Where a comment is written. It stands in the talk at once, says honestly when it was not sent, and is never lost.
import { clearDraft, readDraft, writeDraft } from "app/drafts.js";
import { createOutbox } from "app/composer_outbox.js";
import { afterFrame } from "app/frames.js";
import { onceToken } from "app/room_post.js";
import { stillAt } from "app/stills.js";
import { clock } from "app/time.js";

/** @typedef {ReturnType<typeof createComposer>} Composer */
/** @typedef {import("app/room.js").Anchor} Anchor */

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/player.js").Player} player
 * @param {import("app/transcript.js").Transcript} transcript
 * @param {import("app/threads.js").Threads} threads
 */
export function createComposer(room, player, transcript, threads) {
  const form = /** @type {HTMLFormElement | null} */ (room.find("[data-composer]"));
  if (!form) return { focus() {}, addToReview() {} };
  const key = `room-${room.data.walkthrough}`;
  const body = /** @type {HTMLTextAreaElement} */ (form.querySelector("[data-body]"));
  const line = /** @type {HTMLElement} */ (form.querySelector("[data-anchor]"));
  const quote = /** @type {HTMLElement} */ (form.querySelector("[data-anchor-quote]"));
  const time = /** @type {HTMLElement} */ (form.querySelector("[data-anchor-time]"));
  const hint = /** @type {HTMLElement} */ (form.querySelector("[data-anchor-hint]"));
  const clear = /** @type {HTMLElement} */ (form.querySelector("[data-anchor-clear]"));
  const note = /** @type {HTMLElement} */ (form.querySelector("[data-note]"));
  const aim = /** @type {HTMLSelectElement | null} */ (form.querySelector('[name="aim_id"]'));
  const drawn = /** @type {HTMLElement} */ (form.querySelector("[data-drawn]"));
  const outbox = createOutbox(room, threads, form.action);
  const ways = leadingWay(form, room.data.person.id);
  let once = onceToken();
  /** @type {number | null} the moment stays where writing began, though the video may play on */
  let heldAt = null;

  const narrow = matchMedia("(max-width: 63.99rem)");
  const full = body.placeholder;
  const moment = () => heldAt ?? player.now();

  function drawAnchor() {
    const { anchor } = room;
    line.hidden = false;
    quote.hidden = !anchor?.quote;
    quote.textContent = anchor?.quote ? `“${anchor.quote}”` : "";
    const start = anchor?.start ?? moment();
    time.textContent = anchor && anchor.end > anchor.start ? `${clock(start)}–${clock(anchor.end)}` : clock(start);
    hint.textContent = anchor ? (anchor.quote ? "" : "this range") : (room.data.kind === "stills" ? "" : "this moment");
    clear.hidden = !anchor;
    body.placeholder = narrow.matches ? `Comment at ${time.textContent}` : full;
    line.classList.toggle("composer__anchor--set", anchor !== null);
  }

  function keep() {
    if (!body.value.trim() && !room.region) {
      clearDraft(key);
      return;
    }
    const fields = new FormData(/** @type {HTMLFormElement} */ (form));
    writeDraft(key, JSON.stringify({ body: body.value, anchor: room.anchor, transcript: room.data.transcript, at: moment(), region: room.region, once, kind: fields.get("kind"), weight: fields.get("weight"), aim_id: fields.get("aim_id") }));
  }

  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(keep, 200); };

  function restore() {
    const draft = readDraft(key);
    if (!draft) return;
    try {
      const kept = JSON.parse(draft.text);
      body.value = kept.body;
      once = kept.once ?? once;
      heldAt = kept.at ?? null;
      for (const name of ["kind", "weight"]) {
        const choice = /** @type {HTMLInputElement | null} */ (form?.querySelector(`[name="${name}"][value="${CSS.escape(kept[name] ?? "")}"]`));
        if (choice) choice.checked = true;
      }
      if (aim && kept.aim_id) aim.value = kept.aim_id;
      if (kept.anchor) restoreAnchor(kept.anchor, kept.transcript);
      if (kept.region) room.setRegion(kept.region.shapes, kept.region.at);
      say("Kept from before, not sent yet.");
      form?.classList.add("composer--open");
    } catch { clearDraft(key); }
  }

  /** Words are kept by their places; where those are another transcript's, the ones spoken at that time are meant.
   *  @param {Anchor} anchor @param {number | null} of the transcript it was chosen in */
  function restoreAnchor(anchor, of) {
    const last = transcript.wordAt(anchor.end - 1);
    if (anchor.first === null || of === room.data.transcript) room.setAnchor(anchor);
    else if (last < 0) room.setAnchor({ ...anchor, first: null, last: null, quote: "" });
    else transcript.choose(Math.max(0, transcript.wordAt(anchor.start)), last);
  }

  /** @param {string} words */
  function say(words) {
    note.textContent = words;
  }

  function reset() {
    body.value = "";
    if (aim) aim.value = "";
    once = onceToken();
    heldAt = null;
    clearTimeout(timer);
    clearDraft(key);
    // The comment stands in the talk first; what it was about is let go of after that frame.
    afterFrame(() => {
      getSelection()?.removeAllRanges();
      room.setAnchor(null);
      room.setRegion(null, 0);
      say("");
      grow();
    });
  }

  /** Browsers without field-sizing grow the field by hand. */
  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    body.style.blockSize = "auto";
    body.style.blockSize = `${body.scrollHeight + 2}px`;
  }

  /** @param {boolean} draft kept for one's review, where only the writer sees it */
  function submit(draft) {
    const text = body.value.trim();
    if (!text) {
      say("Write something first; the moment is kept.");
      body.focus();
      return;
    }
    ways.took(draft);
    const { anchor } = room;
    const at = moment();
    const fields = Object.fromEntries([...new FormData(/** @type {HTMLFormElement} */ (form))].map(([name, value]) => [name, String(value)]));
    outbox.send({
      once,
      body: text,
      kind: fields.kind,
      weight: fields.weight,
      aim_id: fields.aim_id ? Number(fields.aim_id) : null,
      start_ms: anchor?.start ?? at,
      end_ms: anchor?.end ?? at,
      transcript: anchor?.first != null ? room.data.transcript : null,
      first_word: anchor?.first != null ? transcript.words[anchor.first][0] : null,
      last_word: anchor?.last != null ? transcript.words[anchor.last][0] : null,
      quote: anchor?.quote ?? "",
      still_id: stillAt(room, at),
      region: room.region && JSON.stringify(room.region.shapes),
      draft,
    });
    reset();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(/** @type {HTMLButtonElement | null} */ (event.submitter)?.name === "draft");
  });
  body.addEventListener("input", () => {
    if (heldAt === null && !room.anchor && body.value) heldAt = player.now();
    if (!body.value && !room.region) heldAt = null;
    if (note.textContent) say("");
    drawAnchor();
    grow();
    soon();
  });
  form.addEventListener("change", soon);
  form.addEventListener("focusin", () => form.classList.add("composer--open"));
  form.addEventListener("focusout", () => setTimeout(() => {
    if (!form.contains(document.activeElement) && !body.value && !room.anchor && !room.region) form.classList.remove("composer--open");
  }, 150));
  form.addEventListener("click", (event) => {
    const does = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"))?.dataset.do;
    if (does === "clearRegion") room.setRegion(null, 0);
    if (does !== "clearAnchor") return;
    getSelection()?.removeAllRanges();
    room.setAnchor(null);
    body.focus();
  });
  room.on("anchor", (anchor) => {
    if (anchor) form.classList.add("composer--open");
    drawAnchor();
    soon();
  });
  room.on("region", (region) => {
    drawn.hidden = !region;
    if (region) heldAt = region.at;
    else if (!body.value) heldAt = null;
    if (region) form.classList.add("composer--open");
    drawAnchor();
    soon();
  });
  let shownSecond = -1;
  room.on("time", (ms) => {
    const second = Math.floor(ms / 1000);
    if (room.anchor || heldAt !== null || second === shownSecond) return;
    shownSecond = second;
    drawAnchor();
  });
  window.addEventListener("pagehide", keep);
  room.later(() => window.removeEventListener("pagehide", keep));
  aboveKeyboard(form, room);
  restore();
  drawAnchor();
  return {
    focus() {
      body.focus({ preventScroll: narrow.matches });
      form.scrollIntoView({ block: "nearest" });
    },
    /** Keeps what stands there for one's review; who cannot send one posts it. */
    addToReview() {
      form.requestSubmit(/** @type {HTMLButtonElement | null} */ (form.querySelector('[data-send="draft"]')));
    },
  };
}

/**
 * Two ways to send: now, or with one's review. The one taken last leads, on this device, for this person.
 * @param {HTMLFormElement} form
 * @param {number} person
 */
function leadingWay(form, person) {
  const place = `critique.sends.${person}`;
  const buttons = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-send]")]);
  /** @param {string} way */
  const lead = (way) => {
    for (const button of buttons) {
      button.classList.toggle("button--primary", button.dataset.send === way);
      button.classList.toggle("button--quiet", button.dataset.send !== way);
    }
  };
  const both = buttons.length > 1;
  try { if (both) lead(localStorage.getItem(place) ?? "now"); } catch { /* the first leads */ }
  return {
    both,
    /** @param {boolean} draft */
    took(draft) {
      if (!both) return;
      lead(draft ? "draft" : "now");
      try { localStorage.setItem(place, draft ? "draft" : "now"); } catch { /* forgotten with the window */ }
    },
  };
}

/**
 * On a phone the composer lies at the foot; browsers that do not resize the page for their keyboard get it lifted.
 * @param {HTMLElement} form
 * @param {import("app/room.js").Room} room
 */
function aboveKeyboard(form, room) {
  const view = window.visualViewport;
  if (!view) return;
  const lift = () => {
    const covered = Math.max(0, window.innerHeight - view.height - view.offsetTop);
    form.style.setProperty("--covered", `${Math.round(covered)}px`);
  };
  view.addEventListener("resize", lift);
  view.addEventListener("scroll", lift);
  room.later(() => { view.removeEventListener("resize", lift); view.removeEventListener("scroll", lift); });
}
