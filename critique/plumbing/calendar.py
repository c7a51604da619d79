"""Working time: how much of it lies between two moments, when it ends, and how to say so.

A working hour is a set of instants: those whose clock on the wall, in the person's own zone,
shows a time inside the hours of that weekday, on a day that is neither a public holiday of theirs
nor one they are away. Everything here follows from that one sentence, also on the days when clocks
jump: a wall time that never happens is not worked, one that happens twice is worked twice.

Every function takes the calendar as it is given: `hours` counts deep work as work, and
`hours.reachable` leaves it out.

Moments go in timezone-aware and come out in UTC; arithmetic is done in UTC only, because adding a
day to a local time is not adding 24 hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from critique.plumbing.hours import (
    DEFAULT_HOURS,
    MINUTES_A_DAY,
    WorkingHours,
    default_hours,
    format_span,
    parse_span,
    zone_named,
)
from critique.plumbing.wall import Stretch, wall_stretches

__all__ = [
    "DEFAULT_HOURS",
    "Stretch",
    "WorkingHours",
    "add_working_minutes",
    "as_utc",
    "default_hours",
    "end_of_working_day",
    "format_span",
    "is_inside",
    "local_day",
    "monday_morning",
    "next_start",
    "parse_span",
    "spoken_day",
    "spoken_days",
    "spoken_duration",
    "spoken_moment",
    "week_of",
    "week_start",
    "week_stretches",
    "working_minutes",
    "working_spans",
    "zone_named",
]

LONGEST_BREAK_DAYS = 366
LONGEST_ADDITION = 366 * MINUTES_A_DAY
FIRST_YEAR, LAST_YEAR = 1970, 2199
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_NO_HOURS = "There are no working hours in the year after that: look at your hours and time off."


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC. Raises ValueError when naive, or outside the years 1970 to 2199."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("This moment has no time zone: give one, such as 2026-11-26T16:00:00Z.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}, not {moment.year}.")
    return moment.astimezone(UTC)


@lru_cache(maxsize=16384)
def _day_stretches(hours: WorkingHours, day: date) -> tuple[Stretch, ...]:
    spans = () if hours.is_off(day) else hours.days.get(day.weekday(), ())
    worked = (s for span in spans for s in wall_stretches(hours.zone, day, span))
    return tuple(_joined(sorted(worked)))


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in stretches:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def local_day(zone: str, moment: datetime) -> date:
    """Return the date it is in the zone at that moment."""
    return as_utc(moment).astimezone(zone_named(zone)).date()


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


def working_spans(hours: WorkingHours, start_utc: datetime, end_utc: datetime) -> list[Stretch]:
    """Return the working stretches in [start, end) as UTC pairs: ascending, never touching.

    An end at or before the start gives none. Raises ValueError for a naive moment.
    """
    start, end = as_utc(start_utc), as_utc(end_utc)
    # One day more on each side: clocks going back over midnight bring a local day back.
    first = local_day(hours.zone, start) - timedelta(days=1)
    days = (local_day(hours.zone, end) - first).days + 2
    found: list[Stretch] = []
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        for opens, closes in _day_stretches(hours, day):
            if max(opens, start) < min(closes, end):
                found.append((max(opens, start), min(closes, end)))
    return _joined(sorted(found))


def week_stretches(hours: WorkingHours, week: str) -> list[Stretch]:
    """Return what is worked on the local Monday to Sunday of that ISO week ("2026-W48").

    As UTC pairs: ascending, never touching. Raises ValueError for a week that does not exist.
    """
    monday = _monday_of(week)
    days = (monday + timedelta(days=ahead) for ahead in range(7))
    return _joined(sorted(worked for day in days for worked in _day_stretches(hours, day)))


def working_minutes(hours: WorkingHours, start: datetime, end: datetime) -> int:
    """Count the whole working minutes from start to end; negative when the end is the earlier."""
    if as_utc(end) < as_utc(start):
        return -working_minutes(hours, end, start)
    spans = working_spans(hours, start, end)
    return sum((closes - opens for opens, closes in spans), timedelta()) // timedelta(minutes=1)


def _stretches_from(hours: WorkingHours, moment: datetime) -> Iterator[Stretch]:
    """Yield working stretches from the moment on, endlessly; ValueError after a year of none."""
    start, step = as_utc(moment), timedelta(days=7)
    seen = start
    while start - seen < timedelta(days=LONGEST_BREAK_DAYS):
        for stretch in working_spans(hours, start, start + step):
            seen = stretch[1]
            yield stretch
        start += step
    raise ValueError(_NO_HOURS)


def add_working_minutes(hours: WorkingHours, start: datetime, minutes: int) -> datetime:
    """Return the earliest moment (UTC) at which so many working minutes have passed.

    Zero minutes give the start itself. Raises ValueError when minutes are negative or more than a
    year of them, or when no working hours come within a year.
    """
    if not 0 <= minutes <= LONGEST_ADDITION:
        raise ValueError("Give a working time between 0 minutes and a year.")
    left = timedelta(minutes=minutes)
    if not left:
        return as_utc(start)
    for opens, closes in _stretches_from(hours, start):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("the stretches of a calendar do not end")


def is_inside(hours: WorkingHours, moment: datetime) -> bool:
    """Say whether the person works at that moment: the start of a span counts, its end does not."""
    wall = as_utc(moment).astimezone(zone_named(hours.zone))
    minute = wall.hour * 60 + wall.minute
    spans = hours.days.get(wall.weekday(), ())
    return any(start <= minute < end for start, end in spans) and not hours.is_off(wall.date())


def next_start(hours: WorkingHours, moment: datetime) -> datetime:
    """Return the earliest moment (UTC) inside working hours: this one, when it is inside.

    Raises ValueError when no working hours come within a year.
    """
    return next(_stretches_from(hours, moment))[0]


def end_of_working_day(hours: WorkingHours, moment: datetime, days_ahead: int = 1) -> datetime:
    """Return when work ends on the local day that many days ahead: 1 is "end of my tomorrow".

    A day off (or, for today, a day already over) gives way to the next working day. UTC. Raises
    ValueError when days_ahead is not 0 to 365 or no working day comes within a year.
    """
    if not 0 <= days_ahead <= 365:
        raise ValueError("Choose a day between today and a year from now.")
    now, first = as_utc(moment), local_day(hours.zone, moment) + timedelta(days=days_ahead)
    for day in (first + timedelta(days=ahead) for ahead in range(LONGEST_BREAK_DAYS + 1)):
        stretches = _day_stretches(hours, day)
        if stretches and stretches[-1][1] > now:
            return stretches[-1][1]
    raise ValueError(_NO_HOURS)


def week_of(moment: datetime, zone: str) -> str:
    """Return the ISO week the moment falls in, in that zone: "2026-W48"."""
    year, week, _ = local_day(zone, moment).isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_start(week: str, zone: str) -> datetime:
    """Return Monday 00:00 of that ISO week ("2026-W48") in the zone, as UTC. Raises ValueError."""
    return _monday_at(week, zone, 0)


def monday_morning(week: str, zone: str) -> datetime:
    """Return Monday 07:00 of that ISO week ("2026-W48") in the zone, as UTC. Raises ValueError."""
    return _monday_at(week, zone, 7 * 60)


@lru_cache(maxsize=256)
def _monday_of(week: str) -> date:
    found = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None or not FIRST_YEAR < monday.year < LAST_YEAR:
        raise ValueError(f"There is no week {week[:20]!r}: write one as 2026-W48.")
    return monday


def _monday_at(week: str, zone: str, minute: int) -> datetime:
    monday = _monday_of(week)
    # The first instant at or after that time on the wall: clocks may jump over the very minute.
    rest_of_day = (minute, MINUTES_A_DAY)
    return next(s for day in _days_from(monday) for s in wall_stretches(zone, day, rest_of_day))[0]


def spoken_duration(minutes: int) -> str:
    """Say a working time in words: "25 minutes", "3 working hours", "1 working hour 30 minutes".

    The sign is left to the caller's sentence ("in ..." or "... late"). From ten hours on, minutes
    are dropped.
    """
    hours, rest = divmod(abs(minutes), 60)
    if not hours:
        return _counted(rest, "minute") if rest else "less than a minute"
    spoken = _counted(hours, "working hour")
    return f"{spoken} {_counted(rest, 'minute')}" if rest and hours < 10 else spoken


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spoken_moment(moment: datetime, zone: str, now: datetime) -> str:
    """Say a moment on the reader's clock: "today 16:00", "tomorrow 09:30", "Thu 26 Nov, 16:00".

    The year is said when it is not this one.
    """
    wall, today = as_utc(moment).astimezone(zone_named(zone)), local_day(zone, now)
    clock = f"{wall.hour:02d}:{wall.minute:02d}"
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((wall.date() - today).days)
    if near:
        return f"{near} {clock}"
    return f"{spoken_day(wall.date(), today)}, {clock}"


def spoken_day(day: date, today: date) -> str:
    """Say a day: "Thu 26 Nov". The year is said when it is not this one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def spoken_days(first: date, last: date, today: date) -> str:
    """Say days from the first to the last: "Thu 26 Nov to Fri 4 Dec", or the one day."""
    end = f" to {spoken_day(last, today)}" if last != first else ""
    return f"{spoken_day(first, today)}{end}"
