"""Which moment of one take is which of another: a piecewise-linear map of time. Pure.

A map is made of passages: stretches that lie in both takes. Inside a passage time runs on linearly
from one pair of known moments to the next; outside of all passages there is no counterpart.
Passages may cross, where sections changed places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from critique.comments.takes.passages import Passages, passages_of
from critique.walkthroughs.words import Word

Knot = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """A stretch that lies in both takes; times in ms."""

    old_start_ms: int
    old_end_ms: int
    new_start_ms: int
    new_end_ms: int


@dataclass(frozen=True)
class TimeMap:
    """From ms in the old take to ms in the new one.

    `runs` are the passages' knots (old ms, new ms), rising on both sides; runs overlap neither in
    the old take nor in the new one.
    """

    runs: tuple[tuple[Knot, ...], ...] = ()

    def at(self, ms: int) -> int | None:
        """The moment in the new take (ms), or None where that passage is gone."""
        place = bisect_right(self.runs, ms, key=lambda run: run[0][0]) - 1
        if place < 0:
            return None
        run = self.runs[place]
        if ms > run[-1][0]:
            return None
        after = bisect_right(run, ms, key=lambda knot: knot[0])
        (old, new), (old_next, new_next) = run[after - 1], run[min(after, len(run) - 1)]
        if old_next == old:
            return new
        return new + round((ms - old) * (new_next - new) / (old_next - old))

    def passages(self) -> list[Passage]:
        """The stretches that lie in both, by their start in the old take."""
        return [Passage(run[0][0], run[-1][0], run[0][1], run[-1][1]) for run in self.runs]

    def reversed(self) -> TimeMap:
        """The map from the new take to the old one."""
        return TimeMap(
            tuple(sorted(tuple((new, old) for old, new in run) for run in self.runs)),
        )


def time_map(old: Sequence[Word], new: Sequence[Word]) -> TimeMap:
    """The map between two takes by the words spoken in them."""
    return map_of(passages_of(old, new))


def map_of(passages: Passages) -> TimeMap:
    """The map of passages that were found already."""
    runs = [_knots(run, passages) for run in passages.runs]
    return TimeMap(tuple(_without_overlap([run for run in runs if len(run) > 1])))


def _knots(run: Sequence[tuple[int, int]], passages: Passages) -> list[Knot]:
    """Begin and end of each word of a run, as far as they rise in both takes."""
    knots: list[Knot] = []
    for at_old, at_new in run:
        one, other = passages.old[at_old], passages.new[at_new]
        for knot in ((one.start_ms, other.start_ms), (one.end_ms, other.end_ms)):
            if not knots or (knot[0] > knots[-1][0] and knot[1] > knots[-1][1]):
                knots.append(knot)
    return knots


def _without_overlap(runs: list[list[Knot]]) -> list[tuple[Knot, ...]]:
    """The runs, each cut where the next one begins, in the old take and in the new one."""
    for side in (1, 0):
        runs.sort(key=lambda run: run[0][side])
        for run, after in pairwise(runs):
            while run and run[-1][side] > after[0][side]:
                run.pop()
        runs = [run for run in runs if len(run) > 1]
    return [tuple(run) for run in runs]
