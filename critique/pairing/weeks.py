"""Weeks of the coffee: their number, when a draw is due, and when it is too late for one."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from critique.pairing.slots import NOTICE
from critique.plumbing.calendar import MONTHS, monday_morning, week_of, week_start

SATURDAY = 5


def week_number(week: str) -> int:
    """Count the weeks from year 1 to that ISO week ("2026-W48"), so that they can be subtracted."""
    return _monday(week).toordinal() // 7


def week_after(week: str) -> str:
    """Return the ISO week that follows: "2026-W53" gives "2027-W01"."""
    year, number, _ = (_monday(week) + timedelta(days=7)).isocalendar()
    return f"{year:04d}-W{number:02d}"


def is_let_go(week: str, zone: str, now: datetime, *, notice: timedelta = timedelta(0)) -> bool:
    """Say whether the week's Friday is over in the zone once the notice has passed.

    What was not drawn by then, is not: nobody could be booked any more.
    """
    first = (now + notice).astimezone(ZoneInfo(zone))
    return first.date() >= _monday(week) + timedelta(days=SATURDAY)


def due_week(zone: str, now: datetime) -> str | None:
    """Return the week whose Monday 07:00 has come in the zone; None before it and when let go."""
    week = week_of(now, zone)
    due = monday_morning(week, zone) <= now and not is_let_go(week, zone, now, notice=NOTICE)
    return week if due else None


def week_at_hand(zone: str, now: datetime) -> str:
    """Return the week a draw made now is for: this one, at weekends the coming one."""
    week = week_of(now, zone)
    return week_after(week) if is_let_go(week, zone, now) else week


def weeks_somewhere(now: datetime) -> list[str]:
    """Return the one or two ISO weeks that it is now, somewhere on earth."""
    return sorted({week_of(now, "Etc/GMT+12"), week_of(now, "Pacific/Kiritimati")})


def spoken_week(week: str) -> str:
    """Say which days an ISO week is: "30 Nov to 6 Dec", "23 to 29 Nov"."""
    monday = _monday(week)
    sunday = monday + timedelta(days=6)
    first = (
        f"{monday.day} {MONTHS[monday.month - 1]}" if monday.month != sunday.month else monday.day
    )
    return f"{first} to {sunday.day} {MONTHS[sunday.month - 1]}"


def seed_of(group_id: int, week: str) -> int:
    """Give a group's week its seed, so that a draw that has to be repeated comes out the same."""
    return int.from_bytes(hashlib.sha256(f"{group_id}:{week}".encode()).digest()[:4])


def _monday(week: str) -> date:
    return (week_start(week, "UTC")).date()
