"""Every ffmpeg command line there is. Built by ffmpeg-python (no release since 2019), so only here.

Inputs are always `file:` paths behind the format and protocol allowlists of `probe`; the FFmpeg
manual (ffmpeg-formats, ffmpeg-codecs) is the source of the options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from critique.media.binary import ffmpeg_path
from critique.media.probe import MAX_DURATION_MS, MAX_PIXELS, SAFE_INPUT

Codecs = dict[str, str | int]

MAX_SINGLE_ALLOCATION = 1_000_000_000
KEYFRAME_SECONDS = 2

# Video but never a cover picture (capital V), sound if there is any.
PICTURE = "V:0"
SOUND = "a:0?"

H264: Codecs = {
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 23,
    "pix_fmt": "yuv420p",
    "profile:v": "high",
    "fps_mode": "vfr",
    "force_key_frames": f"expr:gte(t,n_forced*{KEYFRAME_SECONDS})",
}
AAC: Codecs = {
    "c:a": "aac",
    "b:a": "128k",
    "ar": 48000,
    "ac": 2,
    "af": "aresample=async=1:first_pts=0",
}
COPY_VIDEO: Codecs = {"c:v": "copy"}
COPY_SOUND: Codecs = {"c:a": "copy"}
FAST_START: Codecs = {"movflags": "+faststart"}


def streams(
    source: Path, target: Path, form: str, codecs: Codecs, *, video: bool, sound: bool
) -> list[str]:
    """Write the chosen streams of `source` into a file of format `form` (mp4, webm, ...)."""
    chosen = [PICTURE] * video + [SOUND] * sound
    return _compile(source, target, chosen, writing={"f": form, **codecs})


def scaled(width: int, height: int) -> Codecs:
    """Filter that makes the picture exactly `width` x `height` pixels."""
    return {"vf": f"scale={width}:{height}:flags=bicubic"}


def still(source: Path, target: Path, at_ms: int, max_width: int) -> list[str]:
    """One JPEG of the picture at `at_ms`, never wider than `max_width` pixels."""
    return _compile(
        source,
        target,
        [PICTURE],
        reading={"ss": f"{at_ms / 1000:.3f}"},
        writing={
            "f": "image2",
            "c:v": "mjpeg",
            "update": 1,
            "frames:v": 1,
            "q:v": 3,
            "vf": f"scale='min({max_width},iw)':-2,format=yuvj420p",
        },
    )


def sheet(
    source: Path, target: Path, step_s: float, tile: tuple[int, int], grid: tuple[int, int],
    *, keyframes_only: bool,
) -> list[str]:  # fmt: skip
    """One JPEG of `grid` (columns, rows) pictures of `tile` (width, height), one each `step_s`.

    The last picture is repeated to fill the sheet, so that a clip of one frame has one too.
    """
    box = f"{tile[0]}:{tile[1]}"
    filters = (
        f"fps=fps=1/{step_s:g}:start_time=0:eof_action=pass",
        "tpad=stop=-1:stop_mode=clone",
        f"scale={box}:force_original_aspect_ratio=decrease",
        f"pad={box}:-1:-1",
        f"tile={grid[0]}x{grid[1]}",
        "format=yuvj420p",
    )
    return _compile(
        source,
        target,
        [PICTURE],
        reading={"skip_frame": "nokey"} if keyframes_only else {},
        writing={
            "f": "image2",
            "c:v": "mjpeg",
            "update": 1,
            "frames:v": 1,
            "q:v": 4,
            "vf": ",".join(filters),
        },
    )


def grey_frames(
    source: Path, target: Path, step_s: float | None, side: int, *, image: str | None = None
) -> list[str]:
    """Raw grey pictures of `side` x `side` pixels, one each `step_s` seconds; None for one alone.

    `image` is the form (png, jpeg, webp) of a source that is one picture instead of a recording.
    """
    pace = [f"fps=fps=1/{step_s:g}:start_time=0:eof_action=pass"] if step_s else []
    shrunk = f"scale={side}:{side}:flags=area"
    return _compile(
        source,
        target,
        [PICTURE],
        reading=_as_image(image) if image else {},
        writing={
            "f": "rawvideo",
            "c:v": "rawvideo",
            **({} if step_s else {"frames:v": 1}),
            "vf": ",".join([*pace, shrunk, "format=gray"]),
        },
    )


def image(
    source: Path, target: Path, form: str, codecs: Codecs, filters: Sequence[str]
) -> list[str]:
    """The first picture of an image file (png, jpeg, webp) through `filters` into one file.

    What the file says about its own turning is left to the filters.
    """
    chosen: Codecs = {"vf": ",".join(filters)} if filters else {}
    return _compile(
        source,
        target,
        [PICTURE],
        reading=_as_image(form),
        writing={"f": "image2", "update": 1, "frames:v": 1, **codecs, **chosen},
    )


def _as_image(form: str) -> dict[str, str | int | None]:
    """Open a source by exactly one image format: no patterns of names, no guessing."""
    name = f"{form}_pipe"
    return {"f": name, "format_whitelist": name, "noautorotate": None, "max_pixels": MAX_PIXELS}


def samples(source: Path, target: Path, rate: int, form: str) -> list[str]:
    """Mono 16-bit sound at `rate` Hz from time zero on, as raw samples (s16le) or WAV (wav)."""
    return _compile(
        source,
        target,
        [SOUND],
        writing={
            "f": form,
            "c:a": "pcm_s16le",
            "ac": 1,
            "ar": rate,
            "af": "aresample=async=1:first_pts=0",
        },
    )


def _compile(
    source: Path,
    target: Path,
    chosen: Sequence[str],
    *,
    writing: Mapping[str, Any],
    reading: Mapping[str, Any] | None = None,
) -> list[str]:
    guarded = {
        **SAFE_INPUT,
        "max_pixels": MAX_PIXELS,
        "threads": 2,
        "t": MAX_DURATION_MS // 1000,
        **(reading or {}),
    }
    plain = {"map_metadata": -1, "map_chapters": -1, "dn": None, "sn": None, "threads": 2}
    opened = ffmpeg.input(f"file:{source.absolute()}", **guarded)
    written = ffmpeg.output(
        *(opened[one] for one in chosen), f"file:{target.absolute()}", **plain, **writing
    )
    quiet = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")
    roomy = ("-max_alloc", str(MAX_SINGLE_ALLOCATION), "-filter_threads", "1")
    command: list[str] = written.global_args(*quiet, *roomy).compile(cmd=ffmpeg_path())
    return command
