"""Deadlines as people put them and read them: "in 4 working hours", "until 16:00", "overdue".

Moments go in timezone-aware and come out in UTC, at whole seconds. Everything is counted in the
calendar as given: a deadline is set, and one's own work goes on, in working time; what is left of
what others ask is `hours.reachable` time. See `plumbing.calendar`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from critique.plumbing.calendar import (
    WorkingHours,
    add_working_minutes,
    as_utc,
    end_of_working_day,
    is_inside,
    local_day,
    spoken_day,
    spoken_duration,
    spoken_moment,
    working_minutes,
    working_spans,
    zone_named,
)

LONGEST_DAYS = 366
SOON_MINUTES = 120

_WORKING = re.compile(
    r"(?:in\s+)?(\d{1,4})\s+working\s+(minute|hour|day)s?", re.IGNORECASE | re.ASCII
)
_END_OF = re.compile(
    r"(?:by\s+)?(?:the\s+)?end\s+of\s+(?:my\s+)?(day|today|tomorrow)", re.IGNORECASE
)

_HOW = (
    'Write a moment such as 2026-11-26T16:00, "in 4 working hours", "in 2 working days" '
    'or "end of my tomorrow".'
)


@dataclass(frozen=True)
class Deadline:
    """A moment in UTC, the author's IANA zone, and the rule it came from ("moment" or words)."""

    at: datetime
    zone: str
    rule: str


@dataclass(frozen=True)
class TimeLeft:
    """What is left until a deadline, for one reader.

    `minutes` are working minutes, negative once it has passed; `state` is plain, soon or late.
    """

    until: str
    left: str
    state: str
    minutes: int

    @property
    def words(self) -> str:
        """Both in one line: "until 16:00 - 3 working hours left"."""
        return f"{self.until} – {self.left}" if self.until else self.left


def parse_deadline(text: str, hours: WorkingHours, now: datetime) -> Deadline:
    """Read a deadline as its author puts it; a moment without an offset is in the author's zone.

    Raises ValueError with a sentence when it cannot be read, lies in the past, or lies more than
    a year ahead.
    """
    words = " ".join(text.split())
    if found := _WORKING.fullmatch(words):
        at = _after_working_time(int(found[1]), found[2].lower(), hours, now)
        return _checked(Deadline(at, hours.zone, words.lower()), now)
    if found := _END_OF.fullmatch(words):
        ahead = 1 if found[1].lower() == "tomorrow" else 0
        at = end_of_working_day(hours, now, ahead)
        return _checked(Deadline(at, hours.zone, words.lower()), now)
    return _checked(Deadline(_moment(words, hours.zone), hours.zone, "moment"), now)


def time_left(at: datetime, hours: WorkingHours, now: datetime) -> TimeLeft:
    """What is left until `at` for a reader with these hours, in words they would use."""
    minutes = working_minutes(hours, now, at)
    if at <= now:
        since = f"since {_near(at, hours.zone, now)}"
        late = f"by {spoken_duration(minutes)}" if minutes else since
        return TimeLeft("", f"overdue {late}", "late", minutes)
    until = f"until {_near(at, hours.zone, now)}"
    if minutes == 0:
        return TimeLeft(until, "outside your working hours", "soon", 0)
    left = f"{spoken_duration(minutes)} left"
    return TimeLeft(until, left, "soon" if minutes <= SOON_MINUTES else "plain", minutes)


def outside_hours(name: str, hours: WorkingHours, at: datetime) -> str | None:
    """Say when `at` falls for somebody who does not work then; None for one who does."""
    why = why_outside(hours, at)
    if why is None:
        return None
    local = at.astimezone(zone_named(hours.zone))
    return f"{local:%H:%M} on {local:%a} for {name} in {place_of(hours.zone)}, {why}"


def why_outside(hours: WorkingHours, at: datetime) -> str | None:
    """Say how `at` lies outside these hours; None inside.

    The very end of a working day still counts as inside: "by 17:00" is a fair thing to ask.
    """
    if is_inside(hours, at) or is_inside(hours, at - timedelta(minutes=1)):
        return None
    end = _end_of_that_day(hours, at)
    if end is None:
        return _why_off(hours, local_day(hours.zone, at))
    if end > at:
        return "outside their working hours"
    return f"outside their working hours; their day ends at {_clock(end, hours.zone)}"


def _why_off(hours: WorkingHours, day: date) -> str:
    last = hours.away_until(day)
    if last is not None:
        return f"away until {spoken_day(last, day)}"
    holiday = hours.holiday_on(day)
    return f"a public holiday there ({holiday})" if holiday else "a day they do not work"


def place_of(zone: str) -> str:
    """The city of an IANA zone: "America/New_York" is "New York"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def local_words(at: datetime, zone: str, now: datetime) -> str:
    """A deadline on somebody's clock: "today 16:00 in London"."""
    return f"{spoken_moment(at, zone, now)} in {place_of(zone)}"


def _after_working_time(number: int, unit: str, hours: WorkingHours, now: datetime) -> datetime:
    if unit != "day":
        return _up_to_the_minute(
            add_working_minutes(hours, now, number * (60 if unit == "hour" else 1))
        )
    if not 1 <= number <= 260:
        raise ValueError("Choose between 1 and 260 working days.")
    at = now
    for _ in range(number):
        at = end_of_working_day(hours, at, 1)
    return at


def _up_to_the_minute(at: datetime) -> datetime:
    """The whole minute at or after that: what was promised is kept in full, and said in full."""
    return (
        at
        if not at.second and not at.microsecond
        else at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )


def _moment(words: str, zone: str) -> datetime:
    try:
        # RFC 3339 allows t and z, which Python does not read.
        given = datetime.fromisoformat(words.upper())
    except ValueError:
        raise ValueError(_HOW) from None
    if len(words) < len("2026-11-26T16:00"):
        raise ValueError(_HOW)
    if given.tzinfo is not None:
        return as_utc(given)
    wall = given.replace(tzinfo=zone_named(zone))
    at = as_utc(wall)
    # zoneinfo maps a wall time that clocks jump over to some instant without a word.
    if at.astimezone(zone_named(zone)).replace(tzinfo=None) != given:
        raise ValueError(f"Clocks in {place_of(zone)} jump over {given:%H:%M} that day.")
    return at


def _checked(deadline: Deadline, now: datetime) -> Deadline:
    at = deadline.at.astimezone(UTC).replace(microsecond=0)
    if at <= now:
        raise ValueError("That moment has passed. Choose one that is still to come.")
    if at - now > timedelta(days=LONGEST_DAYS):
        raise ValueError("Choose a moment within a year from now.")
    return Deadline(at, deadline.zone, deadline.rule)


def _near(at: datetime, zone: str, now: datetime) -> str:
    return spoken_moment(at, zone, now).removeprefix("today ")


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_named(zone)):%H:%M}"


def _end_of_that_day(hours: WorkingHours, at: datetime) -> datetime | None:
    local = at.astimezone(zone_named(hours.zone))
    midnight = as_utc(local.replace(hour=0, minute=0, second=0, microsecond=0))
    spans = working_spans(hours, midnight, midnight + timedelta(hours=24))
    return spans[-1][1] if spans else None
