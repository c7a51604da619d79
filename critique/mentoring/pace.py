"""How fast a team answers, and how long it lets anybody wait, both in its own staffed minutes.

A *staffed* minute is one in which at least one person who could answer can be reached (`clock`).
No page knows how much of a day somebody gives to reviews, so a quarter of their hours is assumed;
in the simulation the order holds when mentors really give a fifth or a third (see the docs).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from critique.mentoring.clock import Staffing, staffing
from critique.plumbing.hours import WorkingHours

# The share of their reachable time that somebody is taken to give to reviews (facts, 4.2).
SHARE = 0.25
# The longest that anybody waits, as long as the team's pace allows it at all.
LONGEST_WAIT_DAYS = 3
# What waits for so much longer than promised cannot be helped by any order.
BEYOND_DAYS = 1
# How far ahead the calendars of a team are put together.
HORIZON_DAYS = 35

_WEEK = timedelta(days=7)
# A week in which few zones change their clocks: what an ordinary week amounts to.
_ORDINARY = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """`day`: staffed minutes of a working day. `per_answer`: those between two answers; 0 unknown.

    A day is a fifth of an ordinary week, so that a team over three zones has long ones.
    """

    day: int
    per_answer: float = 0.0

    @property
    def patience(self) -> int:
        """The longest wait, in staffed minutes."""
        return LONGEST_WAIT_DAYS * self.day

    @property
    def capacity(self) -> int:
        """How many open requests it can answer before a promise is broken for a day."""
        within = self.patience + BEYOND_DAYS * self.day
        return int(within / self.per_answer) if self.per_answer else 0

    def without_promise(self) -> Pace:
        """The same of a team that has more open than its capacity."""
        return replace(self, per_answer=0.0)


def pace_of(calendars: Iterable[WorkingHours], now: datetime, about: int) -> Pace:
    """What a team with these calendars can do in the seven days from now on.

    `about` is how many minutes a review takes. With nobody there in that week the pace is unknown.
    """
    calendars = tuple(calendars)
    ordinary = [replace(one, away=(), holidays="") for one in calendars]
    day = staffing(ordinary, _ORDINARY, 7).minutes(_ORDINARY, _ORDINARY + _WEEK) // 5
    given = SHARE * sum(_week(staffing([one], now, HORIZON_DAYS), now) for one in calendars)
    answers = given / max(about, 1)
    staffed = _week(staffing(calendars, now, HORIZON_DAYS), now)
    return Pace(day, staffed / answers if answers else 0.0)


def _week(staffed: Staffing, now: datetime) -> int:
    return staffed.minutes(now, now + _WEEK)
