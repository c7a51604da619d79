"""What a picture looks like in 64 bits: perceptual hashes of a recording's frames and of stills.

The hash is pHash: a 32 x 32 grey picture, its discrete cosine transform, and one bit for each of
the 8 x 8 lowest frequencies, set where it lies above their median (Zauner, "Implementation and
Benchmarking of Perceptual Image Hash Functions", 2010). Alike pictures differ in few bits.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import numpy.typing as npt

from critique.media import commands, sandbox
from critique.media.errors import Broken
from critique.media.images import DAMAGED, form_of_file
from critique.media.probe import Probe

SIDE = 32
BITS_SIDE = 8
# Two a second: a person who says "here" is never further than that from the picture meant.
STEP_MS = 500
MEGABYTE = 1_000_000


def frame_hashes(source: Path, found: Probe, folder: Path) -> list[tuple[int, str]]:
    """The hash of the picture at every 500 ms as (ms, 16 hex digits); empty without video."""
    if not found.has_video:
        return []
    seconds = 120 + found.duration_ms / 500
    pictures = _grey(source, folder, STEP_MS / 1000, seconds)
    return [(index * STEP_MS, hash_of(picture)) for index, picture in enumerate(pictures)]


def still_hash(source: Path, folder: Path) -> str:
    """The hash of one PNG, JPEG or WebP file, 16 hex digits. Raises MediaError."""
    form = form_of_file(source)
    if form is None:
        raise Broken(DAMAGED)
    return hash_of(_grey(source, folder, None, 60, image=form)[0])


def hash_of(picture: npt.NDArray[np.uint8]) -> str:
    """The hash of a 32 x 32 grey picture as 16 hex digits."""
    low = (_BASIS @ picture.astype(float) @ _BASIS.T).ravel()
    # The first is the brightness of all of it, which says nothing about what is to be seen.
    bits = low > np.median(low[1:])
    return np.packbits(bits).tobytes().hex()


def _grey(
    source: Path,
    folder: Path,
    step_s: float | None,
    seconds: float,
    *,
    image: str | None = None,
) -> npt.NDArray[np.uint8]:
    target = folder / f".grey.{secrets.token_hex(4)}.part"
    command = commands.grey_frames(source, target, step_s, SIDE, image=image)
    try:
        sandbox.run(command, timeout_s=seconds, output=target, max_output_bytes=200 * MEGABYTE)
        raw = np.fromfile(target, dtype=np.uint8)
    finally:
        target.unlink(missing_ok=True)
    return raw[: raw.size // SIDE**2 * SIDE**2].reshape(-1, SIDE, SIDE)


def _cosines() -> npt.NDArray[np.float64]:
    """The lowest rows of the orthonormal DCT-II matrix."""
    rows, columns = np.mgrid[0:BITS_SIDE, 0:SIDE]
    basis: npt.NDArray[np.float64] = np.cos(np.pi * rows * (2 * columns + 1) / (2 * SIDE))
    return basis


_BASIS = _cosines()
