"""What an image file says about itself, read from its bytes without decoding a pixel.

PNG (W3C PNG, third edition), JPEG (ITU T.81, Exif 2.32 for the orientation) and WebP (RFC 9649).
Everything in a file may lie; whatever does not add up is told as `Broken` before a decoder runs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from critique.media.errors import Broken

HEAD_BYTES = 512
PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
FRAME_STARTS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
ORIENTATION = 0x0112
UPRIGHT = 1

KNOWN = (
    "Pictures can be PNG, JPEG or WebP, and recordings MP4, MOV, WebM or any other video or sound. "
    "The file is kept as it came; export it as one of those and upload that."
)
DAMAGED = (
    "This picture is cut off or damaged. The file is kept as it came. Export it again, then upload "
    "it as a new version."
)
EMPTY = "This file is empty. Nothing was lost; choose the picture again and upload it."
OTHERS = (
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"8BPS", "a Photoshop file"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
)
OTHER_BRANDS = {
    b"heic": "a HEIC picture", b"heix": "a HEIC picture", b"heim": "a HEIC picture",
    b"heis": "a HEIC picture", b"mif1": "a HEIC picture", b"msf1": "a HEIC picture",
    b"avif": "an AVIF picture", b"avis": "an AVIF picture",
}  # fmt: skip


@dataclass(frozen=True)
class Image:
    """One image as its header tells it.

    `form` is png, jpeg or webp; sides in pixels as stored, before `orientation` (1 to 8 as Exif
    counts them) turns it; `channels` is 4 without alpha only for CMYK.
    """

    form: str
    width: int
    height: int
    alpha: bool
    lossless: bool
    channels: int
    orientation: int = UPRIGHT
    animated: bool = False

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height in pixels once it stands upright."""
        sides = (self.width, self.height)
        return sides if self.orientation < 5 else sides[::-1]


def form_of(head: bytes) -> str | None:
    """What image the first bytes begin: png, jpeg, webp, or None for anything else."""
    if head.startswith(PNG_START):
        return "png"
    if head.startswith(JPEG_START):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return None


def form_of_file(path: Path) -> str | None:
    """`form_of` a file."""
    with path.open("rb") as file:
        return form_of(file.read(HEAD_BYTES))


def refusal_of(head: bytes) -> str | None:
    """The sentence for pictures and documents that are not taken; None for anything else."""
    name = next((name for start, name in OTHERS if head.startswith(start)), None)
    if head[4:8] == b"ftyp":
        name = OTHER_BRANDS.get(head[8:12])
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in text:
        name = "an SVG drawing"
    return f"This is {name}. {KNOWN}" if name else None


def image_of(data: bytes) -> Image:
    """Read the header of a whole image file. Raises Broken when it is none, or cut off."""
    readers = {"png": _png, "jpeg": _jpeg, "webp": _webp}
    reader = readers.get(form_of(data) or "")
    if reader is None:
        raise Broken(DAMAGED)
    try:
        found = reader(data)
    except (struct.error, IndexError, ValueError) as wrong:
        raise Broken(DAMAGED) from wrong
    if found.width <= 0 or found.height <= 0:
        raise Broken(DAMAGED)
    return found


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk up to IEND. Raises ValueError where it ends before."""
    at = len(PNG_START)
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length or at + 12 + length > len(data):
            raise ValueError("cut off")
        yield name, content
        if name == b"IEND":
            return
        at += 12 + length


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, content and end of each segment up to the first scan, whose head is the last."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        content = data[at + 4 : at + 2 + length]
        if length < 2 or len(content) < length - 2:
            raise ValueError("cut off")
        yield marker, content, at + 2 + length
        if marker == 0xDA:
            return
        at += 2 + length


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk of the RIFF. Raises ValueError where it ends before."""
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data) + 1:
        raise ValueError("cut off")
    at = 12
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise ValueError("cut off")
        yield name, content
        at += 8 + length + length % 2


def _png(data: bytes) -> Image:
    chunks = list(png_chunks(data))
    names = [name for name, _ in chunks]
    if names[0] != b"IHDR" or b"IDAT" not in names:
        raise ValueError("no picture")
    width, height, _, colour = struct.unpack_from(">IIBB", chunks[0][1])
    exif = next((content for name, content in chunks if name == b"eXIf"), b"")
    return Image(
        "png",
        width,
        height,
        alpha=colour in (4, 6) or b"tRNS" in names,
        lossless=True,
        channels=1 if colour in (0, 4) else 3,
        orientation=_orientation(exif),
        animated=b"acTL" in names,
    )


def _jpeg(data: bytes) -> Image:
    size = (0, 0, 0)
    orientation, scan = UPRIGHT, 0
    for marker, content, end in jpeg_segments(data):
        scan = end
        if marker in FRAME_STARTS:
            height, width, channels = struct.unpack_from(">HHB", content, 1)
            size = (width, height, channels)
        elif marker == 0xE1 and content.startswith(b"Exif\0\0"):
            orientation = _orientation(content[6:])
    # Decoders fill up what is missing with grey and call it a success.
    if data.rfind(b"\xff\xd9") < scan:
        raise ValueError("no end")
    return Image(
        "jpeg",
        size[0],
        size[1],
        alpha=False,
        lossless=False,
        channels=size[2],
        orientation=orientation,
    )


def _webp(data: bytes) -> Image:
    chunks = list(webp_chunks(data))
    first, content = chunks[0]
    names = [name for name, _ in chunks]
    if first != b"VP8X":
        width, height, alpha = _bitstream_size(first, content)
        return Image("webp", width, height, alpha=alpha, lossless=first == b"VP8L", channels=3)
    animated = b"ANIM" in names
    if not {b"VP8 ", b"VP8L", b"ANMF"} & set(names):
        raise ValueError("no picture")
    frame = next((body for name, body in chunks if name == b"ANMF"), b"")
    return Image(
        "webp",
        width=1 + int.from_bytes(content[4:7], "little"),
        height=1 + int.from_bytes(content[7:10], "little"),
        alpha=bool(content[0] & 0x10),
        lossless=b"VP8L" in names or frame[16:20] == b"VP8L",
        channels=3,
        orientation=_orientation(dict(chunks).get(b"EXIF", b"").removeprefix(b"Exif\0\0")),
        animated=animated,
    )


def _bitstream_size(name: bytes, content: bytes) -> tuple[int, int, bool]:
    if name == b"VP8 ":
        if content[3:6] != b"\x9d\x01\x2a":
            raise ValueError("no key frame")
        width, height = struct.unpack_from("<HH", content, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if name == b"VP8L" and content[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", content, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise ValueError("no picture")


def _orientation(tiff: bytes) -> int:
    """The Exif orientation, 1 to 8; 1 where there is none or it makes no sense."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[tiff[:4]]
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for index in range(min(count, 200)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * index)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else UPRIGHT
    except (KeyError, struct.error):
        pass
    return UPRIGHT
