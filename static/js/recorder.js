// @ts-check
// Records a reply: voice or screen, two minutes at most, played before it is sent; nothing recorded is lost to a failure.
import { UNABLE, canRecord, openSource, typeFor, whyNot } from "app/recorder_source.js";
import { forgetTake, keepTake, keptTake, nameOf, playerOf, sender } from "app/recorder_take.js";
import { icon } from "app/icon.js";
import { post } from "app/room_post.js";

/** @typedef {import("app/recorder_source.js").Kind} Kind */
/** @typedef {import("app/recorder_take.js").Take} Take */

const TICK_MS = 100;
const BITS = { audioBitsPerSecond: 64_000, videoBitsPerSecond: 2_500_000 };
// The server forgets after a day what came and was not sent; before that it is sent anew.
const THERE_MS = 20 * 3_600_000;
const KEPT = "The recording is kept on this device; press Reply to try again, or download it.";

/** @param {HTMLElement} element inside the form of a reply */
export default function recorder(element) {
  const form = /** @type {HTMLFormElement | null} */ (element.closest("form"));
  if (!form) return;
  /** @template {HTMLElement} T @param {string} name @returns {T} */
  const part = (name) => /** @type {T} */ (element.querySelector(`[data-${name}]`));
  const largest = Number(element.dataset.largest);
  const comment = /\/comments\/(\d+)\/replies/.exec(form.action || location.pathname)?.[1] ?? "";
  const field = /** @type {HTMLInputElement} */ (element.querySelector('[name="recording"]'));
  const area = form.querySelector("textarea");
  /** @type {import("app/recorder_source.js").Source | null} */
  let source = null;
  /** @type {MediaRecorder | null} */
  let machine = null;
  /** @type {Take | null} */
  let take = null;
  /** @type {ReturnType<typeof sender> | null} */
  let sending = null;
  let [timer, spent, since, left] = [0, 0, 0, false];
  let url = "";

  /** @param {"idle" | "asking" | "going" | "paused" | "take" | "sending"} state */
  function show(state) {
    element.dataset.state = state;
    // The live talk leaves a thread alone in which somebody has recorded.
    element.toggleAttribute("data-holds", state !== "idle");
    part("begin").hidden = !["idle", "asking"].includes(state);
    part("going").hidden = state !== "going" && state !== "paused";
    part("take").hidden = state !== "take" && state !== "sending";
    part("bar").hidden = state !== "sending";
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (element.querySelectorAll("button"))) {
      button.disabled = state === "asking" || state === "sending";
    }
    if (area) area.required = state !== "take" && state !== "sending";
  }

  /** @param {string} words */
  const say = (words) => { part("words").textContent = words; };

  const now = () => spent + (since ? performance.now() - since : 0);

  function tick() {
    part("clock").textContent = spoken(now());
    /** @type {HTMLMeterElement} */ (part("level")).value = source?.level() ?? 0;
    if (now() >= Number(element.dataset.longest)) finish("That is as long as a reply can be, so it ended here. Listen to it, then press Reply.");
  }

  /** @param {Kind} kind */
  async function begin(kind) {
    say("");
    show("asking");
    try {
      source = await openSource(kind);
    } catch (error) {
      say(whyNot(error, kind));
      show("idle");
      return;
    }
    // They closed the form while the browser asked.
    if (left) return source.stop();
    if (source.warning) say(source.warning);
    /** @type {Blob[]} */
    const pieces = [];
    try {
      machine = new MediaRecorder(source.stream, { mimeType: typeFor(kind), ...BITS });
    } catch {
      source.stop();
      say(UNABLE);
      show("idle");
      return;
    }
    machine.addEventListener("dataavailable", (event) => { if (event.data.size) pieces.push(event.data); });
    machine.addEventListener("stop", () => ended(kind, pieces));
    // Who stops sharing by the browser's own button has finished.
    for (const track of source.stream.getVideoTracks()) track.addEventListener("ended", () => finish());
    machine.start(1000);
    [spent, since] = [0, performance.now()];
    timer = setInterval(tick, TICK_MS);
    part("pause").replaceChildren(icon("pause"), word("Pause"));
    show("going");
    part("stop").focus();
  }

  /** @param {string} [words] */
  function finish(words = "Listen to it, then press Reply.") {
    if (!machine || machine.state === "inactive") return;
    [spent, since] = [now(), 0];
    clearInterval(timer);
    machine.stop();
    say(words);
  }

  function pause() {
    const paused = machine?.state === "paused";
    if (paused) machine?.resume();
    else machine?.pause();
    [spent, since] = paused ? [spent, performance.now()] : [now(), 0];
    part("pause").replaceChildren(icon(paused ? "pause" : "play"), word(paused ? "Pause" : "Go on"));
    show(paused ? "going" : "paused");
  }

  /** @param {Kind} kind @param {Blob[]} pieces */
  async function ended(kind, pieces) {
    const type = machine?.mimeType ?? "";
    clearInterval(timer);
    source?.stop();
    [source, machine] = [null, null];
    const blob = new Blob(pieces, { type });
    if (!blob.size) {
      say("Nothing was recorded. Press again, or write your reply.");
      show("idle");
      return;
    }
    take = { blob, kind, ms: Math.round(spent), at: Date.now() };
    const safe = await keepTake(comment, take);
    if (left) return;
    if (!safe) say("Listen to it, then press Reply. It is not kept on this device, so stay on this page until it is sent.");
    open(take);
  }

  /** @param {Take} made */
  function open(made) {
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(made.blob);
    part("player").replaceChildren(playerOf(made, url));
    const link = /** @type {HTMLAnchorElement} */ (/** @type {HTMLElement} */ (part("download")));
    [link.href, link.download] = [url, nameOf(made)];
    field.value = Date.now() - made.at < THERE_MS ? made.recording ?? "" : "";
    sending = sender(made, {
      endpoint: element.dataset.endpoint ?? "",
      comment,
      progress: (share) => { /** @type {HTMLProgressElement} */ (part("bar")).value = share; },
    });
    show("take");
    form?.lastElementChild?.scrollIntoView({ block: "nearest" });
    if (made.blob.size > largest) say("This recording is larger than what can be sent. Download it, or record it again, shorter.");
  }

  async function discard() {
    sending?.stop();
    [take, sending, field.value] = [null, null, ""];
    part("player").replaceChildren();
    URL.revokeObjectURL(url);
    say("");
    show("idle");
    await forgetTake(comment);
  }

  /** Sends what was recorded, then the form that carries its number. @param {SubmitEvent} event */
  async function submit(event) {
    if (machine || element.dataset.state === "sending" || element.dataset.state === "asking") {
      event.preventDefault();
      if (element.dataset.state === "asking") say("The browser is asking whether it may record. Answer it first, or close what it asks.");
      finish();
      return;
    }
    if (!take || !sending || !form) return;
    if (field.value && !element.dataset.back) return;
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    show("sending");
    say("Sending your recording.");
    try {
      take.recording = field.value ||= await sending.send();
      await keepTake(comment, take);
      if (element.dataset.back) {
        await post(form.action, new FormData(form));
        await forgetTake(comment);
        element.removeAttribute("data-holds");
        location.assign(element.dataset.back);
        return;
      }
      say("");
      show("take");
      form.requestSubmit(button);
    } catch (error) {
      say(`Not sent: ${/** @type {Error} */ (error).message} ${KEPT}`);
      show("take");
    }
  }

  /** The talk empties a form once the server has what it said. */
  const sent = () => {
    if (!field.value && !take) return;
    take = null;
    element.removeAttribute("data-holds");
    forgetTake(comment);
  };

  /** @param {BeforeUnloadEvent} event */
  const leaving = (event) => { if (machine || element.dataset.state === "sending") event.preventDefault(); };

  for (const [name, sign, act] of /** @type {const} */ ([
    ["record='voice'", icon("mic"), () => begin("voice")],
    ["record='screen'", icon("monitor"), () => begin("screen")],
    ["pause", icon("pause"), pause],
    ["stop", icon("square"), () => finish()],
    ["again", icon("rotate-ccw"), async () => {
      const kind = take?.kind ?? "voice";
      await discard();
      await begin(kind);
    }],
    ["discard", icon("trash-2"), discard],
    ["download", icon("download"), () => {}],
  ])) {
    part(name).prepend(sign);
    part(name).addEventListener("click", act);
  }
  form.addEventListener("submit", submit);
  form.addEventListener("reset", sent);
  window.addEventListener("beforeunload", leaving);
  element.hidden = false;
  show("idle");
  form.lastElementChild?.scrollIntoView({ block: "nearest" });
  part("record='screen'").hidden = !canRecord("screen");
  if (!canRecord("voice")) {
    part("begin").hidden = true;
    say(UNABLE);
  }
  keptTake(comment).then((kept) => {
    if (!kept || left || element.dataset.state !== "idle") return;
    take = kept;
    open(kept);
    say("You recorded this and did not send it; it was kept on this device.");
  });
  return () => {
    left = true;
    window.removeEventListener("beforeunload", leaving);
    sending?.stop();
    if (machine) finish();
    source?.stop();
    URL.revokeObjectURL(url);
  };
}

/** Minutes and seconds, also in a room whose moments are pictures. @param {number} ms */
function spoken(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {string} text */
function word(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}
