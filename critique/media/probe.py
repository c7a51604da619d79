"""What a recording is: read in a child, without decoding, before anything else touches it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from critique.media import sandbox
from critique.media.errors import Broken, Refused
from critique.media.images import refusal_of

HOUR_MS = 3_600_000
MAX_DURATION_MS = 4 * HOUR_MS
MAX_SIDE = 8192
MAX_PIXELS = 50_000_000
MAX_STREAMS = 64
MAX_ANSWER_BYTES = 1_000_000
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,wav,mp3,flac,aac,mpegts"

# Doors that playlist and concat files came through: CVE-2016-1898, CVE-2017-9993.
SAFE_INPUT = {
    "protocol_whitelist": "file",
    "format_whitelist": FORMATS,
    "max_streams": str(MAX_STREAMS),
}

DEMUX = Path(__file__).with_name("demux.py")
STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"}
AUDIO_STARTS = (b"ID3", b"fLaC", b"OggS", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1")
MATROSKA_START = b"\x1a\x45\xdf\xa3"
TRANSPORT_STREAM_PACKET = 188

NO_RECORDING = (
    "This file is not a video or audio recording Critique knows. It is kept, but it cannot be "
    "played. Upload an MP4, MOV or WebM file instead, or PNG, JPEG or WebP pictures."
)
EMPTY = "This file is empty. Nothing was lost; choose the recording again and upload it."
UNREADABLE = (
    "This recording is cut off or damaged and cannot be opened. The file is kept as it came. "
    "Export or save the recording again, then upload it as a new version."
)
ABSURD = (
    "This recording says that its picture has no size, or a size no screen has. The file is kept "
    "as it came. Export the recording again, then upload it as a new version."
)
NOTHING_IN_IT = (
    "This file holds no picture and no sound that can be played. It is kept as it came. Export "
    "the recording again as MP4 and upload it."
)


@dataclass(frozen=True)
class Probe:
    """One recording.

    Times in ms; `width` and `height` in pixels as stored, before `rotation` (degrees clockwise: 0,
    90, 180, 270) turns the picture; 0 x 0 without video. `frame_rate` is an exact fraction by which
    every picture can be counted, and None where they come unevenly (`variable_rate`). `pictures`
    are those a player shows, the first of them `first_picture_ms` after the recording begins.
    """

    container: str
    duration_ms: int
    width: int
    height: int
    rotation: int
    video_codec: str | None
    pixel_format: str
    audio_codec: str | None
    frame_rate: tuple[int, int] | None
    variable_rate: bool
    max_keyframe_gap_ms: int
    max_keyframe_gap_pictures: int
    has_video: bool
    has_audio: bool
    pictures: int = 0
    first_picture_ms: int = 0

    @property
    def shown_width(self) -> int:
        """Width in pixels after turning the picture."""
        return self.height if self.rotation in (90, 270) else self.width

    @property
    def shown_height(self) -> int:
        """Height in pixels after turning the picture."""
        return self.width if self.rotation in (90, 270) else self.height


def probe(
    path: Path,
    *,
    max_duration_ms: int = MAX_DURATION_MS,
    max_side: int = MAX_SIDE,
    max_pixels: int = MAX_PIXELS,
    timeout_s: float = 300,
) -> Probe:
    """Read what `path` holds; its true length comes from its packets, not from its header.

    Raises Refused (no recording, or over a limit), Broken (damaged) and Exhausted.
    """
    sniff(path)
    options = SAFE_INPUT | {"max_pixels": str(max_pixels)}
    answer = sandbox.run(
        [sys.executable, "-I", str(DEMUX), json.dumps(options), str(path.absolute())],
        timeout_s=timeout_s,
        max_output_bytes=MAX_ANSWER_BYTES,
    )
    told: dict[str, Any] = json.loads(answer)
    if "failure" in told:
        raise Broken(UNREADABLE)
    found = _understood(told)
    _hold_limits(found, max_duration_ms, max_side, max_pixels)
    return found


def sniff(path: Path) -> None:
    """Refuse by its first bytes what is no audio or video container; raises Refused."""
    with path.open("rb") as file:
        head = file.read(2 * TRANSPORT_STREAM_PACKET)
    if not head:
        raise Refused(EMPTY)
    if not _looks_recorded(head):
        raise Refused(refusal_of(head) or NO_RECORDING)


def _looks_recorded(head: bytes) -> bool:
    if head[4:8] in FIRST_BOXES:
        return head[4:8] != b"ftyp" or head[8:12] not in STILL_BRANDS
    if head[:4] == b"RIFF":
        return head[8:12] in (b"AVI ", b"WAVE")
    if head[:1] == b"G":
        return head[TRANSPORT_STREAM_PACKET : TRANSPORT_STREAM_PACKET + 1] == b"G"
    return head.startswith((MATROSKA_START, *AUDIO_STARTS))


def _understood(told: dict[str, Any]) -> Probe:
    video: dict[str, Any] = told["video"] or {}
    audio: dict[str, Any] = told["audio"] or {}
    if not video and not audio:
        raise Broken(NOTHING_IN_IT)
    rate = video.get("rate")
    return Probe(
        container=told["container"],
        duration_ms=told["duration_ms"],
        width=video.get("width", 0),
        height=video.get("height", 0),
        rotation=video.get("rotation", 0),
        video_codec=video.get("codec"),
        pixel_format=video.get("pixel_format", ""),
        audio_codec=audio.get("codec"),
        frame_rate=(rate[0], rate[1]) if rate else None,
        variable_rate=video.get("variable_rate", False),
        max_keyframe_gap_ms=video.get("max_keyframe_gap_ms", 0),
        max_keyframe_gap_pictures=video.get("max_keyframe_gap_pictures", 0),
        has_video=bool(video),
        has_audio=bool(audio),
        pictures=video.get("pictures", 0),
        first_picture_ms=video.get("first_picture_ms", 0),
    )


def _hold_limits(found: Probe, max_duration_ms: int, max_side: int, max_pixels: int) -> None:
    if found.duration_ms > max_duration_ms:
        raise Refused(
            f"This recording is {found.duration_ms / HOUR_MS:.1f} hours long; at most "
            f"{max_duration_ms / HOUR_MS:g} hours can be played here. It is kept as it came. "
            "Cut it and upload the part you want looked at."
        )
    if found.duration_ms <= 0:
        raise Broken(NOTHING_IN_IT)
    if not found.has_video:
        return
    # FFmpeg reads sizes beyond its own limits as zero.
    if found.width <= 0 or found.height <= 0:
        raise Refused(ABSURD)
    pixels = found.width * found.height
    if max(found.width, found.height) > max_side or pixels > max_pixels:
        raise Refused(
            f"This picture is {found.width} x {found.height} pixels; at most {max_side} on a side "
            f"and {max_pixels // 1_000_000} megapixels can be played here. The file is kept as it "
            "came. Export it smaller and upload it again."
        )
