"""Recordings to measure on: the demo, looped to a length, in both containers."""

from __future__ import annotations

import subprocess
from pathlib import Path

from critique.media.binary import ffmpeg_path

DEMO = Path(__file__).resolve().parent.parent / "critique" / "demo" / "walkthrough.mp4"
MADE = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac"]
# What has to be encoded is encoded so; the rival of copying.
ENCODED = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"]
# What a browser's MediaRecorder writes: no duration, no cues.
VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M", "-c:a", "libopus"]


def mp4(folder: Path, minutes: int) -> Path:
    """1920 x 1080 H.264 and AAC with the index at the end, as cameras write."""
    return _looped(folder / f"{minutes}min.mp4", minutes, ["-vf", "scale=1920:1080", *MADE])


def webm(folder: Path, minutes: int) -> Path:
    """1280 x 720 VP8 and Opus, written live."""
    return _looped(folder / f"{minutes}min.webm", minutes, [*VP8, "-live", "1"])


def _looped(target: Path, minutes: int, codecs: list[str]) -> Path:
    if not target.exists():
        subprocess.run(
            [
                ffmpeg_path(), "-v", "error", "-y", "-stream_loop", "-1", "-i", DEMO,
                "-t", str(minutes * 60), *codecs, target,
            ],
            check=True,
        )  # fmt: skip
    return target
