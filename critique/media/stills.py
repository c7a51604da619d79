"""From an image somebody sent: the same picture written anew, as every browser shows it.

The file itself is never served. What is written has the pixels and their colour profile and nothing
else: no place, no camera, no words, nothing behind the end that something else could read.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from critique.media import commands, sandbox
from critique.media.errors import Broken, Refused
from critique.media.images import (
    DAMAGED,
    EMPTY,
    KNOWN,
    PNG_START,
    Image,
    form_of,
    image_of,
    jpeg_segments,
    png_chunks,
    refusal_of,
    webp_chunks,
)
from critique.media.pictures import still_hash
from critique.media.probe import MAX_PIXELS

MAX_SIDE = 32_768
MAX_FILE_BYTES = 100_000_000
# A screen of 5K and a page ten screens long are shown pixel by pixel; photographs get smaller.
SHOWN_PIXELS = 24_000_000
SHOWN_SIDE = 16_384
SMALL_WIDTH = 480
POSTER_WIDTH = 1280
MEGABYTE = 1_000_000
SECONDS = 120

PNG: commands.Codecs = {"c:v": "png", "pred": "mixed"}
JPEG: commands.Codecs = {"c:v": "mjpeg", "q:v": 2}
TURNS = {
    2: ("hflip",),
    3: ("hflip", "vflip"),
    4: ("vflip",),
    5: ("transpose=0",),
    6: ("transpose=1",),
    7: ("transpose=3",),
    8: ("transpose=2",),
}
# White under what is see-through: the colours are turned round, so black becomes the ground.
ON_WHITE = ("format=gbrap", "negate", "premultiply=inplace=1", "negate", "format=gbrp")
KEPT_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
PROFILE_CHUNKS = {b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
# Application data and comments, but for the colour profile (APP2) and Adobe's mark (APP14).
DROPPED_SEGMENTS = {*range(0xE1, 0xF0), 0xFE} - {0xE2, 0xEE}


@dataclass(frozen=True)
class Picture:
    """A picture to be shown, its MIME `type`, size in pixels, a small one, a perceptual hash."""

    path: Path
    type: str
    width: int
    height: int
    small: Path
    hash: str


def picture(source: Path, folder: Path, name: str) -> Picture:
    """Write `name`.png or .jpg and `name`-small.jpg into `folder`; lossless stays lossless.

    Stands upright as Exif says, never larger than it came, at most 24 megapixels; the first
    picture of an animation. Raises Refused, Broken or Exhausted.
    """
    if source.stat().st_size > MAX_FILE_BYTES:
        raise Refused(
            f"This picture has more than {MAX_FILE_BYTES // MEGABYTE} MB. It is kept as it came. "
            "Export it smaller, then upload it as a new version."
        )
    data = source.read_bytes()
    found = _looked_at(data)
    opened = source
    if found.form == "webp" and found.animated:
        opened = folder / f".{name}.{secrets.token_hex(4)}.webp"
        opened.write_bytes(_first_frame(data, found))
    try:
        return _written(opened, found, folder, name)
    finally:
        if opened != source:
            opened.unlink(missing_ok=True)


def poster(source: Path, target: Path) -> Path:
    """Write one JPEG, at most 1280 pixels wide, of a picture written here."""
    return _shrunk(source, target, _looked_at(source.read_bytes()), POSTER_WIDTH)


def shown_size(width: int, height: int) -> tuple[int, int]:
    """The size in pixels a picture is shown in: its own, or the largest that fits the limits."""
    share = min(
        1.0, (SHOWN_PIXELS / (width * height)) ** 0.5, SHOWN_SIDE / width, SHOWN_SIDE / height
    )
    return max(1, int(width * share)), max(1, int(height * share))


def _looked_at(data: bytes) -> Image:
    if not data:
        raise Refused(EMPTY)
    if form_of(data) is None:
        raise Refused(refusal_of(data[:512]) or f"This file is no picture Critique shows. {KNOWN}")
    found = image_of(data)
    if max(found.width, found.height) > MAX_SIDE or found.width * found.height > MAX_PIXELS:
        raise Refused(
            f"This picture is {found.width} x {found.height} pixels; at most {MAX_SIDE} on a side "
            f"and {MAX_PIXELS // MEGABYTE} megapixels can be shown here. The file is kept as it "
            "came. Export it smaller and upload it again."
        )
    return found


def _written(source: Path, found: Image, folder: Path, name: str) -> Picture:
    exact = found.lossless or found.alpha
    made = folder / (f"{name}.png" if exact else f"{name}.jpg")
    size = shown_size(*found.shown_size)
    filters = [*TURNS.get(found.orientation, ())]
    if size != found.shown_size:
        filters.append(f"scale={size[0]}:{size[1]}:flags=lanczos")
    if exact:
        filters.append("format=rgba" if found.alpha else "format=rgb24")
    _run(source, made, found.form, PNG if exact else JPEG, filters)
    # A profile of ink or of grey says nothing about the colours that were made of them.
    made.write_bytes(_bare(made.read_bytes(), profile=found.channels == 3))
    written = image_of(made.read_bytes())
    small = _shrunk(made, folder / f"{name}-small.jpg", written, SMALL_WIDTH)
    kind = "image/png" if exact else "image/jpeg"
    return Picture(made, kind, written.width, written.height, small, still_hash(made, folder))


def _shrunk(source: Path, target: Path, found: Image, width: int) -> Path:
    filters = [f"scale='min({width},iw)':-1:flags=area"] if found.width > width else []
    ground = ON_WHITE if found.alpha else ()
    _run(source, target, found.form, JPEG | {"q:v": 3}, [*ground, *filters, "format=yuvj444p"])
    target.write_bytes(_bare(target.read_bytes(), profile=True))
    return target


def _run(
    source: Path, target: Path, form: str, codecs: commands.Codecs, filters: Sequence[str]
) -> None:
    command = commands.image(source, target, form, codecs, filters)
    sandbox.run(command, timeout_s=SECONDS, output=target, max_output_bytes=300 * MEGABYTE)


def _bare(data: bytes, *, profile: bool) -> bytes:
    """A file the encoder wrote, without what it may have carried over from the original."""
    kept = KEPT_CHUNKS if profile else KEPT_CHUNKS - PROFILE_CHUNKS
    dropped = DROPPED_SEGMENTS if profile else {*DROPPED_SEGMENTS, 0xE2}
    if form_of(data) == "png":
        return PNG_START + _whole_chunks(data, kept)
    bare, begin = bytearray(data[:2]), 2
    for marker, _, end in jpeg_segments(data):
        if marker not in dropped:
            bare += data[begin:end]
        begin = end
    return bytes(bare + data[begin:])


def _whole_chunks(data: bytes, kept: set[bytes]) -> bytes:
    bare, at = bytearray(), len(PNG_START)
    for name, content in png_chunks(data):
        end = at + 12 + len(content)
        if name in kept:
            bare += data[at:end]
        at = end
    return bytes(bare)


def _first_frame(data: bytes, found: Image) -> bytes:
    """The first picture of an animated WebP as a WebP of its own (RFC 9649, 2.7.1.1)."""
    frame = next((body for name, body in webp_chunks(data) if name == b"ANMF"), b"")
    if len(frame) < 24:
        raise Broken(DAMAGED)
    width = 1 + int.from_bytes(frame[6:9], "little")
    height = 1 + int.from_bytes(frame[9:12], "little")
    if width > found.width or height > found.height:
        raise Broken(DAMAGED)
    head = bytes([0x10 if found.alpha else 0, 0, 0, 0])
    head += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(head)) + head + frame[16:]
    return b"RIFF" + struct.pack("<I", len(body)) + body
