"""One booked meeting of either kind: who comes, other times, somebody else, a third."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel

from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.calendar import page_url
from critique.pairing.meetings.deeds import (
    add_and_tell,
    answer_and_tell,
    move_and_tell,
    swap_and_tell,
)
from critique.pairing.meetings.forms import AnswerForm, PersonForm, TimeForm
from critique.pairing.meetings.page import options_of
from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions.call import call_url
from critique.plumbing import clock
from critique.plumbing.db import db


class SeatShape(BaseModel):
    """Somebody's place: what they answered (null: nothing yet), and whether they gave it up."""

    person: PersonShape
    answer: str | None
    comes: bool

    @classmethod
    def of(cls, seat: Seating) -> SeatShape:
        """From a record."""
        return cls(
            person=PersonShape.of(seat.person), answer=seat.answer, comes=seat.left_at is None
        )


class BookedMeetingShape(BaseModel):
    """A meeting of yours; send its `sequence` with a change, so that nothing newer is overwritten.

    `kind` is coffee or feedback, times are UTC. `times` are free for all who come, `partners` could
    come in your place (or in that of who left you alone), `thirds` as well.
    """

    id: int
    kind: str
    url: str
    sequence: int
    seats: list[SeatShape]
    starts_at: datetime
    ends_at: datetime
    reason: str
    review_id: int | None
    call_url: str | None
    cancelled: bool
    times: list[datetime]
    partners: list[PersonShape]
    thirds: list[PersonShape]

    @classmethod
    def of(cls, meeting: Meeting, by: Person) -> BookedMeetingShape:
        """From a record, with what this person may change of it now."""
        options = options_of(meeting, by, clock.now())
        return cls(
            id=meeting.id,
            kind=meeting.kind,
            url=page_url(meeting),
            sequence=meeting.sequence,
            seats=[SeatShape.of(seat) for seat in meeting.seats],
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            reason=meeting.reason,
            review_id=meeting.review_id,
            call_url=None if meeting.kind == "coffee" else call_url(meeting),
            cancelled=meeting.cancelled_at is not None,
            times=list(options.times),
            partners=[PersonShape.of(one.person) for one in options.partners],
            thirds=[PersonShape.of(one) for one in options.thirds],
        )


@blueprint.get("/meetings/<int:meeting_id>")
@documented(answers=BookedMeetingShape)
def show_meeting(meeting_id: int) -> Response:
    """A meeting you come to or were to come to, and what you may change of it."""
    return _answered(meeting_id)


@blueprint.put("/meetings/<int:meeting_id>/answer")
@documented(takes=AnswerForm, answers=BookedMeetingShape)
def put_meeting_answer(meeting_id: int) -> Response:
    """Accept, say maybe, or give your place up, which the others are told at once."""
    form = taken(AnswerForm)
    answer_and_tell(by=asker(), meeting_id=meeting_id, answer=form.answer, sequence=form.sequence)
    return _answered(meeting_id)


@blueprint.put("/meetings/<int:meeting_id>/time")
@documented(takes=TimeForm, answers=BookedMeetingShape)
def put_meeting_time(meeting_id: int) -> Response:
    """Move it to a moment that suits all who come (409 else); everybody gets an update."""
    form = taken(TimeForm)
    move_and_tell(
        by=asker(), meeting_id=meeting_id, starts_at=form.starts_at, sequence=form.sequence
    )
    return _answered(meeting_id)


@blueprint.put("/meetings/<int:meeting_id>/partner")
@documented(takes=PersonForm, answers=BookedMeetingShape)
def put_meeting_partner(meeting_id: int) -> Response:
    """Have one of the `partners` come in that place; of a session only its mentor's."""
    form = taken(PersonForm)
    swap_and_tell(
        by=asker(), meeting_id=meeting_id, person_id=form.person_id, sequence=form.sequence
    )
    return _answered(meeting_id)


@blueprint.put("/meetings/<int:meeting_id>/third")
@documented(takes=PersonForm, answers=BookedMeetingShape)
def put_meeting_third(meeting_id: int) -> Response:
    """Have one of the `thirds` come as well."""
    form = taken(PersonForm)
    add_and_tell(
        by=asker(), meeting_id=meeting_id, person_id=form.person_id, sequence=form.sequence
    )
    return _answered(meeting_id)


def _answered(meeting_id: int) -> Response:
    person = asker()
    meeting = db.session.get_one(Meeting, seat_for(person, meeting_id).meeting_id)
    return answer(BookedMeetingShape.of(meeting, person))
