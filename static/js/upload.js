// @ts-check
// Brings a recording, or pictures one after the other, by tus: told before what fits, paused and resumed at will, resumed
// after a reload or a cut line.
import { Upload, defaultOptions } from "tus-js-client";
import { csrfToken } from "app/request.js";
import { onceToken } from "app/room_post.js";
import { announce, toast } from "app/toast.js";
import { createBatch, drawRows } from "app/upload_batch.js";
import { refusalOf, sentenceOf, spokenRest, spokenSize } from "app/upload_files.js";

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];
const SAY_EVERY_MS = 15_000;
const person = () => document.querySelector('meta[name="person"]')?.getAttribute("content") ?? "guest";

/** @param {HTMLElement} element the form */
export default function upload(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  /** @template {HTMLElement} T @param {string} name @returns {T} */
  const part = (name) => /** @type {T} */ (form.querySelector(`[data-${name}]`));
  const area = /** @type {HTMLElement} */ (form.querySelector(".upload__area"));
  /** @type {HTMLInputElement} */
  const input = part("file");
  /** @type {HTMLProgressElement} */
  const bar = part("bar");
  const storage = defaultOptions.urlStorage;
  const review = form.dataset.review ?? "";
  const mark = `critique-${person()}-${review}`;
  const batch = createBatch(`${person()}-${review}`);
  /** @type {File[]} */
  let files = [];
  let at = 0;
  /** @type {string[]} fingerprints of those that are there whole */
  let done = [];
  /** Which version further pictures join; empty until the first has begun it. */
  let walkthrough = "";
  /** @type {ReturnType<typeof drawRows> | null} */
  let rows = null;
  /** @type {any} */
  let running = null;
  const invitation = part("invitation").textContent ?? "";
  let begun = { at: 0, from: 0 };
  let said = 0;
  let choosing = 0;
  const note = /** @type {HTMLTextAreaElement} */ (part("note-text"));

  /** @param {"idle" | "chosen" | "going" | "paused" | "done"} state */
  function show(state) {
    form.dataset.state = state === "paused" || state === "done" ? "going" : state;
    // It goes along with the first bytes; what were written later would not.
    note.readOnly = form.dataset.state === "going";
    part("actions").hidden = state === "idle" || state === "done";
    part("going").hidden = !["going", "paused", "done"].includes(state);
    part("start").hidden = state !== "chosen";
    part("pause").hidden = state !== "going";
    part("resume").hidden = state !== "paused";
    part("stop").hidden = state !== "going" && state !== "paused";
    part("start").removeAttribute("aria-busy");
  }

  /** @param {string} words @param {"polite" | "assertive"} [manner] */
  function notice(words, manner = "assertive") {
    part("notice").textContent = words;
    part("notice").hidden = !words;
    if (words) announce(words, manner);
  }

  /** @param {File[]} chosen */
  async function choose(chosen) {
    if (running || !chosen.length) return;
    notice("");
    const mine = choosing += 1;
    const refusal = await refusalOf(chosen, { largest: Number(form.dataset.largest), longest: Number(form.dataset.minutes) });
    // The length of another one was still being read when these were chosen.
    if (mine !== choosing || running) return;
    if (refusal) return notice(refusal);
    files = chosen;
    rows = drawRows(part("list"), files);
    const total = spokenSize(files.reduce((sum, file) => sum + file.size, 0));
    part("invitation").textContent = files.length > 1 ? `${files.length} pictures, ${total}` : `${files[0].name}, ${total}`;
    part("note").hidden = false;
    show("chosen");
    const begun = batch.left();
    const same = begun && files.length > 1 && files.every((file) => begun.all.includes(fingerprint(file)));
    [walkthrough, done] = same ? [begun.walkthrough, begun.done] : ["", []];
    const before = await storage.findUploadsByFingerprint(fingerprint(files[0]));
    if (before.length || same) start();
    else part("start").focus();
  }

  /** @param {File} chosen */
  const fingerprint = (chosen) => [mark, chosen.name, chosen.type, chosen.size, chosen.lastModified].join("-");

  async function start() {
    if (!files.length || running) return;
    at = files.findIndex((file) => !done.includes(fingerprint(file)));
    for (const [place, file] of files.entries()) if (done.includes(fingerprint(file))) rows?.show(place, file.size, "Here");
    if (at < 0) return finished();
    await next();
  }

  /** Begins the file whose turn it is, or goes on with what an earlier page began. */
  async function next() {
    const chosen = files[at];
    running = new Upload(chosen, {
      endpoint: form.dataset.endpoint,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      fingerprint: async () => fingerprint(chosen),
      // The key makes a beginning whose answer was lost harmless to repeat.
      headers: { "X-CSRFToken": csrfToken(), "Idempotency-Key": onceToken() },
      metadata: {
        review,
        filename: chosen.name,
        filetype: chosen.type,
        note: note.value,
        ...(walkthrough ? { walkthrough } : {}),
      },
      onAfterResponse: (_request, response) => { walkthrough = response.getHeader("Walkthrough-Id") ?? walkthrough; },
      onProgress: progressed,
      onSuccess: oneHere,
      onError: stopped,
    });
    const [before] = await running.findPreviousUploads();
    if (before) running.resumeFromPreviousUpload(before);
    if (before?.metadata?.note) note.value = before.metadata.note;
    go();
  }

  function go() {
    notice("");
    begun = { at: 0, from: 0 };
    part("words").textContent = "Getting ready";
    show("going");
    running.start();
  }

  /** @param {number} sent @param {number} total */
  function progressed(sent, total) {
    const now = Date.now();
    if (!begun.at) begun = { at: now, from: sent };
    const rest = ((now - begun.at) / (sent - begun.from)) * (total - sent);
    bar.value = ((at + sent / total) / files.length) * 100;
    const words = `${spokenSize(sent)} of ${spokenSize(total)}${spokenRest(sent > begun.from ? rest : Infinity)}`;
    part("words").textContent = files.length > 1 ? `Picture ${at + 1} of ${files.length}` : words;
    rows?.show(at, sent, words);
    if (now - said > SAY_EVERY_MS) {
      said = now;
      announce(`${Math.round(bar.value)} % uploaded`);
    }
  }

  /** One file is here whole: the next one's turn, until all are. */
  async function oneHere() {
    running = null;
    done = [...done, fingerprint(files[at])];
    rows?.show(at, files[at].size, "Here");
    if (files.length > 1) batch.keep({ walkthrough, done, all: files.map(fingerprint), name: files[0].name });
    at = files.findIndex((file) => !done.includes(fingerprint(file)));
    if (at < 0) finished();
    else await next();
  }

  function finished() {
    running = null;
    batch.keep(null);
    bar.value = 100;
    const words = files.length > 1 ? "All of them are here. Reading them" : "All of it is here. Making it ready";
    part("words").textContent = words;
    announce(`${words}.`);
    show("done");
    form.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: { review } }));
    const room = form.dataset.room ?? location.href;
    // Who put the dialog away is at something else in this room, and goes over when it suits them.
    const dialog = form.closest("dialog");
    if (dialog && !dialog.open && document.querySelector(".room--live")) toast("Your new version is here.", { action: "Go to it", onAction: () => location.assign(room), stays: true });
    else location.assign(room);
  }

  /** @param {any} error */
  function stopped(error) {
    const status = error.originalResponse?.getStatus?.() ?? 0;
    notice(sentenceOf(error));
    // What is refused for good would be refused again: only another file helps.
    if (status >= 400 && status < 500 && ![401, 409, 423, 429].includes(status)) {
      running = null;
      show("idle");
    } else show("paused");
  }

  async function pause() {
    await running?.abort();
    part("words").textContent += " – paused";
    announce("Paused. What was sent is kept.");
    show("paused");
  }

  async function forget() {
    const going = running;
    const there = done.length;
    running = null;
    [files, done, walkthrough] = [[], [], ""];
    batch.keep(null);
    form.reset();
    part("list").hidden = true;
    part("invitation").textContent = invitation;
    show("idle");
    const kept = there ? `${there} of the pictures ${there === 1 ? "is" : "are"} there already and can be seen; you can remove that version.` : "What was sent is forgotten.";
    notice(`Stopped. ${kept} Choose again to begin anew.`, "polite");
    await going?.abort(true).catch(() => { /* the server clears it away after a day */ });
  }

  async function offerResume() {
    const open = (await storage.findAllUploads()).filter((/** @type {any} */ one) => one.urlStorageKey?.includes(`tus::${mark}-`));
    const last = open.at(-1);
    if (running || files.length) return;
    const begun = batch.left();
    if (begun) {
      const missing = begun.all.length - begun.done.length;
      notice(`${missing} of ${begun.all.length} pictures did not arrive. Choose the same files again, and the missing ones are added.`, "polite");
      return;
    }
    if (!last) return;
    const name = last.metadata?.filename ?? "your recording";
    notice(`The upload of ${name} was cut off. Choose the same file again, and it goes on where it stopped.`, "polite");
  }

  const online = () => { if (running && form.dataset.state === "going" && !part("resume").hidden) go(); };
  /** @param {BeforeUnloadEvent} event */
  const leaving = (event) => { if (running && part("resume").hidden) event.preventDefault(); };

  input.disabled = false;
  const take = () => { choose([...(input.files ?? [])]); };
  input.addEventListener("change", take);
  form.addEventListener("submit", (event) => { event.preventDefault(); start(); });
  part("pause").addEventListener("click", pause);
  part("resume").addEventListener("click", go);
  part("stop").addEventListener("click", forget);
  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("upload__area--over"); });
  }
  for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("upload__area--over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    choose([...(event.dataTransfer?.files ?? [])]);
  });
  window.addEventListener("online", online);
  window.addEventListener("beforeunload", leaving);
  show("idle");
  offerResume();
  // A file may have been chosen before this part of the page was there; some browsers keep it over a reload.
  take();
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("beforeunload", leaving);
    running?.abort();
  };
}
