// @ts-check
// The ledger by key: from one comment to the next, the passage beside it, one key for each answer.
import { addKeys } from "app/keyboard.js";
import { createBar } from "app/ledger_bar.js";
import { createList } from "app/ledger_list.js";
import { createPassages } from "app/ledger_player.js";
import { onceToken, post } from "app/room_post.js";
import { announce, toast } from "app/toast.js";

/** @typedef {import("app/request.js").RequestFailed} RequestFailed */
/** @typedef {"done" | "wont_do" | "unclear" | "asked"} How */
/** @typedef {{id: number, way: "resolution" | "confirmation", answer: string}} Step one thing that can be taken back */

/** What each answer asks for, and what its button says. @type {Record<string, [string, string]>} */
const ASKS = {
  wont_do: ["Why not?", "Won’t do"],
  unclear: ["What is unclear? (optional)", "Say it is unclear"],
  asked: ["What do you want to know?", "Ask"],
  reopen: ["What is still missing? (optional)", "Reopen"],
};

/** @param {HTMLElement} element */
export default function start(element) {
  const { comments = "", walkthrough = "" } = element.dataset;
  const player = createPassages(element);
  const list = createList(element, {
    chosen: (entry) => { player.show(entry); bar.stand(entry); },
    redrawn: (entry) => bar.stand(entry),
  });
  const bar = createBar(element, { answer: begin, judge, send: sendNote });
  /** @type {Step[]} */
  const steps = [];
  /** What is on its way, one after the other, so that no press is lost on a slow line. @type {Promise<unknown>} */
  let line = Promise.resolve();
  /** @type {Set<number>} lines whose answer is on its way */
  const under = new Set();

  /** Sends something about an entry, behind what is on its way. @param {HTMLElement} entry @param {string} way
   *  @param {Record<string, string>} fields @param {string} kind what may be done about the next one */
  function send(entry, way, fields, kind) {
    const id = list.idOf(entry);
    if (under.has(id)) return toast("That answer is still on its way.");
    under.add(id);
    line = line.then(() => deliver(id, way, fields, kind)).finally(() => under.delete(id));
    return line;
  }

  /** On success goes on to the next one of its kind, unless somebody is at another line by then. @param {number} id @param {string} way
   *  @param {Record<string, string>} fields @param {string} kind */
  async function deliver(id, way, fields, kind) {
    const entry = list.byId(id);
    const next = entry && list.after(entry, kind);
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    try {
      await post(`${comments}${id}/${way}`, form);
      bar.sent(id, fields.note);
      await list.refresh();
      const now = list.byId(id);
      if (way === "resolution" || way === "confirmation") steps.push({ id, way, answer: now?.dataset.answer ?? "" });
      if (list.current() !== now) return;
      if (next) list.choose(list.byId(next));
      else done(now, kind);
    } catch (error) {
      refused(id, fields, /** @type {RequestFailed} */ (error));
    }
  }

  /** @param {HTMLElement | null} entry @param {string} kind */
  function done(entry, kind) {
    list.choose(entry);
    toast(kind === "confirm" ? "That was the last answer to look at." : "That was the last open comment.");
  }

  /** @param {number} id @param {Record<string, string>} fields @param {RequestFailed} error */
  function refused(id, fields, error) {
    const { theirs, code } = error.problem ?? {};
    const entry = list.byId(id);
    if (code === "settled_meanwhile" && fields.how && entry && list.current() === entry) {
      bar.both(entry, { ...fields, replaces: String(theirs.id) }, error.message);
      announce(error.message, "assertive");
    } else toast(error.message, { kind: "problem" });
    list.refresh().catch(() => {});
  }

  /** @param {How} how @param {HTMLElement | null} [entry] */
  function begin(how, entry = list.current()) {
    if (!entry) return toast("Go to a comment first: J is the next one.");
    if (!list.may(entry, "answer")) return toast(why(entry));
    if (how !== "done") return bar.ask(entry, how, ASKS[how]);
    return send(entry, "resolution", { ...replaced(entry), ...seen(), how }, "answer");
  }

  /** The answer that was read here, and that a new one takes the place of. @param {HTMLElement} entry @returns {Record<string, string>} */
  function replaced(entry) {
    return entry.dataset.answer ? { replaces: entry.dataset.answer } : {};
  }

  /** Where an answer can be seen: the version looked at and, where it plays, the moment. @returns {Record<string, string>} */
  function seen() {
    const at = player.at();
    if (!walkthrough) return {};
    return at === null ? { walkthrough } : { walkthrough, at_ms: String(at) };
  }

  /** @param {HTMLElement} entry */
  function why(entry) {
    if (entry.dataset.state === "praise") return "Praise needs no answer.";
    if (entry.dataset.state === "confirmed") return `${entry.dataset.author} has confirmed this one. Reply in the room if it is not over.`;
    return "Others answer this one.";
  }

  /** @param {"confirm" | "reopen"} verb */
  function judge(verb) {
    const entry = list.current();
    if (!entry) return toast("Go to an answer first: J is the next one.");
    if (!list.may(entry, verb)) return toast(entry.dataset.answer ? "Others decide about this one." : "There is no answer here yet.");
    if (verb === "reopen") return bar.ask(entry, "reopen", ASKS.reopen);
    return send(entry, "confirmation", { resolution: entry.dataset.answer ?? "" }, "confirm");
  }

  /** @param {HTMLElement} entry @param {string} what @param {string} note @param {Record<string, string>} kept */
  function sendNote(entry, what, note, kept) {
    if (what === "reopen") {
      return send(entry, "resolution/end", { resolution: entry.dataset.answer ?? "", note, once: onceToken() }, "confirm");
    }
    if (!note && (what === "wont_do" || what === "asked")) return toast(ASKS[what][0]);
    return send(entry, "resolution", { ...replaced(entry), ...kept, how: what, note }, "answer");
  }

  function undo() {
    line = line.then(takeBack);
    return line;
  }

  async function takeBack() {
    const last = steps.pop();
    if (!last) return toast("There is nothing to take back.");
    const form = new FormData();
    form.set("resolution", last.answer);
    try {
      await post(`${comments}${last.id}/${last.way}/end`, form);
      await list.refresh();
      list.choose(list.byId(last.id));
      announce("Taken back.");
    } catch (error) {
      toast(/** @type {Error} */ (error).message, { kind: "problem" });
    }
  }

  const off = addKeys("Ledger", [
    { keys: "j", words: "The next comment", face: "J ↓", run: () => list.step(1) },
    { keys: "k", words: "The comment before", face: "K ↑", run: () => list.step(-1) },
    { keys: "ArrowDown", words: "", run: () => list.step(1) },
    { keys: "ArrowUp", words: "", run: () => list.step(-1) },
    { keys: " ", words: "Play its passage, or pause", face: "Space Enter", run: () => player.toggle(list.current()) },
    { keys: "Enter", words: "", run: () => player.toggle(list.current()) },
    { keys: "ArrowLeft", words: "A second back", face: "←", run: () => player.skip(-1000) },
    { keys: "ArrowRight", words: "A second on", face: "→", run: () => player.skip(1000) },
    { keys: "d", words: "Done, at the moment where the player stands", run: () => void begin("done") },
    { keys: "w", words: "Won’t do, because", run: () => void begin("wont_do") },
    { keys: "u", words: "Unclear", run: () => void begin("unclear") },
    { keys: "a", words: "Ask, as a reply", run: () => void begin("asked") },
    { keys: "y", words: "Yes, it is done", run: () => void judge("confirm") },
    { keys: "n", words: "No, reopen it", run: () => void judge("reopen") },
    { keys: "z", words: "Take the last answer back", run: () => void undo() },
  ]);
  element.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-print]")) window.print();
  });
  /** @type {HTMLElement | null} */ (element.querySelector("[data-keys-line]"))?.removeAttribute("hidden");
  element.classList.add("ledger--live");
  list.start();
  return () => { off(); list.stop(); };
}
