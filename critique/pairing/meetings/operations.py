"""Everything that those who come change of a booked meeting; each change records one event.

A change that was made already is left as it is, so that a form sent twice changes once. Each takes
the `sequence` of the meeting that was looked at: when it changed meanwhile, nothing is overwritten.
An answer is about a time: it stands as long as that does, whoever came in since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Membership, Person
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.candidates import (
    MOST_PEOPLE,
    may_join,
    partners_for,
    replaced_seat,
    seat_at,
)
from critique.pairing.meetings.queries import time_since
from critique.pairing.meetings.times import suits_all
from critique.pairing.models import LeftOut, Meeting, Seating
from critique.pairing.operations import (
    Release,
    held_meeting,
    must_be_at,
    record_meeting_event,
    release_seat,
)
from critique.pairing.slots import day_edges, taken
from critique.plumbing import clock
from critique.plumbing.calendar import as_utc, week_of
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, NotFound

Coming = Literal["accepted", "tentative"]
OVER = "This meeting has begun, so nothing of it was changed."
GONE = "This meeting was cancelled. Nothing was changed; its page says what can still be done."
LEFT = "You said that you cannot come to this meeting. Nothing was changed."
NOT_YOURS = (
    "Only the mentor can hand a session to another mentor. Nothing was changed; say that you "
    "cannot come, or choose another time."
)
NOT_FREE = (
    "{name} cannot be asked for that time (any more). Nothing was changed; choose somebody else."
)


@dataclass(frozen=True)
class Change:
    """What became of a meeting: who `gone` gave their place up, who `new` came in."""

    meeting: Meeting
    gone: Person | None = None
    new: Person | None = None
    changed: bool = True


def answer_meeting(
    *, by: Person, meeting_id: int, answer: Coming, sequence: int | None = None
) -> bool:
    """Say that one comes, or perhaps; False when that was said already. Others get no mail of it.

    Raises NotFound for who has no seat, Conflict when it has begun, was cancelled or moved.
    """
    seat_for(by, meeting_id)
    meeting = _held(by, meeting_id)
    _must_be_changeable(meeting, by, _of_now(meeting, sequence))
    seat = _own_seat(meeting, by)
    if seat.answer == answer:
        return False
    before = seat.answer
    seat.answer, seat.answered_at = answer, clock.now()
    db.session.flush()
    record_meeting_event(
        "meeting.answered", by, meeting, person=by.id, answer=answer, before=before
    )
    return True


def decline_meeting(*, by: Person, meeting_id: int, sequence: int | None = None) -> Release | None:
    """Give one's own place up; None when that was done already.

    Raises NotFound for who has no seat, Conflict when it has begun or was moved meanwhile.
    """
    seat = seat_for(by, meeting_id)
    if seat.left_at is not None:
        return None
    meeting = _held(by, meeting_id)
    _must_be_to_come(meeting)
    return release_seat(
        by=by, meeting_id=meeting_id, person_id=by.id, sequence=_of_now(meeting, sequence)
    )


def move_meeting(
    *, by: Person, meeting_id: int, starts_at: datetime, sequence: int | None = None
) -> Change:
    """Move a meeting to another moment that suits everybody, by somebody who comes to it.

    What others answered was about the old time and is asked anew. Raises NotFound, or Conflict when
    the new time does not suit all who come, or it was cancelled, has begun, or changed meanwhile.
    """
    seat_for(by, meeting_id)
    meeting = _held(by, meeting_id)
    starts_at = as_utc(starts_at)
    if meeting.cancelled_at is None and starts_at == meeting.starts_at:
        return Change(meeting, changed=False)
    _must_be_changeable(meeting, by, sequence)
    if starts_at <= clock.now() or not suits_all(meeting, by, starts_at):
        raise _does_not_suit()
    length = meeting.ends_at - meeting.starts_at
    meeting.starts_at, meeting.ends_at = starts_at, starts_at + length
    _flushed(_does_not_suit())
    meeting.sequence += 1
    for seat in _seats_of_those_who_come(meeting):
        seat.on_edge = _is_on_edge(meeting, seat.person)
        seat.answer = "accepted" if seat.person_id == by.id else None
        seat.answered_at = clock.now() if seat.person_id == by.id else seat.answered_at
    db.session.flush()
    record_meeting_event("meeting.moved", by, meeting, how="moved")
    return Change(meeting)


def swap_partner(
    *, by: Person, meeting_id: int, person_id: int, sequence: int | None = None
) -> Change:
    """Have somebody else come: in one's own place, or in that of who left one alone.

    What was cancelled because somebody left is on again. Raises NotFound, Forbidden for a place
    that is not one's to give, Conflict when that person cannot be asked or the meeting changed.
    """
    own = seat_for(by, meeting_id)
    new = _member(own, person_id)
    meeting = _held(by, meeting_id, new)
    there = seat_at(meeting, new.id)
    if there is not None and there.left_at is None and there.joined_at is not None:
        return Change(meeting, new=new, changed=False)
    _must_be_to_come(meeting)
    must_be_at(meeting, sequence)
    replaced = replaced_seat(meeting, by)
    if replaced is None:
        raise Conflict(LEFT, code="left") if own.left_at else Forbidden(NOT_YOURS)
    if new.id not in {one.person.id for one in partners_for(meeting, by, clock.now())}:
        raise _cannot_be_asked(new)
    if replaced.left_at is None:
        replaced.left_at = clock.now()
        replaced.answer, replaced.answered_at = "declined", clock.now()
    if meeting.kind == "coffee":
        meeting.reason = f"{replaced.person.name} cannot come, and {new.name} is free then"
    else:
        meeting.host_id = new.id
    meeting.cancelled_at = None
    _flushed(_cannot_be_asked(new))
    _come_in(meeting, new)
    record_meeting_event(
        "meeting.partner_swapped", by, meeting, how="joined", person_id=new.id,
        person=replaced.person_id,
    )  # fmt: skip
    return Change(meeting, gone=replaced.person, new=new)


def add_person(
    *, by: Person, meeting_id: int, person_id: int, sequence: int | None = None
) -> Change:
    """Have a third come. Raises NotFound, Conflict when they cannot be asked, or it changed."""
    own = seat_for(by, meeting_id)
    new = _member(own, person_id)
    meeting = _held(by, meeting_id, new)
    there = seat_at(meeting, new.id)
    if there is not None and there.left_at is None and meeting.cancelled_at is None:
        return Change(meeting, new=new, changed=False)
    _must_be_changeable(meeting, by, sequence)
    if len(meeting.people) >= MOST_PEOPLE:
        raise Conflict(
            f"{MOST_PEOPLE} people come already, and more would be a meeting of another kind. "
            "Nothing was changed.",
            code="full",
        )
    if not may_join(meeting, new, clock.now()):
        raise _cannot_be_asked(new)
    _come_in(meeting, new)
    record_meeting_event("meeting.person_added", by, meeting, how="joined", person_id=new.id)
    return Change(meeting, new=new)


def _of_now(meeting: Meeting, sequence: int | None) -> int | None:
    """The sequence that an answer counts for: the newest, when it is about the time it has now."""
    if sequence is None or not time_since(meeting.id) <= sequence <= meeting.sequence:
        return sequence
    return meeting.sequence


def _held(by: Person, meeting_id: int, *others: Person) -> Meeting:
    """The meeting, held with all whose time is about to be taken or given back."""
    seated = sa.select(Seating.person_id).where(Seating.meeting_id == meeting_id)
    ids = {by.id, *(one.id for one in others), *db.session.scalars(seated)}
    meeting = held_meeting(meeting_id, ids)
    if meeting is None:
        raise NotFound
    return meeting


def _must_be_changeable(meeting: Meeting, by: Person, sequence: int | None) -> None:
    _must_be_to_come(meeting)
    if meeting.cancelled_at is not None:
        raise Conflict(GONE, code="cancelled")
    _own_seat(meeting, by)
    must_be_at(meeting, sequence)


def _must_be_to_come(meeting: Meeting) -> None:
    if meeting.starts_at <= clock.now():
        raise Conflict(OVER, code="over")


def _own_seat(meeting: Meeting, by: Person) -> Seating:
    seat = seat_at(meeting, by.id)
    if seat is None:
        raise NotFound
    if seat.left_at is not None:
        raise Conflict(LEFT, code="left")
    return seat


def _member(own: Seating, person_id: int) -> Person:
    """Somebody of the meeting's team; whoever is not in it is nobody here."""
    team = sa.select(Meeting.team_id).where(Meeting.id == own.meeting_id).scalar_subquery()
    member = sa.exists().where(
        Membership.person_id == Person.id, Membership.team_id == team, Membership.ended_at.is_(None)
    )
    found = db.session.scalar(sa.select(Person).where(Person.id == person_id, member))
    if found is None:
        raise NotFound
    return found


