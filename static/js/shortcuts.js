// @ts-check
// The keys of the room: what people know from YouTube and from editing, and ours. None works while typing.
import { addKeys } from "app/keyboard.js";

// Inside of what scrolls, up and down scroll it.
const free = (/** @type {KeyboardEvent} */ event) => !/** @type {Element} */ (event.target).closest?.("[data-talk-scroll], .words");

/**
 * @param {object} parts
 * @param {import("app/room.js").Room} parts.room
 * @param {import("app/player.js").Player} parts.player
 * @param {import("app/transcript.js").Transcript} parts.transcript
 * @param {import("app/threads.js").Threads} parts.threads
 * @param {import("app/composer.js").Composer} parts.composer
 * @returns {() => void}
 */
export function startShortcuts({ room, player, transcript, threads, composer }) {
  const back = () => {
    /** @type {HTMLElement} */ (document.activeElement)?.blur();
    /** @type {HTMLElement | null} */ (room.find("[data-slider]"))?.focus({ preventScroll: true });
  };
  // Pictures bring keys of their own, and have no clock and no words.
  const pictures = /** @type {{keys?: import("app/keyboard.js").Key[]}} */ (player).keys;
  const off = [
    pictures ? addKeys("Pictures", pictures) : addKeys("Playing", [
      { keys: "k", words: "Play or pause", face: "Space K", run: player.toggle },
      { keys: " ", words: "", face: "", run: player.toggle },
      { keys: "j", words: "10 seconds back", run: () => player.skip(-10_000) },
      { keys: "l", words: "10 seconds on", run: () => player.skip(10_000) },
      { keys: "ArrowLeft", words: "5 seconds back", face: "←", run: () => player.skip(-5000) },
      { keys: "ArrowRight", words: "5 seconds on", face: "→", run: () => player.skip(5000) },
      { keys: "ArrowUp", words: "5 % louder, quieter", face: "↑ ↓", when: free, run: () => player.volume(5) },
      { keys: "ArrowDown", words: "", face: "", when: free, run: () => player.volume(-5) },
      { keys: ",", words: "One frame back", run: () => player.frame(-1) },
      { keys: ".", words: "One frame on", run: () => player.frame(1) },
      { keys: "<", words: "Slower", run: () => player.speed(-1) },
      { keys: ">", words: "Faster", run: () => player.speed(1) },
      ...[...Array(10).keys()].map((tenth) => ({
        keys: String(tenth), words: tenth ? "" : "To this tenth of the video", face: tenth ? "" : "0 … 9", run: () => player.jump(tenth),
      })),
      { keys: "m", words: "Sound on or off", run: player.mute },
      { keys: "s", words: "Captions on or off", run: player.captions },
      { keys: "f", words: "Full screen", run: player.full },
    ]),
    addKeys("Talking", [
      { keys: "c", words: pictures ? "Comment on this picture" : "Comment on what is selected, or on this moment", run: () => { player.pause(); composer.focus(); } },
      { keys: "Control+Shift+Enter", words: "Add it to your review", face: "Ctrl Shift Enter", typing: true, run: () => composer.addToReview() },
      ...(pictures ? [] : [
        { keys: "i", words: "The range begins here", run: player.markIn },
        { keys: "o", words: "The range ends here", run: player.markOut },
      ]),
      { keys: "[", words: "The comment before", run: () => threads.walk(-1) },
      { keys: "]", words: "The next comment", run: () => threads.walk(1) },
      { keys: "r", words: "Reply to the lit comment", run: () => threads.take("replies") },
      { keys: "e", words: "Resolve the lit comment", run: () => threads.take("resolution") },
      ...(pictures ? [] : [
        { keys: "t", words: "The words, shown or put away", run: () => transcript.toggle() },
        { keys: "w", words: "Into the words: arrows move, Shift selects", run: () => transcript.focus() },
      ]),
      { keys: "Escape", words: pictures ? "Back to the picture" : "Back to the player", face: "Esc", typing: true, run: back },
    ]),
  ];
  return () => { for (const stop of off) stop(); };
}
