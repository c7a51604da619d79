"""What the words of two takes say about single words and pauses of the old one. Pure: numpy."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from critique.comments.takes.likeness import Floats
from critique.comments.takes.neighbourhoods import BIN
from critique.comments.takes.passages import passages_of
from critique.comments.takes.quotes import Quoted, search_quote
from critique.comments.takes.timemap import map_of
from critique.walkthroughs.words import Word

# A place is right when it lies within 1.5 s: nobody looks for what begins there.
RIGHT_MS = 1_500
THERE = 0.5
# Nats: four rare words, or a sentence of common ones.
TELLING = 24.0
# Words that are not found are gone where less than `CLOSED` of their time is left, and said in
# other words, or misheard, where it is more than `OPEN`.
LEAST_CUT = 2
CLOSED, OPEN = 0.2, 0.4


@dataclass(frozen=True)
class Guess:
    """Where a word of the old take lies in the new one.

    `ms` is the best guess of where it begins, `there` how probable it is that it lies anywhere,
    `sure` that it lies within 1.5 s of the guess.
    """

    row: int
    ms: float
    there: float
    sure: float


class Whereabouts:
    """Two takes, their passages, and what can be asked about them."""

    def __init__(self, old: Sequence[Word], new: Sequence[Word]) -> None:
        self.old, self.new = old, new
        self.passages = passages_of(old, new)
        self.map = map_of(self.passages)
        self._rows = {word.id: row for row, word in enumerate(old)}
        self._starts = [word.start_ms for word in old]
        self._ends = list(accumulate((word.end_ms for word in old), max))
        self._new_starts = np.array([word.start_ms for word in new], dtype=np.int64)
        self._claimed = np.zeros(len(new), dtype=np.bool_)
        for run in self.passages.runs:
            self._claimed[run[0][1] : run[-1][1] + 1] = True
        self._closed = self._closed_gaps()

    def rows(
        self, start_ms: int, end_ms: int, first_word: int | None, last_word: int | None
    ) -> range:
        """The words of an anchor: those it names, else those said in its time (ms), else none."""
        first, last = (self._rows.get(one, -1) for one in (first_word or 0, last_word or 0))
        if first_word is not None and last_word is not None and 0 <= first <= last:
            return range(first, last + 1)
        begin = bisect_right(self._ends, start_ms)
        return range(begin, max(begin, bisect_left(self._starts, max(end_ms, start_ms + 1))))

    def guess(self, row: int) -> Guess:
        """Where that word lies."""
        known = self.passages.known
        if known is None:
            return Guess(row, 0.0, 0.0, 0.0)
        positions = known.positions[row // BIN]
        inside = (positions >= 0) & (positions < len(self.new))
        # What was not said again can only lie in the gap between what was; that may have closed.
        here = known.here[row] * (1 - self._closed[row]) + known.said[row] * self._closed[row]
        here = here * inside
        times = self._new_starts[np.clip(positions, 0, len(self.new) - 1)]
        there = float(here.sum())
        mapped = self.map.at(self.old[row].start_ms)
        if mapped is None:
            # Between passages: the median of what is possible.
            mapped = int(
                times[np.searchsorted(np.cumsum(here), there / 2).clip(max=len(times) - 1)]
            )
        return Guess(row, mapped, there, float(here[np.abs(times - mapped) <= RIGHT_MS].sum()))

    def around(self, ms: int) -> tuple[Guess | None, Guess | None]:
        """The words before and after a moment (ms) of the old take, where they are found again."""
        after = bisect_right(self._starts, ms)
        before = self.guess(after - 1) if after else None
        behind = self.guess(after) if after < len(self.old) else None
        return (
            before if before is not None and before.there >= THERE else None,
            behind if behind is not None and behind.there >= THERE else None,
        )

    def known_beside(self, start_ms: int, end_ms: int) -> tuple[int | None, int | None]:
        """The nearest fixed points outside of a range (ms of the old take), as ms of the new."""
        before = bisect_right(self._knots, start_ms, key=lambda knot: knot[0]) - 1
        after = bisect_left(self._knots, end_ms, key=lambda knot: knot[0])
        return (
            self._knots[before][1] if before >= 0 else None,
            self._knots[after][1] if after < len(self._knots) else None,
        )

    def quoted_elsewhere(self, rows: range) -> tuple[Word, Word, float] | None:
        """The words alike, first and last with their score, among those no passage has claimed.

        Only where finding them again would be no chance: among talk that repeats itself a sentence
        that was cut is much like many others.
        """
        if float(self.passages.worth[rows.start : rows.stop].sum()) < TELLING:
            return None
        wanted = Quoted(" ".join(self.old[row].text for row in rows))
        best: tuple[Word, Word, float] | None = None
        for part in self._unclaimed(len(rows) // 2):
            found = search_quote(wanted, self.new[part.start : part.stop])
            if found is not None and (best is None or found.score > best[2]):
                first, last = self.new[part[found.first]], self.new[part[found.last]]
                best = first, last, found.score
        return best

    @cached_property
    def _knots(self) -> list[tuple[int, int]]:
        return [knot for run in self.map.runs for knot in run]

    def _closed_gaps(self) -> Floats:
        """For each old word, 0 to 1, whether the time between the known words around it is gone.

        Of two words and more, that is: one word may have gone unheard, and its place is known.
        """
        closed = np.zeros(len(self.old), dtype=np.float32)
        points = [point for run in self.passages.runs for point in run]
        pace = self._pace()
        for (left, left_new), (right, right_new) in pairwise(points):
            if right - left - 1 < max(LEAST_CUT, right_new - left_new) or right_new <= left_new:
                continue
            was = max(1, self.old[right].start_ms - self.old[left].end_ms) * pace
            now = self.new[right_new].start_ms - self.new[left_new].end_ms
            closed[left + 1 : right] = np.clip((OPEN - now / was) / (OPEN - CLOSED), 0, 1)
        return closed

    def _pace(self) -> float:
        """How long a stretch of the old take takes in the new one."""
        old = sum(run[-1][0] - run[0][0] for run in self.map.runs)
        return sum(run[-1][1] - run[0][1] for run in self.map.runs) / old if old else 1.0

    def _unclaimed(self, least: int) -> list[range]:
        """Stretches of the new take of so many words and more that belong to no passage."""
        edges = np.flatnonzero(np.diff(np.concatenate([[1], self._claimed, [1]]).astype(np.int8)))
        parts = [range(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        return [part for part in parts if len(part) >= max(1, least)]
