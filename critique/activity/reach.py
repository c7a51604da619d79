"""When somebody may be written to: their calendar without deep work and quiet hours.

A direct ask waits for that, and for an hour since the last one; it does not wait while the request
is theirs to look at and due within two hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from critique.accounts.models import Person
from critique.activity.models import NoticeWishes
from critique.activity.quiet import quiet_week, typed_week, undisturbed
from critique.mentoring.clock import next_reachable
from critique.plumbing.hours import WorkingHours

URGENT = timedelta(hours=2)
APART = timedelta(hours=1)


def calendar_of(person: Person, wishes: NoticeWishes) -> WorkingHours:
    """The person's calendar, in which quiet hours are deep work as well."""
    return undisturbed(person.working_hours, quiet_week(typed_week(wishes.quiet)))


def may_ask_at(
    calendar: WorkingHours,
    now: datetime,
    *,
    asked_at: datetime | None,
    deadlines: Iterable[datetime] = (),
) -> datetime | None:
    """The earliest moment from `now` on for a letter of direct asks; None within a year.

    `asked_at` is when the last one was written, `deadlines` those of requests that are this
    person's to look at. All UTC.
    """
    earliest = now if asked_at is None else max(now, asked_at + APART)
    urgent = [max(earliest, deadline - URGENT) for deadline in deadlines if deadline > earliest]
    moments = [next_reachable(calendar, earliest), *urgent]
    return min((moment for moment in moments if moment is not None), default=None)
