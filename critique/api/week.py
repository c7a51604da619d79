"""The caller's week: what is booked with its question, whether it happened, their calendar."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel

from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.pairing.models import Meeting
from critique.pairing.week.access import calendar_address_of
from critique.pairing.week.calendar import addresses_of
from critique.pairing.week.forms import HappenedForm
from critique.pairing.week.operations import (
    make_calendar_address,
    revoke_calendar_address,
    say_happened,
)
from critique.pairing.week.queries import Planned, planned_ahead, unsaid
from critique.plumbing import clock


class MeetingShape(BaseModel):
    """A meeting of the caller's; `kind` is coffee or feedback, times are UTC."""

    id: int
    kind: str
    people: list[PersonShape]
    starts_at: datetime
    ends_at: datetime
    reason: str
    review_id: int | None

    @classmethod
    def of(cls, meeting: Meeting) -> MeetingShape:
        """From a record with its seats."""
        return cls(
            id=meeting.id,
            kind=meeting.kind,
            people=[PersonShape.of(person) for person in meeting.people],
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            reason=meeting.reason,
            review_id=meeting.review_id,
        )


class PlannedShape(MeetingShape):
    """One to come, in an ISO week of the caller's calendar, with a question to begin with."""

    week: str
    question: str

    @classmethod
    def planned(cls, planned: Planned) -> PlannedShape:
        """From what is planned."""
        return cls(
            **MeetingShape.of(planned.meeting).model_dump(),
            week=planned.week,
            question=planned.question.words,
        )


class MyWeekShape(BaseModel):
    """Meetings until the end of the week after the one at hand; those to say something about."""

    planned: list[PlannedShape]
    unsaid: list[MeetingShape]


class ReportShape(BaseModel):
    """Whether a meeting happened, as the caller says."""

    meeting_id: int
    happened: bool


class CalendarShape(BaseModel):
    """Where a calendar program reads the caller's meetings; None where there is no address."""

    url: str | None
    webcal: str | None
    made_at: datetime | None

    @classmethod
    def of(cls, person: Person) -> CalendarShape:
        """The address in force."""
        address = calendar_address_of(person)
        found = addresses_of(address) if address else None
        return cls(
            url=found.https if found else None,
            webcal=found.webcal if found else None,
            made_at=address.made_at if address else None,
        )


@blueprint.get("/me/week")
@documented(answers=MyWeekShape)
def show_week() -> Response:
    """Whom you meet, when and why, and what to begin with; what you did not say happened yet."""
    person, now = asker(), clock.now()
    return answer(
        MyWeekShape(
            planned=[PlannedShape.planned(one) for one in planned_ahead(person, now)],
            unsaid=[MeetingShape.of(one) for one in unsaid(person, now)],
        )
    )


@blueprint.put("/me/meetings/<int:meeting_id>/report")
@documented(takes=HappenedForm, answers=ReportShape)
def put_report(meeting_id: int) -> Response:
    """Say whether a meeting of yours that is over happened (409 before); it can be said anew."""
    happened = taken(HappenedForm).happened
    say_happened(by=asker(), meeting_id=meeting_id, happened=happened)
    return answer(ReportShape(meeting_id=meeting_id, happened=happened))


@blueprint.get("/me/calendar")
@documented(answers=CalendarShape)
def show_calendar() -> Response:
    """The secret address of your calendar."""
    return answer(CalendarShape.of(asker()))


@blueprint.post("/me/calendar")
@documented(answers=CalendarShape, status=201)
def create_calendar() -> Response:
    """Make the address, or another one: an earlier one is void at once."""
    make_calendar_address(by=asker())
    return answer(CalendarShape.of(asker()), 201)


@blueprint.delete("/me/calendar")
@documented(status=204)
def delete_calendar() -> Response:
    """Revoke it; repeating it changes nothing."""
    revoke_calendar_address(by=asker())
    return Response(status=204)
