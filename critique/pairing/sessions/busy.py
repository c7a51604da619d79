"""Somebody's own calendar, read for busy times: fetched through the one guarded door, then parsed.

Repeating events are unfolded by `recurring_ical_events`, for the next weeks only; the words of the
calendar are not kept. What is marked free (TRANSP:TRANSPARENT) or cancelled is not busy.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from icalendar import Component

from critique.pairing.sessions.openings import joined
from critique.plumbing.calendar import Stretch

LOOKED_AHEAD = timedelta(days=28)
# A hostile feed may repeat each second for ever.
MOST_EVENTS = 2000
MOST_COMPONENTS = 5000


class UnreadableCalendar(ValueError):
    """The feed is no calendar, or one that nobody can live in; says so in a sentence."""


def busy_times(body: bytes, zone: str, now: datetime) -> list[Stretch]:
    """The busy stretches (UTC) of the next four weeks. Raises UnreadableCalendar.

    Whole days and times without a zone are read on the clock of `zone`.
    """
    try:
        calendar = icalendar.Calendar.from_ical(body)
        found = [part for one in _events(calendar, now) for part in _stretch(one, ZoneInfo(zone))]
    except UnreadableCalendar:
        raise
    except Exception as error:
        # The libraries raise whatever a strange line or rule makes them meet.
        raise UnreadableCalendar("The address answers, but with no calendar to read.") from error
    return joined(found)


def _events(calendar: Component, now: datetime) -> list[Component]:
    if len(calendar.subcomponents) > MOST_COMPONENTS or _is_endless(calendar):
        raise UnreadableCalendar("This calendar holds more than a person does in a month.")
    found = recurring_ical_events.of(calendar).between(now, now + LOOKED_AHEAD)
    return list(found[:MOST_EVENTS])


def _is_endless(calendar: Component) -> bool:
    """Whether something repeats more often than daily events of people do."""
    often = {"SECONDLY", "MINUTELY"}
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if {str(each).upper() for each in rule.get("FREQ", [])} & often:
                return True
            if any(rule.get(part) for part in ("BYSECOND", "BYMINUTE")):
                return True
    return False


def _stretch(event: Component, zone: ZoneInfo) -> list[Stretch]:
    status, shown = str(event.get("STATUS", "")), str(event.get("TRANSP", ""))
    if status.upper() == "CANCELLED" or shown.upper() == "TRANSPARENT":
        return []
    start = _moment(event.decoded("DTSTART"), zone)
    end = _moment(event.decoded("DTEND"), zone) if "DTEND" in event else start
    return [(start, end)] if start < end else []


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        assert isinstance(value, date), "a calendar's moment is a day or a time"
        value = datetime.combine(value, time(), zone)
    moment: datetime = value if value.tzinfo else value.replace(tzinfo=zone)
    return moment.astimezone(UTC)
