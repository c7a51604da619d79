"""Feedback loops in figures: how long authors wait, what is kept, how evenly the work lies.

A loop begins when a version is posted, is answered by the first comment or verdict of somebody
else on it, and ends with the author's next version or the closing of the request. Wall time is
every minute; working time is the minutes inside the author's own working hours, because that is
what the author waits for. What is not answered yet is counted as waiting and enters no median:
a figure that got better by ignoring people would be worse than none, so both stand side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

# Below this many people a spread would point at somebody (the same bound as in the facts, B 11).
FEWEST_FOR_A_SPREAD = 5


@dataclass(frozen=True, slots=True)
class Loop:
    """One posted version. Moments are UTC; `*_minutes` are the author's working minutes."""

    review_id: int
    version: int
    author_id: int
    posted: datetime
    answered: datetime | None = None
    answered_by: int | None = None
    ended: datetime | None = None
    answer_minutes: int | None = None
    length_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One "review by" that has passed, and the first feedback on what was posted before it."""

    review_id: int
    due: datetime
    answered: datetime | None

    @property
    def kept(self) -> bool:
        """Whether feedback came in time."""
        return self.answered is not None and self.answered <= self.due


@dataclass(frozen=True, slots=True)
class Spread:
    """Half of the cases took at most `p50`, nine of ten at most `p90`; minutes. `count` cases."""

    count: int
    p50: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a stretch of time amounts to. Shares are 0..1, None where there was nothing to count."""

    loops: int
    waiting: int
    answer_working: Spread
    answer_wall: Spread
    length_working: Spread
    length_wall: Spread
    windows: int
    kept: float | None
    answers: int
    load_gini: float | None


def figures_of(loops: Sequence[Loop], windows: Sequence[Window]) -> Figures:
    """Sum up loops by when they were posted and windows by when they ended."""
    answered = [one for one in loops if one.answered is not None]
    ended = [one for one in loops if one.ended is not None]
    return Figures(
        loops=len(loops),
        waiting=len([one for one in loops if one.answered is None and one.ended is None]),
        answer_working=spread(one.answer_minutes for one in answered),
        answer_wall=spread(_minutes(one.posted, one.answered) for one in answered),
        length_working=spread(one.length_minutes for one in ended),
        length_wall=spread(_minutes(one.posted, one.ended) for one in ended),
        windows=len(windows),
        kept=sum(one.kept for one in windows) / len(windows) if windows else None,
        answers=len(answered),
        load_gini=load_gini(Counter(one.answered_by for one in answered)),
    )


def spread(minutes: Iterable[int | None]) -> Spread:
    """Median and ninth decile by nearest rank (no value is shown that nobody waited for)."""
    found = sorted(one for one in minutes if one is not None)
    return Spread(len(found), _ranked(found, 0.5), _ranked(found, 0.9))


def load_gini(answers: Counter[int | None]) -> float | None:
    """How unevenly first answers lie: 0 all alike, near 1 all on one. None for fewer than five.

    The Gini coefficient over the people who answered: mean difference over twice the mean.
    """
    loads = sorted(count for person, count in answers.items() if person is not None)
    total, people = sum(loads), len(loads)
    if people < FEWEST_FOR_A_SPREAD or not total:
        return None
    weighted = sum(rank * load for rank, load in enumerate(loads, start=1))
    return (2 * weighted) / (people * total) - (people + 1) / people


def _ranked(values: Sequence[int], share: float) -> int | None:
    if not values:
        return None
    return values[max(0, -(-len(values) * round(share * 100) // 100) - 1)]


def _minutes(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else int((end - start).total_seconds() // 60)
