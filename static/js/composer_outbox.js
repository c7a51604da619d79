// @ts-check
// Comments on their way: painted at once as "sending", kept on this device until the server has them.
import { afterFrame } from "app/frames.js";
import { cardIn } from "app/review_send.js";
import { post, SIGNED_OUT } from "app/room_post.js";
import { clock } from "app/time.js";
import { announce } from "app/toast.js";

/**
 * @typedef {object} Outgoing
 * @property {string} once names this comment, so that sending it again is harmless
 * @property {string} body
 * @property {string} kind
 * @property {string} weight
 * @property {number | null} aim_id which question of the author it answers
 * @property {number} start_ms
 * @property {number} end_ms
 * @property {number | null} transcript the one that the words were chosen in
 * @property {number | null} first_word
 * @property {number | null} last_word
 * @property {string} quote
 * @property {number | null} still_id which picture it is about
 * @property {string | null} region what was drawn on the frame, as JSON text
 * @property {boolean} draft kept for one's review instead of posted
 */

/**
 * @param {import("app/room.js").Room} room
 * @param {import("app/threads.js").Threads} threads
 * @param {string} url where comments are posted
 */
export function createOutbox(room, threads, url) {
  // One entry a comment: two tabs of one room keep theirs beside each other.
  const place = `critique.outbox.${room.data.person.id}.${room.data.walkthrough}.`;

  /** @param {Outgoing} comment */
  function keep(comment) {
    try { localStorage.setItem(place + comment.once, JSON.stringify(comment)); } catch { /* it still stands in the page */ }
  }

  /** @param {Outgoing} comment */
  function forget(comment) {
    try { localStorage.removeItem(place + comment.once); } catch { /* nothing was kept */ }
  }

  /** @param {Outgoing} comment */
  function send(comment) {
    const card = paint(comment);
    mark(card, "Sending", false);
    keep(comment);
    afterFrame(() => attempt(comment, card));
  }

  /** @param {Outgoing} comment @param {HTMLElement} card */
  async function attempt(comment, card) {
    mark(card, "Sending", false);
    const fields = new FormData();
    for (const [name, value] of Object.entries(comment)) if (value !== null && value !== false && name !== "quote") fields.set(name, String(value));
    try {
      const answer = await post(url, fields);
      forget(comment);
      if (comment.draft) {
        becomeDraft(card, answer);
        return;
      }
      mark(card, "Sent", false);
      room.tell("changed");
      announce("Your comment is posted.");
      vanish(card, comment);
    } catch (error) {
      const failed = /** @type {import("app/request.js").RequestFailed} */ (error);
      const words = failed.status === 401 ? SIGNED_OUT : `Not sent, kept here. ${failed.message}`;
      mark(card, words, true);
      announce(words, "assertive");
    }
  }

  /** The draft takes the card's place; one that was sent meanwhile is in the talk. @param {HTMLElement} card @param {string} answer */
  function becomeDraft(card, answer) {
    const draft = cardIn(answer);
    if (draft) card.replaceWith(draft);
    else card.remove();
    room.tell("drafted");
    room.tell("changed");
    if (draft) threads.bringIntoView(draft, true);
    announce("Kept for your review. Only you see it.");
  }

  /** The card goes when the thread itself has come, so that nothing jumps. @param {HTMLElement} card @param {Outgoing} comment */
  function vanish(card, comment) {
    const before = new Set(threads.list().map((thread) => thread.id));
    const look = () => {
      const come = threads.list().find((thread) => !before.has(thread.id) && thread.start === comment.start_ms);
      card.remove();
      threads.reread();
      if (come) threads.bringIntoView(come.element);
    };
    const stop = setTimeout(look, 4000);
    room.addEventListener("threads", () => { clearTimeout(stop); queueMicrotask(look); }, { once: true });
  }

  /** @param {Outgoing} comment */
  function paint(comment) {
    const card = document.createElement("article");
    card.className = "sending";
    if (comment.region) Object.assign(card.dataset, { region: comment.region, start: comment.start_ms, end: comment.end_ms });
    const head = document.createElement("p");
    head.className = "sending__head";
    const who = document.createElement("strong");
    who.textContent = room.data.person.name;
    const when = document.createElement("span");
    when.className = "figures";
    when.textContent = comment.end_ms > comment.start_ms ? `${clock(comment.start_ms)}–${clock(comment.end_ms)}` : clock(comment.start_ms);
    head.append(who, when);
    card.append(head);
    if (comment.quote) {
      const quote = document.createElement("p");
      quote.className = "sending__quote";
      quote.textContent = `“${comment.quote}”`;
      card.append(quote);
    }
    const words = document.createElement("p");
    words.className = "sending__words";
    words.textContent = comment.body;
    const foot = document.createElement("p");
    foot.className = "sending__state";
    card.append(words, foot);
    card.addEventListener("click", (event) => {
      const does = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-outbox]"))?.dataset.outbox;
      if (does === "again") attempt(comment, card);
      if (does === "discard") { forget(comment); card.remove(); threads.reread(); }
    });
    const after = threads.list().findLast((thread) => thread.start <= comment.start_ms);
    if (after) after.element.after(card);
    else threads.box.prepend(card);
    room.show("talk");
    threads.bringIntoView(card, true);
    return card;
  }

  /** @param {HTMLElement} card @param {string} words @param {boolean} failed */
  function mark(card, words, failed) {
    const foot = /** @type {HTMLElement} */ (card.querySelector(".sending__state"));
    foot.textContent = words;
    card.classList.toggle("sending--failed", failed);
    if (!failed) return;
    for (const [does, text] of [["again", "Try again"], ["discard", "Discard"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "text-button";
      button.dataset.outbox = does;
      button.textContent = text;
      foot.append(" ", button);
    }
  }

  /** What another page of this person left unsent on this device; gone when that one sends it after all. @param {string} name */
  function take(name) {
    /** @type {Outgoing} */
    let comment;
    try { comment = JSON.parse(localStorage.getItem(name) ?? ""); } catch { return localStorage.removeItem(name); }
    const card = paint(comment);
    mark(card, "Not sent, kept here.", true);
    window.addEventListener("storage", (event) => { if (event.key === name && !event.newValue) card.remove(); });
  }

  queueMicrotask(() => {
    try {
      for (const name of Object.keys(localStorage)) if (name.startsWith(place)) take(name);
    } catch { /* this device keeps nothing */ }
  });
  return { send };
}
