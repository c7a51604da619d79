"""Recordings whose pictures carry their own number, readable by a machine and through any codec."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from critique.media.binary import ffmpeg_path

WIDTH, HEIGHT, BITS = 192, 96, 12
BLOCK = WIDTH // BITS

H264 = ("-c:v", "libx264", "-preset", "fast", "-pix_fmt", "yuv420p", "-g", "30")
LIVE = ("-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k", "-g", "30")
VP8 = ("-c:v", "libvpx", *LIVE, "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", *LIVE, "-pix_fmt", "yuv420p")
# Reference pictures that are stored and never shown.
VP8_HIDING = (
    "-c:v", "libvpx", "-deadline", "good", "-cpu-used", "4", "-auto-alt-ref", "1",
    "-lag-in-frames", "25", "-arnr-maxframes", "7", "-arnr-strength", "5", "-b:v", "100k",
    "-g", "60",
)  # fmt: skip
TONE = ("-f", "lavfi", "-i", "sine=frequency=300:duration=3")

# Reads the number on the screen, -1 where the picture is not clear.
READ_NUMBER = f"""() => {{
  const video = document.querySelector("[data-video]");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [{WIDTH}, {HEIGHT}];
  const pen = canvas.getContext("2d", {{ willReadFrequently: true }});
  pen.drawImage(video, 0, 0, {WIDTH}, {HEIGHT});
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit += 1) {{
    const [x, quarter] = [bit * {BLOCK} + {BLOCK // 2}, {HEIGHT // 4}];
    const above = pen.getImageData(x, quarter, 1, 1).data[0];
    const below = pen.getImageData(x, 3 * quarter, 1, 1).data[0];
    if (Math.abs(above - below) < 100) return -1;
    if (above > below) number += 1 << bit;
  }}
  return number;
}}"""


@dataclass(frozen=True)
class Numbered:
    """A recording, the numbers its pictures carry in order, and when each begins (ms).

    `rate` is the exact fraction the page should count by, None where it should not count.
    """

    path: Path
    numbers: list[int]
    begins: list[float]
    rate: tuple[int, int] | None


def picture(number: int) -> bytes:
    """One grey picture: a column for each bit, white above for 1, white below for 0."""
    rows = np.zeros((HEIGHT, WIDTH), np.uint8)
    for bit in range(BITS):
        half = slice(0, HEIGHT // 2) if number >> bit & 1 else slice(HEIGHT // 2, HEIGHT)
        rows[half, bit * BLOCK : (bit + 1) * BLOCK] = 255
    return rows.tobytes()


def painted_number(screenshot: bytes) -> int:
    """Read the number off a picture of the screen, which may have bars beside the video."""
    with av.open(io.BytesIO(screenshot)) as opened:
        grey = next(opened.decode(video=0)).to_ndarray(format="gray").astype(int)
    height, width = grey.shape
    wide = min(width, height * WIDTH // HEIGHT)
    left, quarter = (width - wide) // 2, wide * HEIGHT // WIDTH // 4
    top = height // 2 - 2 * quarter
    columns = [left + (2 * bit + 1) * wide // (2 * BITS) for bit in range(BITS)]
    above, below = grey[top + quarter], grey[top + 3 * quarter]
    return sum((above[x] > below[x]) << bit for bit, x in enumerate(columns))


def draw(path: Path, count: int, rate: str, *codec: str) -> Path:
    """Write `count` numbered pictures at `rate` a second."""
    raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-framerate", rate)
    run(*raw, "-i", "pipe:0", *codec, str(path), given=b"".join(map(picture, range(count))))
    return path


def run(*arguments: str, given: bytes = b"") -> None:
    """Let ffmpeg work."""
    command = [ffmpeg_path(), "-v", "error", "-y", *arguments]
    subprocess.run(command, input=given, check=True, capture_output=True, timeout=60)


def even(
    num: int, den: int, *, first_ms: float = 0, count: int = 72, cut: int = 0
) -> Callable[[Path], Numbered]:
    """What is expected of pictures that come evenly, the first `cut` of them cut away."""

    def told(path: Path) -> Numbered:
        begins = [first_ms + 1000 * den * at / num for at in range(count - cut)]
        return Numbered(path, list(range(cut, count)), begins, (num, den))

    return told


def film_mp4(folder: Path) -> Numbered:
    """24000/1001, H.264 with B-frames: its first picture lies behind an edit list."""
    return even(24000, 1001)(draw(folder / "film.mp4", 72, "24000/1001", *H264))


def pal_webm(folder: Path) -> Numbered:
    """25, VP9."""
    return even(25, 1)(draw(folder / "pal.webm", 72, "25", *VP9))


def sixty_webm(folder: Path) -> Numbered:
    """60, VP8, times rounded to ms."""
    return even(60, 1)(draw(folder / "sixty.webm", 72, "60", *VP8))


def ntsc_webm(folder: Path) -> Numbered:
    """30000/1001, VP9, times rounded to ms, and the whole beginning at 0.7 s."""
    whole = draw(folder / "ntsc.webm", 72, "30000/1001", *VP9)
    path = folder / "ntsc_starting_late.webm"
    run("-itsoffset", "0.7", "-i", str(whole), "-c", "copy", "-copyts", str(path))
    return even(30000, 1001)(path)


def ntsc_hiding(folder: Path) -> Numbered:
    """30000/1001, VP8 with pictures that are stored and not shown."""
    path, log = folder / "hiding.webm", str(folder / "hiding")
    for turn in ("1", "2"):
        two = (*VP8_HIDING, "-pass", turn, "-passlogfile", log)
        draw(path, 72, "30000/1001", *two)
    return even(30000, 1001)(path)


def ntsc_late(folder: Path) -> Numbered:
    """30000/1001, H.264, whose first picture comes 0.7 s after its sound.

    Long enough for whoever counts by 30 to be off by one.
    """
    whole, path = draw(folder / "whole.mp4", 1100, "30000/1001", *H264), folder / "late.mp4"
    late = ("-itsoffset", "0.7", "-i", str(whole), *TONE, "-map", "0:v", "-map", "1:a")
    run(*late, "-c:v", "copy", "-c:a", "aac", str(path))
    return even(30000, 1001, first_ms=700, count=1100)(path)


def ntsc_cut(folder: Path) -> Numbered:
    """30000/1001, H.264 with sound, its first second cut away by an edit list."""
    whole, path = draw(folder / "uncut.mp4", 72, "30000/1001", *H264), folder / "cut.mp4"
    sounding = folder / "sounding.mp4"
    run("-i", str(whole), *TONE, "-c:v", "copy", "-c:a", "aac", str(sounding))
    # Between two key frames: the pictures from the one before stay in the file.
    run("-ss", "0.5", "-i", str(sounding), "-c", "copy", str(path))
    return even(30000, 1001, cut=15)(path)


def ntsc_encoded(folder: Path) -> Numbered:
    """30000/1001 with the full colour no browser plays, so that Critique encodes it."""
    colour = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    return even(30000, 1001)(draw(folder / "colour.mkv", 72, "30000/1001", *colour))


def uneven_mp4(folder: Path) -> Numbered:
    """A screen recording: 60 a second while something moves, else whenever something changes."""
    return _uneven(folder / "uneven.mp4", H264)


def uneven_webm(folder: Path) -> Numbered:
    """The same in VP8, as browsers record."""
    return _uneven(folder / "uneven.webm", VP8)


def _uneven(path: Path, codec: tuple[str, ...]) -> Numbered:
    numbers = [0, 1, 2, 7, 14, 28, 30, 31, 58, 59]
    chosen = "+".join(f"eq(n,{n})" for n in numbers)
    draw(path, 60, "60", "-vf", f"select='{chosen}'", "-fps_mode", "vfr", *codec)
    return Numbered(path, numbers, [n * 1000 / 60 for n in numbers], None)


RECORDINGS = {
    made.__name__: made
    for made in (
        film_mp4, pal_webm, sixty_webm, ntsc_webm, ntsc_hiding, ntsc_late, ntsc_cut,
        ntsc_encoded, uneven_mp4, uneven_webm,
    )
}  # fmt: skip