def _come_in(meeting: Meeting, new: Person) -> None:
    """Seat somebody who was not drawn for this meeting; whoever sits there was not left out."""
    meeting.sequence += 1
    meeting.seats.append(
        Seating(person=new, joined_at=clock.now(), on_edge=_is_on_edge(meeting, new))
    )
    db.session.flush()
    db.session.expire(meeting, ["seats"])
    if meeting.round_id is not None:
        here = [person.id for person in meeting.people]
        db.session.execute(
            sa.delete(LeftOut).where(
                LeftOut.round_id == meeting.round_id, LeftOut.person_id.in_(here)
            )
        )


def _flushed(otherwise: Conflict) -> None:
    """Write it down; the mentor may have been booked for that very moment (`ux_meetings_host`)."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        raise otherwise from None


def _seats_of_those_who_come(meeting: Meeting) -> Iterable[Seating]:
    return [seat for seat in meeting.seats if seat.left_at is None]


def _is_on_edge(meeting: Meeting, person: Person) -> bool:
    week = week_of(meeting.starts_at, "UTC")
    touched = taken([(meeting.starts_at, meeting.ends_at)], week)
    return bool(day_edges(person.working_hours, week) & touched)


def _does_not_suit() -> Conflict:
    return Conflict(
        "That time does not suit everybody any more. Nothing was moved; look at the times "
        "offered now.",
        code="does_not_suit",
    )


def _cannot_be_asked(person: Person) -> Conflict:
    return Conflict(NOT_FREE.format(name=person.name), code="not_free")
