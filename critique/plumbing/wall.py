"""The clock on the wall of a zone: when, in UTC, it shows a time of a local day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from critique.plumbing.hours import Span, zone_named

Stretch = tuple[datetime, datetime]


@lru_cache(maxsize=8192)
def _steady_periods(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Cut the UTC time around one local day where the zone's offset changes: (start, end, offset).

    zoneinfo does not publish its transitions, so they are searched: sampled each six hours (no
    zone has changed twice within six), then bisected to the second.
    """
    local = zone_named(zone)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    last = first + timedelta(hours=84)
    periods = []
    start, probe, offset = first, first, _offset(local, first)
    while probe < last:
        ahead = probe + timedelta(hours=6)
        if _offset(local, ahead) != offset:
            change = _change_between(local, probe, ahead)
            periods.append((start, change, offset))
            start, offset = change, _offset(local, ahead)
        probe = ahead
    return (*periods, (start, last, offset))


def _offset(local: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(local).utcoffset() or timedelta()


def _change_between(local: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _offset(local, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(local, middle) == before else (low, middle)
    return high


def wall_stretches(zone: str, day: date, span: Span) -> Iterator[Stretch]:
    """Yield the UTC stretches during which that local day's wall clock is within the span."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for start, end, offset in _steady_periods(zone, day):
        opens = max(start, midnight + timedelta(minutes=span[0]) - offset)
        closes = min(end, midnight + timedelta(minutes=span[1]) - offset)
        if opens < closes:
            yield opens, closes
