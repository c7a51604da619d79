"""From one recording: what a browser plays, and the pictures and sounds beside it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from critique.media import commands, sandbox
from critique.media.probe import Probe, probe

MAX_WIDTH = MAX_HEIGHT = 1920
MAX_KEYFRAME_GAP_MS = 12_000
# A quiet screen recording has few pictures between far key frames: seeking in it stays quick.
MAX_KEYFRAME_GAP_PICTURES = 360
PLAYED_PIXELS = {"yuv420p", "yuvj420p"}
POSTER_WIDTH = 1280
PEAK_RATE = 8000
PEAK_BUCKETS = 2000
VOICE_RATE = 16_000
TILE = (160, 90)
COLUMNS = 10
MAX_TILES = 100
STALE_AFTER_S = 86_400
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Playable:
    """A file browsers play.

    Its MIME `type`, its size in pixels as shown (0 x 0 for sound alone), and whether the picture
    (or the sound, where it is alone) is the original, bit for bit.
    """

    path: Path
    type: str
    width: int
    height: int
    copied: bool


@dataclass(frozen=True)
class Sprite:
    """Small pictures for hovering over the timeline: one sheet, and WebVTT that points into it."""

    image: Path
    vtt: Path


def playable(source: Path, found: Probe, folder: Path) -> Playable:
    """Write `playable.mp4`, `.webm`, `.m4a` or `.mp3` into `folder`; copy wherever possible.

    Raises Broken or Exhausted; on failure nothing is left behind and an older result stays.
    """
    if not found.has_video:
        return _sound_alone(source, found, folder)
    if _plays_in_webm(found):
        target, kind = folder / "playable.webm", "video/webm"
        codecs = commands.COPY_VIDEO | commands.COPY_SOUND
        _streams(source, target, "webm", codecs, found)
        return Playable(target, kind, found.shown_width, found.shown_height, copied=True)
    target, kind = folder / "playable.mp4", "video/mp4"
    sound = commands.COPY_SOUND if found.audio_codec in ("aac", "mp3") else commands.AAC
    if _plays_in_mp4(found):
        codecs = commands.COPY_VIDEO | sound | commands.FAST_START
        _streams(source, target, "mp4", codecs, found)
        return Playable(target, kind, found.shown_width, found.shown_height, copied=True)
    width, height = encoded_size(found.shown_width, found.shown_height)
    picture = commands.H264 | commands.scaled(width, height)
    _streams(source, target, "mp4", picture | commands.AAC | commands.FAST_START, found)
    return Playable(target, kind, width, height, copied=False)


def encoded_size(width: int, height: int) -> tuple[int, int]:
    """Largest even size inside 1920 x 1920 with the same shape, never larger than the source."""
    share = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    return max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2)


def poster(source: Path, found: Probe, target: Path) -> Path | None:
    """Write one JPEG taken at one second, or a quarter of a shorter video; None without video."""
    if not found.has_video:
        return None
    moments = (min(1000, found.duration_ms // 4), 0)
    with _fresh(target) as part:
        for at_ms in moments:
            command = commands.still(source, part, at_ms, POSTER_WIDTH)
            sandbox.run(command, timeout_s=120, max_output_bytes=20 * MEGABYTE)
            # A stream that starts late has no picture there, and ffmpeg calls that a success.
            if part.exists() and part.stat().st_size:
                break
    return target


def sprite(source: Path, found: Probe, folder: Path) -> Sprite | None:
    """Write `sprite.jpg` and `sprite.vtt` into `folder`; None without video.

    At most 100 pictures, at least one second apart, from key frames alone where those are near.
    """
    if not found.has_video:
        return None
    step_ms = max(1000, -(-found.duration_ms // MAX_TILES))
    tiles = min(MAX_TILES, -(-found.duration_ms // step_ms))
    grid = (min(COLUMNS, tiles), -(-tiles // COLUMNS))
    made = Sprite(folder / "sprite.jpg", folder / "sprite.vtt")
    with _fresh(made.image) as part:
        command = commands.sheet(
            source, part, step_ms / 1000, TILE, grid, keyframes_only=_keys_are_near(found)
        )
        seconds = 120 + found.duration_ms / 1000
        sandbox.run(command, timeout_s=seconds, output=part, max_output_bytes=20 * MEGABYTE)
    with _fresh(made.vtt) as part:
        part.write_text(_thumbnail_track(tiles, step_ms, found.duration_ms), encoding="utf-8")
    return made


def peaks(source: Path, found: Probe, target: Path) -> Path:
    """Write JSON {"duration_ms", "peaks": up to 2000 numbers -1..1} and return its path.

    Each number is the loudest sample, with its sign, of an equal stretch of the whole length;
    zeros where there is no sound.
    """
    buckets = max(1, min(PEAK_BUCKETS, found.duration_ms // 10))
    loudest = np.zeros(buckets)
    if found.has_audio:
        raw = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            _sound(source, raw, PEAK_RATE, "s16le", found.duration_ms)
            loudest = _loudest(np.fromfile(raw, dtype="<i2"), buckets, found.duration_ms)
        finally:
            raw.unlink(missing_ok=True)
    drawn = [round(float(value), 3) for value in loudest]
    with _fresh(target) as part:
        part.write_text(json.dumps({"duration_ms": found.duration_ms, "peaks": drawn}))
    return target


def voice(source: Path, target: Path, found: Probe | None = None) -> Path | None:
    """Write 16 kHz mono WAV for speech recognition; None when there is no sound.

    `found` saves reading the file once more when the caller has it.
    """
    known = found or probe(source)
    if not known.has_audio:
        return None
    with _fresh(target) as part:
        _sound(source, part, VOICE_RATE, "wav", known.duration_ms)
    return target


def _plays_in_webm(found: Probe) -> bool:
    return (
        found.video_codec in ("vp8", "vp9")
        and found.audio_codec in (None, "opus", "vorbis")
        and found.rotation == 0
        and _pixels_play(found)
    )


def _plays_in_mp4(found: Probe) -> bool:
    return found.video_codec == "h264" and _pixels_play(found)


def _pixels_play(found: Probe) -> bool:
    even = found.width % 2 == 0 and found.height % 2 == 0
    return found.pixel_format in PLAYED_PIXELS and even and _keys_are_near(found)


def _keys_are_near(found: Probe) -> bool:
    return (
        found.max_keyframe_gap_ms <= MAX_KEYFRAME_GAP_MS
        or found.max_keyframe_gap_pictures <= MAX_KEYFRAME_GAP_PICTURES
    )


def _sound_alone(source: Path, found: Probe, folder: Path) -> Playable:
    name, kind, form = "playable.m4a", "audio/mp4", "mp4"
    codecs = commands.COPY_SOUND | commands.FAST_START
    copied = True
    if found.audio_codec in ("opus", "vorbis"):
        name, kind, form, codecs = "playable.webm", "audio/webm", "webm", commands.COPY_SOUND
    elif found.audio_codec == "mp3":
        name, kind, form, codecs = "playable.mp3", "audio/mpeg", "mp3", commands.COPY_SOUND
    elif found.audio_codec != "aac":
        codecs, copied = commands.AAC | commands.FAST_START, False
    _streams(source, folder / name, form, codecs, found)
    return Playable(folder / name, kind, 0, 0, copied)


def _streams(source: Path, target: Path, form: str, codecs: commands.Codecs, found: Probe) -> None:
    seconds = found.duration_ms / 1000
    copies = codecs.get("c:v", "copy") == "copy"
    with _fresh(target) as part:
        command = commands.streams(
            source, part, form, codecs, video=found.has_video, sound=found.has_audio
        )
        sandbox.run(
            command,
            timeout_s=300 + seconds if copies else 600 + 20 * seconds,
            output=part,
            max_output_bytes=int(2 * source.stat().st_size + (64 + 2.5 * seconds) * MEGABYTE),
        )


def _sound(source: Path, target: Path, rate: int, form: str, duration_ms: int) -> None:
    sandbox.run(
        commands.samples(source, target, rate, form),
        timeout_s=120 + duration_ms / 1000,
        output=target,
        max_output_bytes=2 * rate * (duration_ms // 1000 + 60),
    )


def _loudest(samples: np.ndarray, buckets: int, duration_ms: int) -> np.ndarray:
    """Signed extreme of each of `buckets` equal stretches of `duration_ms`, as -1..1."""
    length = max(buckets, duration_ms * PEAK_RATE // 1000)
    whole = np.zeros(length, dtype=np.float32)
    heard = samples[:length]
    whole[: len(heard)] = heard / 32768
    edges = np.linspace(0, length, buckets, endpoint=False).astype(np.int64)
    highs, lows = np.maximum.reduceat(whole, edges), np.minimum.reduceat(whole, edges)
    return np.where(highs >= -lows, highs, lows)


def _thumbnail_track(tiles: int, step_ms: int, duration_ms: int) -> str:
    lines = ["WEBVTT", ""]
    for index in range(tiles):
        row, column = divmod(index, COLUMNS)
        start, end = index * step_ms, min((index + 1) * step_ms, duration_ms)
        box = f"{column * TILE[0]},{row * TILE[1]},{TILE[0]},{TILE[1]}"
        lines += [f"{_clock(start)} --> {_clock(end)}", f"sprite.jpg#xywh={box}", ""]
    return "\n".join(lines)


def _clock(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{rest:03d}"


@contextlib.contextmanager
def _fresh(target: Path) -> Iterator[Path]:
    """Give a name beside `target` to write to; put it in place whole, or leave nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    """Remove what a process killed long ago left half written for the same target."""
    for leftover in target.parent.glob(f".{target.name}.*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > STALE_AFTER_S:
                leftover.unlink()
