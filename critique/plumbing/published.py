"""A calendar that others subscribe to and only read (RFC 5545, METHOD:PUBLISH of RFC 5546).

It names nobody's address: whoever has the feed needs to know when to be where, not whom to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vUri

from critique.plumbing.calendar import as_utc
from critique.plumbing.wording import one_line

# How often programs are asked to look again.
LOOK_AGAIN = timedelta(hours=1)
LONGEST = 200


@dataclass(frozen=True)
class Entry:
    """One entry: its UID never changes, its sequence rises with each change; moments are UTC.

    `stamped_at` is when it was last changed, so that the same entries give the same bytes.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    url: str
    cancelled: bool = False


def published(name: str, entries: Iterable[Entry]) -> bytes:
    """Return the calendar, UTF-8 with CRLF; the same entries always give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Critique//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(name)[:LONGEST])
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", one_line(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", as_utc(entry.stamped_at))
    event.add("dtstart", as_utc(entry.starts_at))
    event.add("dtend", as_utc(entry.ends_at))
    event.add("summary", one_line(entry.summary)[:LONGEST])
    event.add("description", "\n".join(map(one_line, entry.description.split("\n"))))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    event.add("url", vUri(entry.url))
    return event
