// @ts-check
// The waveform in faint ink. wavesurfer.js draws it from peaks made once; it never fetches or decodes the video.
import { tokenColour } from "app/theme.js";

/** @param {import("app/room.js").Room} room @param {import("app/player.js").Player} player */
export async function drawWave(room, player) {
  const box = /** @type {HTMLElement | null} */ (room.find("[data-wave]"));
  if (!box || !room.data.peaks) return;
  try {
    const [{ default: WaveSurfer }, answer] = await Promise.all([import("wavesurfer.js"), fetch(room.data.peaks, { credentials: "same-origin" })]);
    if (!answer.ok) return;
    const { peaks, duration_ms: duration } = await answer.json();
    if (!box.isConnected || !peaks.some(Boolean)) return;
    const colours = () => ({ waveColor: tokenColour("--wave", box), progressColor: tokenColour("--wave-played", box) });
    const wave = WaveSurfer.create({
      container: box,
      height: "auto",
      peaks: [peaks],
      duration: duration / 1000,
      interact: false,
      cursorWidth: 0,
      barWidth: 2,
      barGap: 1.5,
      barRadius: 1,
      normalize: true,
      hideScrollbar: true,
      cspNonce: /** @type {HTMLScriptElement | null} */ (document.querySelector("script[nonce]"))?.nonce,
      ...colours(),
    });
    room.on("time", (ms) => wave.setTime(ms / 1000));
    wave.setTime(player.now() / 1000);
    const repaint = () => wave.setOptions(colours());
    document.addEventListener("themechange", repaint);
    room.later(() => { document.removeEventListener("themechange", repaint); wave.destroy(); });
  } catch (error) {
    console.info("The strip stays without its waveform.", error);
  }
}
