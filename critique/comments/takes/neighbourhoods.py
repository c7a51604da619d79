"""Where in the new take each stretch of the old one may lie, roughly and fast. Pure: numpy.

Both takes are cut into bins of 16 words. What two bins share beyond chance is one product of
matrices; summed along the diagonal it shows where passages run in parallel, wherever they went.
The exact alignment then looks only there: the work grows with the length of a talk, not with its
square.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from critique.comments.takes.likeness import Floats, Ints, Talk

BIN = 16
# A parallel is looked for over so many bins on either side: 112 words, a minute of speech.
REACH = 3
# So many bins are looked at, those on the best way through and two on either side of it first.
MOST = 10
PATH_MARGIN = 2
# The price in nats of going on elsewhere, and of staying or skipping a bin.
JUMP, UNEVEN = 14.0, 1.5
# What one agreement may be worth: a rare word can be misheard twice in the same way.
MOST_WORTH = 6.0
# More spellings than this share their columns: rare ones, that hardly ever meet.
KINDS = 2_048


@dataclass(frozen=True)
class Neighbourhoods:
    """For each bin of the old take (a row) the bins of the new one to look at, rising.

    The first is always -1, before everything. `likely` marks those on the best way through.
    """

    bins: Ints
    likely: NDArray[np.bool_]

    @property
    def positions(self) -> Ints:
        """The positions of those bins; some may lie before or beyond the take."""
        each = self.bins[:, :, None] * BIN + np.arange(BIN)
        return each.reshape(len(self.bins), -1)


def neighbourhoods(old: Talk, new: Talk) -> Neighbourhoods:
    """The positions worth comparing, bin by bin."""
    bins_old, bins_new = -(-len(old.words) // BIN), -(-len(new.words) // BIN)
    shared = _shared(old, new, bins_old, bins_new)
    path = _way_through(shared)
    near = np.zeros((bins_old, bins_new), dtype=np.bool_)
    rows = np.arange(bins_old)
    for step in range(-PATH_MARGIN, PATH_MARGIN + 1):
        near[rows, np.clip(path + step, 0, bins_new - 1)] = True
    promise = _widened(np.maximum(_along(shared), REACH * shared))
    promise[near] = np.inf
    count = min(MOST, bins_new)
    best = np.sort(np.argpartition(promise, bins_new - count, axis=1)[:, -count:], axis=1)
    likely = np.take_along_axis(near, best, axis=1)
    first = np.full((bins_old, 1), -1)
    return Neighbourhoods(
        np.concatenate([first, best], axis=1), np.concatenate([first < -1, likely], axis=1)
    )


def _shared(old: Talk, new: Talk, bins_old: int, bins_new: int) -> Floats:
    """What each two bins have in common beyond chance, in nats."""
    theirs = set(new.spellings)
    both = [text for text in old.spellings if text in theirs]
    number = {text: n % KINDS for n, text in enumerate(both)}
    left = _counted(old, number, np.minimum(-np.log(old.chances), MOST_WORTH), bins_old)
    right = _counted(new, number, np.ones(len(new.words)), bins_new)
    right -= right.mean(axis=0)
    shared: Floats = left @ right.T
    return shared


def _counted(
    talk: Talk, number: dict[str, int], weights: NDArray[np.floating[Any]], bins: int
) -> Floats:
    """The weight of each known spelling in each bin."""
    kinds = np.array([number.get(text, -1) for text in talk.spellings], dtype=np.int64)[talk.words]
    width = max(number.values(), default=0) + 1
    cells = np.arange(len(kinds)) // BIN * width + kinds
    counted = np.bincount(cells[kinds >= 0], weights[kinds >= 0], bins * width)
    return counted.reshape(bins, width).astype(np.float32)


def _along(shared: Floats) -> Floats:
    """Each cell with those before and after it on its diagonal."""
    rows, columns = shared.shape
    summed = shared.copy()
    for step in range(1, min(REACH + 1, rows, columns)):
        summed[step:, step:] += shared[:-step, :-step]
        summed[:-step, :-step] += shared[step:, step:]
    return summed


def _widened(scores: Floats) -> Floats:
    """The best of each cell and its two neighbours in the row."""
    wide = scores.copy()
    wide[:, 1:] = np.maximum(wide[:, 1:], scores[:, :-1])
    wide[:, :-1] = np.maximum(wide[:, :-1], scores[:, 1:])
    return wide


def _way_through(shared: Floats) -> Ints:
    """The bin each old bin most probably lies in, as one way with few jumps (Viterbi)."""
    rows, columns = shared.shape
    numbers = np.arange(columns)
    score = shared[0].copy()
    came: list[Ints] = []
    for row in range(1, rows):
        best = int(score.argmax())
        options = np.full((4, columns), score[best] - JUMP, dtype=np.float32)
        options[1] = score - UNEVEN
        options[2, 1:] = score[:-1]
        options[3, 2:] = score[:-2] - UNEVEN
        pick = options.argmax(axis=0)
        came.append(np.where(pick == 0, best, numbers - pick + 1))
        score = options[pick, numbers] + shared[row]
    path = [int(score.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1], dtype=np.int64)
