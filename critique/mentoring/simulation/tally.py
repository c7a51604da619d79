"""Count what became of the requests: in time, how long, how late, how old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.mentoring.simulation.running import Outcome
from critique.mentoring.simulation.world import CLASSES, author_hours
from critique.plumbing.calendar import working_minutes

WORKING_DAY = 480


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares are 0..1, also of each deadline's class, None where there was none.

    `p50` and `p90`: hours on the wall from posting to answer. `latest`: the worst lateness, in
    working hours of the author. `longest`: the longest wait, in working days of the author. What
    was never answered counts as answered at the end.
    """

    requests: int
    in_time: float | None
    in_class: dict[int, float | None]
    p50: float | None
    p90: float | None
    latest: float
    longest: float
    handed_off: float | None
    unanswered: int


def tally(found: Sequence[Outcome], end: datetime) -> Tally:
    """Sum up; `end` (UTC) is when the simulation stopped."""
    waits = sorted(((one.answered or end) - one.request.posted).total_seconds() for one in found)
    return Tally(
        requests=len(found),
        in_time=_share([one.in_time for one in found]),
        in_class={
            hours: _share([one.in_time for one in found if one.request.hours_class == hours])
            for hours in CLASSES
        },
        p50=_ranked(waits, 0.5),
        p90=_ranked(waits, 0.9),
        latest=max((_late(one, end) for one in found), default=0) / 60,
        longest=max((_wait(one, end) for one in found), default=0) / WORKING_DAY,
        handed_off=_share([one.handed_off for one in found]),
        unanswered=len([one for one in found if one.answered is None]),
    )


def _late(one: Outcome, end: datetime) -> int:
    hours = author_hours(one.request.site)
    return max(0, working_minutes(hours, one.request.due, one.answered or end))


def _wait(one: Outcome, end: datetime) -> int:
    hours = author_hours(one.request.site)
    return working_minutes(hours, one.request.posted, one.answered or end)


def _share(which: Sequence[bool]) -> float | None:
    return sum(which) / len(which) if which else None


def _ranked(seconds: Sequence[float], share: float) -> float | None:
    """By nearest rank, in hours."""
    if not seconds:
        return None
    return seconds[max(0, -(-len(seconds) * round(share * 100) // 100) - 1)] / 3600
