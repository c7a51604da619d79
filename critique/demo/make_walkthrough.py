"""Make the demo's two versions again: `python -m critique.demo.make_walkthrough`.

Needs a Chromium (the drawing of `walkthrough.html`) and flite (the voice) on the machine; Critique
itself needs neither. The words are in `walkthrough.txt` and `walkthrough_2.txt`, one line each
breath. With a name (`walkthrough_2`) only that one is made.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from playwright.sync_api import Page, sync_playwright

from critique.demo.film import TAKES, Film

HERE = Path(__file__).parent
FRAMES_A_SECOND = 15
VOICE, VOICE_RATE = "slt", 16_000
LEAD_S, PAUSE_S, TAIL_S = 0.7, 0.45, 1.2


def speak(lines: list[str], folder: Path) -> tuple[np.ndarray, list[float]]:
    """Speak all lines; return 16 kHz samples and the second at which each line begins."""
    flite = shutil.which("flite")
    if flite is None:
        sys.exit("flite speaks this walkthrough and is not on this machine: install it first.")
    parts, starts, now = [np.zeros(int(LEAD_S * VOICE_RATE), np.int16)], [], LEAD_S
    for line in lines:
        spoken = folder / "line.wav"
        words = ["-voice", VOICE, "--setf", "duration_stretch=1.04", "-t", line]
        subprocess.run([flite, *words, "-o", str(spoken)], check=True)  # noqa: S603 - no shell
        with wave.open(str(spoken)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        starts.append(now)
        parts += [samples, np.zeros(int(PAUSE_S * VOICE_RATE), np.int16)]
        now += len(samples) / VOICE_RATE + PAUSE_S
    parts.append(np.zeros(int(TAIL_S * VOICE_RATE), np.int16))
    return np.concatenate(parts), starts


def frames(page: Page, film: Film, seconds: float) -> Iterator[bytes]:
    """Each picture as JPEG; what did not change is not drawn again."""
    camera = page.context.new_cdp_session(page)
    shown: dict[str, Any] | None = None
    picture = b""
    for number in range(int(seconds * FRAMES_A_SECOND)):
        state = film.at(number / FRAMES_A_SECOND)
        if state != shown:
            page.evaluate("show", state)
            shot = camera.send("Page.captureScreenshot", {"format": "jpeg", "quality": 95})
            picture, shown = base64.b64decode(shot["data"]), state
        yield picture


def write(target: Path, pictures: Iterator[bytes], voice: Path) -> None:
    """Join pictures and voice: H.264 and AAC, playable while it loads."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
        "-f", "image2pipe", "-framerate", str(FRAMES_A_SECOND), "-c:v", "mjpeg", "-i", "pipe:0",
        "-i", str(voice),
        "-vf", "scale=out_range=tv,format=yuv420p", "-c:v", "libx264", "-preset", "slower",
        "-tune", "animation", "-crf", "25", "-g", str(4 * FRAMES_A_SECOND),
        "-af", "highpass=f=70,acompressor=threshold=0.1:ratio=3,loudnorm=I=-18:TP=-2",
        "-c:a", "aac", "-b:a", "72k", "-ar", "48000", "-ac", "1",
        "-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact", str(target),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:  # noqa: S603 - no shell
        assert encoder.stdin is not None
        for picture in pictures:
            encoder.stdin.write(picture)
        encoder.stdin.close()
        if encoder.wait():
            sys.exit("ffmpeg could not write the walkthrough.")


def make(page: Page, name: str, scratch: Path) -> None:
    """Speak and film one version; write it beside this file."""
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    sound, starts = speak(lines, scratch)
    voice = scratch / "voice.wav"
    with wave.open(str(voice), "wb") as file:
        file.setparams((1, 2, VOICE_RATE, len(sound), "NONE", ""))
        file.writeframes(sound.tobytes())
    page.goto((HERE / "walkthrough.html").as_uri())
    film = Film(page)
    TAKES[name](film, starts)
    write(HERE / f"{name}.mp4", frames(page, film, len(sound) / VOICE_RATE), voice)


def main() -> None:
    """Write the versions that are named, or both."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        for name in sys.argv[1:] or TAKES:
            make(page, name, Path(scratch))
        browser.close()


if __name__ == "__main__":
    main()
