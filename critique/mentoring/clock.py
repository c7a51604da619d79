"""The clock of answering: how much of somebody's, or of everybody's, time is left to do it in.

Minutes here are *reachable* ones: inside the weekly hours, on no holiday and no day away, and in no
deep-work block, for nobody answers in those. A *shift* is longer: from coming to going, deep work
and breaks of up to two hours included, since a lunch is no reason to hand work over.

Moments go in timezone-aware and come out in UTC. Many moments at once are arrays of whole seconds
since 1970 (`epoch_seconds`). What a calendar is stands in `plumbing.hours`, its arithmetic in
`plumbing.calendar`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from critique.plumbing import calendar
from critique.plumbing.calendar import as_utc
from critique.plumbing.hours import WorkingHours
from critique.plumbing.wall import Stretch

Seconds = npt.NDArray[np.int64]

LONGEST_BREAK = timedelta(hours=2)
LONGEST_SHIFT = timedelta(days=7)
LONGEST_HORIZON_DAYS = 800

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def working_minutes(hours: WorkingHours, start: datetime, end: datetime) -> int:
    """Count the whole reachable minutes from start to end; negative when the end is earlier."""
    return calendar.working_minutes(hours.reachable, start, end)


def halfway(hours: WorkingHours, start: datetime, end: datetime) -> datetime | None:
    """Return when half of the reachable minutes from start to end are gone; None without any."""
    minutes = working_minutes(hours, start, end)
    if minutes <= 0:
        return None
    return calendar.add_working_minutes(hours.reachable, start, (minutes + 1) // 2)


def can_be_reached(hours: WorkingHours, moment: datetime) -> bool:
    """Say whether the person may be asked for something at that moment."""
    return calendar.is_inside(hours.reachable, moment)


def next_reachable(hours: WorkingHours, moment: datetime) -> datetime | None:
    """Return the earliest moment from that one on at which they may be; None within a year."""
    return _next_start(hours.reachable, moment)


def on_shift(hours: WorkingHours, moment: datetime) -> bool:
    """Say whether the person has come and not gone yet; see the module for breaks."""
    return shift_ends(hours, moment) is not None


def shift_ends(hours: WorkingHours, moment: datetime) -> datetime | None:
    """Return when the shift at that moment ends, a week ahead at most; None off shift."""
    moment = as_utc(moment)
    spans = calendar.working_spans(hours, moment - _DAY, moment + LONGEST_SHIFT)
    for start, end in _over_breaks(spans):
        if start <= moment < end:
            return end
    return None


def next_shift(hours: WorkingHours, moment: datetime) -> Stretch | None:
    """Return (start, end) of the shift at that moment, its start then being the moment, or next.

    None when none begins within a year.
    """
    start = as_utc(moment) if on_shift(hours, moment) else _next_start(hours, moment)
    end = shift_ends(hours, start) if start else None
    return (start, end) if start and end else None


def _next_start(hours: WorkingHours, moment: datetime) -> datetime | None:
    try:
        return calendar.next_start(hours, moment)
    except ValueError:
        # A moment without a zone is an error all the same.
        as_utc(moment)
        return None


def _over_breaks(spans: Sequence[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= LONGEST_BREAK:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


@dataclass(frozen=True, eq=False)
class Staffing:
    """When at least one of a group of people can be reached, from `start` to `end` (UTC).

    Holds the stretches of the union (`opens`, `closes`) and the seconds staffed before each, so
    that a question costs two binary searches, and 10,000 questions one vectorised pair. A moment
    outside of the horizon counts as its nearer end.
    """

    start: datetime
    end: datetime
    opens: Seconds
    closes: Seconds
    before: Seconds

    def minutes(self, start: datetime, end: datetime) -> int:
        """Count the whole staffed minutes from start to end; negative when the end is earlier."""
        return int(self.minutes_until(epoch_seconds([end]), since=start)[0])

    def minutes_until(self, moments: Seconds, *, since: datetime) -> Seconds:
        """Count the whole staffed minutes from `since` to each moment; negative before it."""
        passed = self._seconds_before(moments) - self._seconds_before(epoch_seconds([since]))
        whole: Seconds = np.sign(passed) * (np.abs(passed) // 60)
        return whole

    def is_staffed(self, moment: datetime) -> bool:
        """Say whether anybody can be reached at that moment."""
        return self.next_on_shift(moment) == as_utc(moment)

    def next_on_shift(self, moment: datetime) -> datetime | None:
        """Return the earliest moment from that one on when somebody can; None in the horizon."""
        asked = max(as_utc(moment), self.start)
        place = int(np.searchsorted(self.closes, _seconds(asked), side="right"))
        if place == len(self.opens):
            return None
        return max(asked, _moment(int(self.opens[place])))

    def after(self, start: datetime, minutes: int) -> datetime | None:
        """Return when so many staffed minutes have passed since start; None in the horizon."""
        passed = int(self._seconds_before(epoch_seconds([start]))[0]) + minutes * 60
        gone = self.before + self.closes - self.opens
        place = int(np.searchsorted(gone, passed, side="left"))
        if not minutes:
            return as_utc(start)
        if place == len(gone):
            return None
        return _moment(int(self.opens[place]) + passed - int(self.before[place]))

    def _seconds_before(self, moments: Seconds) -> Seconds:
        """Seconds staffed from the horizon's start to each moment."""
        if not len(self.opens):
            return np.zeros_like(moments)
        place = np.maximum(np.searchsorted(self.opens, moments, side="right") - 1, 0)
        inside = np.minimum(moments, self.closes[place]) - self.opens[place]
        return self.before[place] + np.maximum(inside, 0)


