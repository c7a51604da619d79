"""Other times for a booked meeting: fair ones of its week for coffee, free ones for a session.

Kept free for everybody who comes: what they have booked, what their own calendar says is taken,
deep work, time off and all outside of the hours in which they can be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from critique.accounts.models import Person
from critique.pairing.models import Meeting
from critique.pairing.sessions.models import SessionWish
from critique.pairing.sessions.openings import (
    GRID,
    Block,
    available,
    free_starts,
    joined,
    open_once,
    opened,
)
from critique.pairing.sessions.queries import (
    AHEAD,
    apart,
    busy_of,
    openings_of,
    stretch_hours,
    wishes_of,
)
from critique.pairing.slots import (
    NOTICE_WHEN_ASKED,
    SLOT_MINUTES,
    SLOTS_A_WEEK,
    Choice,
    availability,
    choose_slot,
    starts,
    taken,
)
from critique.plumbing.calendar import Stretch, week_of, week_start

MOST_TIMES = 5
GAP = timedelta(minutes=30)
SLOTS_A_DAY = SLOTS_A_WEEK // 7


def is_outside_hours(person: Person, meeting: Meeting) -> bool:
    """Whether the meeting lies outside the hours in which the person may be met now."""
    return not covers(_reachable(person, meeting), (meeting.starts_at, meeting.ends_at))


def covers(stretches: Sequence[Stretch], wanted: Stretch) -> bool:
    """Whether one of the stretches holds all of the wanted one."""
    return any(start <= wanted[0] and wanted[1] <= end for start, end in stretches)


def better_time(meeting: Meeting, now: datetime) -> Choice | None:
    """The earliest fair time left in a coffee's week for all who come; None without any.

    From two hours after `now` on. Of a session the soonest free start of the next seven days.
    """
    if meeting.kind != "coffee":
        soonest = session_starts(meeting, meeting.host, now + NOTICE_WHEN_ASKED, now + AHEAD)
        return Choice(soonest[0]) if soonest else None
    week = week_of(meeting.starts_at, "UTC")
    return _chosen(meeting, week, _masks(meeting, week), now)


def other_times(meeting: Meeting, by: Person, now: datetime) -> list[datetime]:
    """A few other times (UTC) for all who come, ascending; what is booked now is none of them.

    Of a coffee the fairest of each day left in its week. Of a session starts inside the host's open
    blocks, or for the host any that suits all, in the next seven days.
    """
    if meeting.kind != "coffee":
        found = session_starts(meeting, by, now + NOTICE_WHEN_ASKED, now + AHEAD)
        return apart([at for at in found if at != meeting.starts_at], MOST_TIMES, GAP)
    week = week_of(meeting.starts_at, "UTC")
    masks = _masks(meeting, week)
    masks = [mask & ~taken([(meeting.starts_at, meeting.ends_at)], week) for mask in masks]
    choices = [
        _chosen(meeting, week, [mask & _day(number) for mask in masks], now) for number in range(7)
    ]
    return [choice.starts_at for choice in choices if choice][:MOST_TIMES]


def suits_all(meeting: Meeting, by: Person, starts_at: datetime) -> bool:
    """Whether everybody who comes is free for the meeting at that moment (UTC)."""
    if meeting.kind != "coffee":
        ends_at = starts_at + (meeting.ends_at - meeting.starts_at)
        return starts_at in session_starts(meeting, by, starts_at, ends_at)
    week = week_of(starts_at, "UTC")
    at = (starts_at - week_start(week, "UTC")) / timedelta(minutes=SLOT_MINUTES)
    fits = at.is_integer() and at >= 0
    return fits and all(
        starts(mask, _slots(meeting)) >> int(at) & 1 for mask in _masks(meeting, week)
    )


def session_starts(
    meeting: Meeting, by: Person | None, start: datetime, end: datetime
) -> list[datetime]:
    """Every quarter of an hour in [start, end) at which all who come could have the session.

    Inside the host's open blocks unless the host asks: what a host gives is the host's to give.
    """
    people, host = meeting.people, meeting.host
    ids = [person.id for person in people]
    wishes, busy = wishes_of(ids), busy_of(ids, start, end, besides=meeting.id)
    blocks = _blocks_of(host)
    free = [
        _reach(person, wishes.get(person.id), blocks if person is host else (), start, end)
        for person in people
    ]
    if host is not None and (by is None or by.id != host.id):
        free.append(opened(blocks, host.zone, start, end))
    minutes = (meeting.ends_at - meeting.starts_at) // timedelta(minutes=1)
    return free_starts(free, [one for taken_by in busy.values() for one in taken_by], minutes)


def _reachable(person: Person, meeting: Meeting) -> list[Stretch]:
    wish = wishes_of([person.id]).get(person.id) if meeting.kind != "coffee" else None
    blocks = _blocks_of(person) if person.id == meeting.host_id else ()
    return _reach(person, wish, blocks, meeting.starts_at - GRID, meeting.ends_at + GRID)


def _reach(
    person: Person,
    wish: SessionWish | None,
    blocks: Iterable[Block],
    start: datetime,
    end: datetime,
) -> list[Stretch]:
    """When somebody may be met; a host also while they are open once, whatever their hours are."""
    usual = available(person.working_hours, start, end, stretch=stretch_hours(person, wish))
    return joined([*usual, *open_once(blocks, person.zone, start, end)])


def _blocks_of(host: Person | None) -> list[Block]:
    found = openings_of([host.id]).get(host.id, []) if host is not None else []
    return [one.block for one in found]


def _chosen(meeting: Meeting, week: str, masks: list[int], now: datetime) -> Choice | None:
    hours = [person.working_hours for person in meeting.people]
    not_before = now + NOTICE_WHEN_ASKED
    return choose_slot(masks, hours, week, not_before=not_before, slots=_slots(meeting))


def _day(number: int) -> int:
    return ((1 << SLOTS_A_DAY) - 1) << (number * SLOTS_A_DAY)


def _slots(meeting: Meeting) -> int:
    length = meeting.ends_at - meeting.starts_at
    return -(-length // timedelta(minutes=SLOT_MINUTES))


def _masks(meeting: Meeting, week: str) -> list[int]:
    """The slots of the week that each of those who come has free."""
    people, opens = meeting.people, week_start(week, "UTC")
    ids = [person.id for person in people]
    busy = busy_of(ids, opens - timedelta(days=1), opens + timedelta(days=8), besides=meeting.id)
    return [
        availability(person.working_hours, week) & ~taken(busy[person.id], week)
        for person in people
    ]
