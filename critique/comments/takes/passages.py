"""The passages two takes share, found by their words. Pure: numpy.

The alignment says for each word how probable each place is. Here that becomes something one can
point at: passages whose words follow each other in both takes, none overlapping another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from critique.comments.takes.alignment import Alignment, align, align_again
from critique.comments.takes.likeness import Floats, Ints, likeness, talk_of
from critique.comments.takes.neighbourhoods import BIN, neighbourhoods
from critique.comments.takes.transitions import Transitions
from critique.walkthroughs.words import Word

# A word whose place is likelier than not is a fixed point.
FIXED = 0.5
# With more of its probability on a place that is another's, a word is aligned again.
CONTESTED = 0.25
# So much longer may what was said otherwise be in one take; more was cut or put in.
MOST_LONGER, MOST_MORE_WORDS = 3, 6


@dataclass(frozen=True)
class Passages:
    """Passages as pairs (word of the old take, word of the new one), rising in both.

    `known` is what the alignment knows of each old word, None without words on either side;
    `worth` what finding each old word again tells, in nats.
    """

    old: Sequence[Word]
    new: Sequence[Word]
    runs: list[list[tuple[int, int]]] = field(default_factory=list)
    known: Alignment | None = None
    worth: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


def passages_of(old: Sequence[Word], new: Sequence[Word]) -> Passages:
    """What two takes share, by the old take's order."""
    if not old or not new:
        return Passages(old, new)
    first, second = talk_of(old), talk_of(new)
    where = neighbourhoods(first, second)
    model = Transitions(first, second, likeness(first, second), where)
    known = align(model, where.positions, len(old))
    worth = -np.log(first.chances)
    kept = _apart(_runs(known, len(new)), worth)
    owners = _owners(kept, len(new), len(old))
    contested = _contested(known, owners)
    if contested.size:
        align_again(model, known, contested, owners)
        kept = _apart(_runs(known, len(new)), worth)
    return Passages(old, new, kept, known, worth)


def _contested(known: Alignment, owners: Ints) -> Ints:
    """Words that lie, or may well lie, where another passage has the better claim."""
    inside = (known.positions >= 0) & (known.positions < owners.shape[1])
    first, last = owners[:, np.where(inside, known.positions, 0)].astype(np.int32)
    words = np.arange(BIN, dtype=np.int32)
    found = []
    for number in range(len(known.positions)):
        rows = number * BIN + words[: len(known.cut) - number * BIN, None]
        foreign = (rows < first[number]) | (rows > last[number])
        here = known.here[number * BIN : (number + 1) * BIN, inside[number]]
        found.append((here * foreign[:, inside[number]]).sum(axis=1))
    return np.flatnonzero(np.concatenate(found) > CONTESTED)


def _owners(runs: list[list[tuple[int, int]]], positions: int, rows: int) -> Ints:
    """The first and the last old word each position is for: of its passage, or any."""
    owners = np.array([[0] * positions, [rows] * positions])
    for run in runs:
        owners[:, run[0][1] : run[-1][1] + 1] = [[run[0][0]], [run[-1][0]]]
    return owners


def _runs(known: Alignment, length: int) -> list[list[tuple[int, int]]]:
    """Words with a place of their own that follow each other in both takes.

    As far as nothing was cut or put in between them.
    """
    rows = np.arange(len(known.cut))
    best = known.said.argmax(axis=1)
    places = known.positions[rows // BIN, best]
    sure = (known.said[rows, best] > FIXED) & (places >= 0) & (places < length)
    rows, places = rows[sure], places[sure]
    over, rise = np.diff(rows), np.diff(places)
    shorter, longer = np.minimum(over, rise), np.maximum(over, rise)
    gone = np.concatenate([[0], np.cumsum(known.cut, dtype=np.float64)])
    cut = gone[rows[1:]] - gone[rows[:-1] + 1]
    ends = (rise <= 0) | (longer > MOST_LONGER * shorter + MOST_MORE_WORDS)
    ends |= (over > 1) & (cut >= (over - 1) / 2)
    points = list(zip(rows.tolist(), places.tolist(), strict=True))
    edges = [0, *(np.flatnonzero(ends) + 1).tolist(), len(points)]
    return [points[begin:end] for begin, end in pairwise(edges) if begin < end]


def _apart(runs: list[list[tuple[int, int]]], worth: Floats) -> list[list[tuple[int, int]]]:
    """The runs without what lies where a weightier one lies: one passage is not said twice."""
    weights = [sum(float(worth[row]) for row, _ in run) for run in runs]
    taken: list[tuple[int, int]] = []
    kept: dict[int, list[tuple[int, int]]] = {}
    for number in sorted(range(len(runs)), key=lambda n: (-weights[n], n)):
        free = _longest_free(runs[number], taken)
        if free:
            kept[number] = free
            taken.append((free[0][1], free[-1][1]))
    return [kept[number] for number in sorted(kept)]


def _longest_free(
    run: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The longest part of a run that neither touches nor spans what is taken."""
    inside = [pair for pair in taken if pair[0] <= run[-1][1] and run[0][1] <= pair[1]]
    if not inside:
        return run
    parts: list[list[tuple[int, int]]] = [[]]
    for point in run:
        if any(begin <= point[1] <= end for begin, end in inside):
            parts.append([])
            continue
        last = parts[-1][-1][1] if parts[-1] else point[1]
        if any(last < begin < point[1] for begin, _ in inside):
            parts.append([])
        parts[-1].append(point)
    return max(parts, key=len)
