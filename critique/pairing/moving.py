"""Another time for a meeting: found for all who come, booked by one of them, told to everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.pairing.models import Meeting, Seating
from critique.pairing.seating import Busy
from critique.pairing.slots import (
    NOTICE_WHEN_ASKED,
    SLOT_MINUTES,
    Choice,
    availability,
    choose_slot,
    day_edges,
    starts,
    taken,
)
from critique.plumbing import clock
from critique.plumbing.calendar import as_utc, week_of, week_start, working_minutes
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound


def is_outside_hours(person: Person, meeting: Meeting) -> bool:
    """Whether the meeting lies outside the hours in which the person may be met now."""
    minutes = (meeting.ends_at - meeting.starts_at) // timedelta(minutes=1)
    hours = person.working_hours.reachable
    return working_minutes(hours, meeting.starts_at, meeting.ends_at) < minutes


def better_time(meeting: Meeting, now: datetime) -> Choice | None:
    """The earliest fair time left in the meeting's week for all who come; None without any.

    From two hours after `now` on; what else they have booked stays free of it.
    """
    week = week_of(meeting.starts_at, "UTC")
    masks, slots = _masks(meeting, week), _slots(meeting)
    hours = [person.working_hours for person in meeting.people]
    not_before = now + NOTICE_WHEN_ASKED
    return choose_slot(masks, hours, week, not_before=not_before, slots=slots)


def move_meeting(*, by: Person, meeting_id: int, starts_at: datetime) -> Meeting:
    """Move a meeting that has not begun to another moment, by somebody who comes to it.

    What others answered was about the old time and is asked anew. Raises NotFound, or Conflict when
    the new time does not suit all who come, or it was cancelled or has begun.
    """
    meeting = db.session.scalar(
        sa.select(Meeting)
        .where(Meeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    here = meeting is not None and by.id in {person.id for person in meeting.people}
    if meeting is None or not here or meeting.round_id is None:
        raise NotFound
    now, starts_at = clock.now(), as_utc(starts_at)
    if meeting.cancelled_at is not None or meeting.starts_at <= now:
        raise Conflict("This meeting is over, or was cancelled. Nothing was moved.", code="over")
    if starts_at == meeting.starts_at:
        return meeting
    if starts_at < now or not _suits_all(meeting, starts_at):
        raise Conflict(
            "That time does not suit everybody any more. Nothing was moved; look at the time "
            "offered now.",
            code="does_not_suit",
        )
    length = meeting.ends_at - meeting.starts_at
    meeting.starts_at, meeting.ends_at = starts_at, starts_at + length
    meeting.sequence += 1
    week = week_of(starts_at, "UTC")
    touched = taken([(meeting.starts_at, meeting.ends_at)], week)
    for seat in meeting.seats:
        seat.on_edge = bool(day_edges(seat.person.working_hours, week) & touched)
        if seat.person_id != by.id:
            seat.answer = None
    db.session.flush()
    record_event(
        "meeting.moved",
        by_id=by.id,
        subject="meeting",
        subject_id=meeting.id,
        team_id=meeting.team_id,
        details={"sequence": meeting.sequence},
    )
    return meeting


def _suits_all(meeting: Meeting, starts_at: datetime) -> bool:
    week = week_of(starts_at, "UTC")
    free = _masks(meeting, week)
    at = (starts_at - week_start(week, "UTC")) / timedelta(minutes=SLOT_MINUTES)
    fits = at.is_integer() and at >= 0
    return fits and all(starts(mask, _slots(meeting)) >> int(at) & 1 for mask in free)


def _slots(meeting: Meeting) -> int:
    length = meeting.ends_at - meeting.starts_at
    return -(-length // timedelta(minutes=SLOT_MINUTES))


def _masks(meeting: Meeting, week: str) -> list[int]:
    """The slots of the week that each of those who come has free."""
    people = meeting.people
    busy = _busy_besides(meeting, [person.id for person in people], week)
    return [
        availability(person.working_hours, week)
        & ~taken([(start, end) for one, start, end in busy if one == person.id], week)
        for person in people
    ]


def _busy_besides(meeting: Meeting, person_ids: list[int], week: str) -> Busy:
    opens = week_start(week, "UTC")
    rows = db.session.execute(
        sa.select(Seating.person_id, Meeting.starts_at, Meeting.ends_at)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .where(
            Seating.person_id.in_(person_ids),
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Meeting.id != meeting.id,
            Meeting.starts_at.between(opens - timedelta(days=1), opens + timedelta(days=8)),
        )
    )
    return frozenset((person_id, start, end) for person_id, start, end in rows)
