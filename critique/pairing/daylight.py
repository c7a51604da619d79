"""A meeting drawn over everybody's working day: why that time, at a glance.

All rows share one axis of UTC time, so that a day in London and one in Austin lie as they do on
earth, and the meeting is one upright line through all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from critique.pairing.plan import Guest
from critique.plumbing.calendar import working_spans

Spans = list[tuple[datetime, datetime]]

WIDTH = 1000
DAY = timedelta(days=1)
MARGIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Day:
    """One person's row: name, place, the clock there, and (x, width) of what they work."""

    person_id: int
    name: str
    place: str
    clock: str
    bands: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Daylight:
    """The rows, and (x, width) of the meeting and of what all share, in thousandths of the axis."""

    days: tuple[Day, ...]
    meeting: tuple[int, int]
    shared: tuple[tuple[int, int], ...]


def daylight(starts_at: datetime, ends_at: datetime, guests: Sequence[Guest]) -> Daylight:
    """Lay out the day, as each of these people works it, around a meeting (UTC)."""
    spans = {guest.id: _around(guest, starts_at) for guest in guests}
    edges = [edge for found in spans.values() for span in found for edge in span]
    opens = min([*edges, starts_at]) - MARGIN
    closes = max([*edges, ends_at]) + MARGIN

    def laid(start: datetime, end: datetime) -> tuple[int, int]:
        x = round((start - opens) / (closes - opens) * WIDTH)
        return x, max(round((end - opens) / (closes - opens) * WIDTH) - x, 1)

    days = [
        Day(
            person_id=guest.id,
            name=guest.name,
            place=place(guest.zone),
            clock=f"{starts_at.astimezone(ZoneInfo(guest.zone)):%H:%M}",
            bands=tuple(laid(start, end) for start, end in spans[guest.id]),
        )
        for guest in guests
    ]
    shared = reduce(_overlaps, spans.values())
    return Daylight(
        tuple(days), laid(starts_at, ends_at), tuple(laid(start, end) for start, end in shared)
    )


def _overlaps(one: Spans, other: Spans) -> Spans:
    met = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(start, end) for start, end in met if start < end]


def place(zone: str) -> str:
    """Say a zone as the place it is named after: "Buenos Aires", "London", "UTC"."""
    return zone.rpartition("/")[2].replace("_", " ")


def _around(guest: Guest, moment: datetime) -> Spans:
    """What the person works on their own day of that moment."""
    zone = ZoneInfo(guest.zone)
    found = working_spans(guest.hours.reachable, moment - DAY, moment + DAY)
    today = moment.astimezone(zone).date()
    return [span for span in found if span[0].astimezone(zone).date() == today]