def staffing(calendars: Iterable[WorkingHours], start: datetime, days: int) -> Staffing:
    """Put the calendars of everybody who could answer over each other, from start's UTC day on.

    Nobody gives no minutes. The same people on the same day are put together once a process.
    Raises ValueError for more than 800 days, or fewer than one.
    """
    if not 1 <= days <= LONGEST_HORIZON_DAYS:
        raise ValueError(f"Ask for 1 to {LONGEST_HORIZON_DAYS} days.")
    return _staffing(frozenset(c.reachable for c in calendars), as_utc(start).date(), days)


@lru_cache(maxsize=256)
def _staffing(calendars: frozenset[WorkingHours], first: date, days: int) -> Staffing:
    start = datetime.combine(first, time(), UTC)
    end = start + timedelta(days=days)
    edges = [_edges(each, start, days) for each in calendars]
    opens, closes = _union(np.concatenate([np.empty((0, 2), np.int64), *edges]))
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(closes - opens)])[:-1]
    for array in (opens, closes, before):
        array.flags.writeable = False
    return Staffing(start, end, opens, closes, before)


@lru_cache(maxsize=2048)
def _edges(hours: WorkingHours, start: datetime, days: int) -> Seconds:
    """One calendar's stretches as rows of (opens, closes): kept when a colleague's changes."""
    spans = calendar.working_spans(hours, start, start + timedelta(days=days))
    found = np.array([(_seconds(opens), _seconds(closes)) for opens, closes in spans], np.int64)
    return found.reshape(-1, 2)


def _union(edges: Seconds) -> tuple[Seconds, Seconds]:
    """The union of stretches, ascending: (opens, closes)."""
    if not len(edges):
        return edges[:, 0], edges[:, 1]
    edges = edges[np.argsort(edges[:, 0])]
    reach = np.maximum.accumulate(edges[:, 1])
    first = np.concatenate([[True], edges[1:, 0] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return edges[first, 0], reach[last]


def epoch_seconds(moments: Iterable[datetime]) -> Seconds:
    """Moments as whole seconds since 1970, UTC. Raises ValueError for a naive one."""
    return np.array([_seconds(as_utc(moment)) for moment in moments], np.int64)


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _SECOND


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
