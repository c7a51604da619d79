"""Where a picture of one take comes again in another, by perceptual hashes. Pure: numpy.

A hash is 64 bits; pictures that look alike differ in few of them. What is compared is never one
picture but the seconds around it, so that a slide is found by how it comes and goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Hashes = Sequence[tuple[int, int]]

AROUND_MS = 4_000
CLOSE_MS = 500
STEP_MS = 500
# Of alike pictures 99 in 100 differ in up to 6 bits, of others as many in more than 20: measured by
# bench/placement.py.
ALIKE_BITS = 10.0
STILL_BITS = 5.0
OTHER_BITS = 16
# Two places whose distances differ by less cannot be told apart.
TIE_BITS = 3.0
RIGHT_MS = 1_500


@dataclass(frozen=True)
class FrameHashes:
    """Perceptual hashes (64 bits) of pictures of both takes, each with its time in ms, rising."""

    old: Hashes = field(default_factory=tuple)
    new: Hashes = field(default_factory=tuple)

    def __bool__(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.old) and bool(self.new)

    @cached_property
    def reels(self) -> tuple[_Reel, _Reel]:
        """Both takes, ready to be compared."""
        return _Reel(self.old), _Reel(self.new)


@dataclass(frozen=True)
class Seen:
    """The moment (ms) in the new take that looks most like one in the old; `sure` is 0..1."""

    ms: int
    sure: float


def seen_again(
    frames: FrameHashes, ms: int, between: tuple[int, int], expected_ms: int
) -> Seen | None:
    """The moment of the new take that looks like `ms` of the old one, or None where none does.

    Looked for between two moments of the new take. Of places that look the same the one nearest to
    `expected_ms` is taken; on a picture that stands still, the moment as long after it came up. All
    times in ms.
    """
    if not frames:
        return None
    old, new = frames.reels
    inside = (new.times >= between[0]) & (new.times <= between[1])
    if not inside.any():
        return None
    wanted, offsets = old.around(ms)
    close, around = new.unlike(wanted, offsets)
    alike = inside & (close <= ALIKE_BITS)
    if not alike.any():
        return None
    around = np.where(alike, around, np.inf)
    ties = around <= around.min() + TIE_BITS
    nearest = int(np.where(ties, np.abs(new.times - expected_ms), np.inf).argmin())
    first, last = _still(close <= max(STILL_BITS, float(close[nearest])), nearest)
    own = int(np.abs(old.times - ms).argmin())
    begin, end = _still(old.unlike(wanted, offsets)[0] <= STILL_BITS, own)
    since = ms - int(old.times[begin])
    found = int(np.clip(new.times[first] + since, new.times[first], new.times[last]))
    lengths = (old.times[end] - old.times[begin], new.times[last] - new.times[first])
    longer = abs(int(lengths[1] - lengths[0])) / max(RIGHT_MS, *map(int, lengths))
    here = float(ties[first : last + 1].sum() / ties.sum())
    return Seen(found, here * (1 - longer) * (1 - float(close[nearest]) / (2 * ALIKE_BITS)))


class _Reel:
    """The hashes of one take."""

    def __init__(self, hashes: Hashes) -> None:
        self.times = np.array([ms for ms, _ in hashes], dtype=np.int64)
        self.hashes = np.array([bits for _, bits in hashes], dtype=np.uint64)

    def around(self, ms: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The hashes of the seconds around a moment, as far as there are, and their offsets."""
        offsets = np.arange(-AROUND_MS, AROUND_MS + 1, STEP_MS)
        moments = ms + offsets
        offsets = offsets[(moments >= self.times[0]) & (moments <= self.times[-1])]
        if not offsets.size:
            offsets = np.zeros(1, dtype=np.int64)
        return self.hashes[_nearest(self.times, ms + offsets)], offsets

    def unlike(
        self, wanted: NDArray[np.uint64], offsets: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """In how many bits the pictures at each moment, and those around it, differ."""
        there = self.hashes[_nearest(self.times, self.times[:, None] + offsets)]
        differing = np.bitwise_count(there ^ wanted).astype(np.float64)
        close = differing[:, np.abs(offsets) <= CLOSE_MS].min(axis=1, initial=64)
        return close, np.minimum(differing, OTHER_BITS).mean(axis=1)


def _still(alike: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """The first and the last of the neighbours of `at` that are alike without a break."""
    others = np.flatnonzero(~alike)
    split = int(np.searchsorted(others, at))
    first = int(others[split - 1]) + 1 if split else 0
    last = int(others[split]) - 1 if split < len(others) else len(alike) - 1
    return first, max(first, last)


def _nearest(times: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    after = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(times[before] - wanted) <= np.abs(times[after] - wanted)
    return np.where(closer, before, after)
