"""Fast feedback: free times, booking, and a mentor's open blocks."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.comments.access import comment_for
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting
from critique.pairing.sessions.booking import book_and_tell, cancel_and_tell
from critique.pairing.sessions.call import call_url
from critique.pairing.sessions.forms import BookingForm, OpeningForm, SlotQuery
from critique.pairing.sessions.models import Opening
from critique.pairing.sessions.operations import close_block, open_block
from critique.pairing.sessions.queries import openings_of, sessions_of, slots_for
from critique.plumbing import clock
from critique.plumbing.errors import NotFound
from critique.plumbing.hours import format_span
from critique.reviews.access import review_for
from critique.web.app import absolute_url
from critique.web.forms import check_query


class SlotShape(BaseModel):
    """A time that can be booked; `stretched` in hours somebody offers beyond their day."""

    host: PersonShape
    starts_at: datetime
    stretched: bool
    fits: list[str]


class SlotList(RootModel[list[SlotShape]]):
    """Free times, soonest first."""


class SessionShape(BaseModel):
    """A session: who, when, about what, and where the call is."""

    id: int
    url: str
    review_id: int | None
    comment_id: int | None
    host: PersonShape | None
    people: list[PersonShape]
    starts_at: datetime
    ends_at: datetime
    reason: str
    call_url: str
    cancelled: bool

    @classmethod
    def of(cls, meeting: Meeting) -> SessionShape:
        """From a record."""
        return cls(
            id=meeting.id,
            url=absolute_url("meetings.show", meeting_id=meeting.id),
            review_id=meeting.review_id,
            comment_id=meeting.comment_id,
            host=PersonShape.of(meeting.host) if meeting.host else None,
            people=[PersonShape.of(person) for person in meeting.people],
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            reason=meeting.reason,
            call_url=call_url(meeting),
            cancelled=meeting.cancelled_at is not None,
        )


class SessionList(RootModel[list[SessionShape]]):
    """Sessions to come, soonest first."""


class OpeningShape(BaseModel):
    """A block: each `weekday` (0 is Monday) at `hours` on the mentor's clock, or once."""

    id: int
    weekday: int | None
    hours: str | None
    starts_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, opening: Opening) -> OpeningShape:
        """From a record."""
        span = opening.block.span
        return cls(
            id=opening.id,
            weekday=opening.weekday,
            hours=format_span(span) if span else None,
            starts_at=opening.starts_at,
            ends_at=opening.ends_at,
        )


class OpeningList(RootModel[list[OpeningShape]]):
    """Open blocks of one person."""


@blueprint.get("/reviews/<int:review_id>/slots")
@documented(asks=SlotQuery, answers=SlotList)
def list_slots(review_id: int) -> Response:
    """Times in the next seven days at which you can book a mentor about a request."""
    person, query = asker(), check_query(SlotQuery)
    review = review_for(person, review_id)
    skills = [row.skill for row in review.skills]
    slots = slots_for(person, review.team_id, skills, query.minutes, clock.now())
    return answer(
        SlotList(
            [
                SlotShape(
                    host=PersonShape.of(slot.host),
                    starts_at=slot.starts_at,
                    stretched=slot.stretched,
                    fits=list(slot.fits),
                )
                for slot in slots
            ]
        )
    )


@blueprint.post("/reviews/<int:review_id>/sessions")
@documented(takes=BookingForm, answers=SessionShape, status=201)
def create_session(review_id: int) -> Response:
    """Book a mentor; 409 names free times when that one is not (or no longer) free."""
    person, form = asker(), taken(BookingForm)
    review = review_for(person, review_id)
    comment = comment_for(person, form.comment) if form.comment else None
    if comment is not None and comment.walkthrough.review_id != review.id:
        raise NotFound
    meeting = book_and_tell(
        by=person,
        host_id=form.host,
        review=review,
        starts_at=form.starts_at,
        minutes=form.minutes,
        comment=comment,
    )
    return answer(
        SessionShape.of(meeting), 201, absolute_url("meetings.show", meeting_id=meeting.id)
    )


@blueprint.get("/sessions")
@documented(answers=SessionList)
def list_sessions() -> Response:
    """Your sessions to come."""
    return answer(SessionList([SessionShape.of(m) for m in sessions_of(asker(), clock.now())]))


@blueprint.delete("/sessions/<int:meeting_id>")
@documented(answers=SessionShape)
def delete_session(meeting_id: int) -> Response:
    """Cancel a session that is still to come; both are told."""
    meeting = cancel_and_tell(by=asker(), meeting=meeting_for(asker(), meeting_id))
    return answer(SessionShape.of(meeting))


@blueprint.get("/me/openings")
@documented(answers=OpeningList)
def list_openings() -> Response:
    """Your open blocks."""
    person = asker()
    found = openings_of([person.id]).get(person.id, [])
    return answer(OpeningList([OpeningShape.of(one) for one in found]))


@blueprint.post("/me/openings")
@documented(takes=OpeningForm, answers=OpeningShape, status=201)
def create_opening() -> Response:
    """Open a block, each week or once."""
    person, form = asker(), taken(OpeningForm)
    opening = open_block(by=person, block=form.block(person.zone))
    return answer(OpeningShape.of(opening), 201, absolute_url("sessions.index"))


@blueprint.delete("/me/openings/<int:opening_id>")
@documented(answers=OpeningShape)
def delete_opening(opening_id: int) -> Response:
    """Close a block; what is booked in it stays."""
    return answer(OpeningShape.of(close_block(by=asker(), opening_id=opening_id)))
