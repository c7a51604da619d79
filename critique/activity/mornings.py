"""When a person's morning is: the first moment of a working day at which they may be written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from critique.mentoring.clock import next_reachable
from critique.plumbing.calendar import as_utc, working_spans, zone_named
from critique.plumbing.hours import WorkingHours

# Why the letter of a morning was dropped that no server took before the next one.
STALE = "Not sent: its morning is over, and the next one says it all."
# Longer than any local day, also where clocks are put back.
_A_DAY = timedelta(hours=26)


@dataclass(frozen=True)
class Morning:
    """The local day, and from when until when (UTC) its digest may be sent."""

    day: date
    starts_at: datetime
    ends_at: datetime


def morning_of(hours: WorkingHours, moment: datetime) -> Morning | None:
    """The morning of the local day of that moment; None on a day on which nobody can reach them."""
    zone = zone_named(hours.zone)
    day = as_utc(moment).astimezone(zone).date()
    around = (as_utc(moment) - _A_DAY, as_utc(moment) + _A_DAY)
    spans = [
        (starts, ends)
        for starts, ends in working_spans(hours.reachable, *around)
        if starts.astimezone(zone).date() == day
    ]
    return Morning(day, spans[0][0], spans[-1][1]) if spans else None


def next_morning(hours: WorkingHours, moment: datetime) -> datetime | None:
    """When the first morning begins (UTC) that has not begun at that moment; None in a year."""
    today = morning_of(hours, moment)
    if today is None or moment < today.starts_at:
        return next_reachable(hours, moment)
    return next_reachable(hours, max(moment, today.ends_at))


def is_due(morning: Morning | None, moment: datetime) -> bool:
    """Whether the digest of that morning may be sent at that moment."""
    return morning is not None and morning.starts_at <= moment < morning.ends_at
