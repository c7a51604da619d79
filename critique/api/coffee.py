"""The caller's own coffee: what is booked, what they wish, and whom they do not meet."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.accounts.operations import set_coffee
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.pairing.access import meeting_for
from critique.pairing.meetings.deeds import move_and_tell
from critique.pairing.meetings.forms import TimeForm
from critique.pairing.meetings.times import is_outside_hours
from critique.pairing.models import Meeting
from critique.pairing.queries import meetings_at_hand
from critique.pairing.skipping import skip_and_tell
from critique.pairing.wishes.operations import break_silence, keep_apart, meet_again
from critique.pairing.wishes.queries import apart_from, silence_of
from critique.plumbing import clock
from critique.plumbing.errors import NotFound
from critique.web.forms import Form


class CoffeeWishes(Form):
    """In the draw or not, and away until a day ("2026-12-01")."""

    coffee_in: bool = True
    snoozed_until: date | None = None


class TableShape(BaseModel):
    """A booked coffee: who comes, when (UTC), and why they were drawn."""

    id: int
    group_id: int
    group: str
    week: str
    people: list[PersonShape]
    starts_at: datetime
    ends_at: datetime
    reason: str
    cancelled: bool

    @classmethod
    def of(cls, meeting: Meeting) -> TableShape:
        """From a record with its round and seats."""
        drawn = meeting.drawn_in
        return cls(
            id=meeting.id,
            group_id=drawn.group_id,
            group=drawn.group.name,
            week=drawn.week,
            people=[PersonShape.of(person) for person in meeting.people],
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            reason=meeting.reason,
            cancelled=meeting.cancelled_at is not None,
        )


class MyTable(TableShape):
    """One's own; `outside_hours` when one's hours changed after it was booked."""

    outside_hours: bool


class CoffeeShape(BaseModel):
    """One's coffee from this Monday on: wishes, whether one fell silent, and what is booked."""

    coffee_in: bool
    snoozed_until: date | None
    skipped_week: str | None
    silent: bool
    meetings: list[MyTable]

    @classmethod
    def of(cls, person: Person) -> CoffeeShape:
        """From a record."""
        return cls(
            coffee_in=person.coffee_in,
            snoozed_until=person.coffee_snoozed_until,
            skipped_week=person.coffee_skipped_week,
            silent=silence_of(person) is not None,
            meetings=[
                MyTable(
                    **TableShape.of(meeting).model_dump(),
                    outside_hours=is_outside_hours(person, meeting),
                )
                for meeting in meetings_at_hand(person, clock.now())
                if meeting.round_id is not None
            ],
        )


class ApartList(RootModel[list[PersonShape]]):
    """Whom the caller is never drawn for; for nobody else to read."""


@blueprint.get("/coffee")
@documented(answers=CoffeeShape)
def show_coffee() -> Response:
    """Your coffee: what is booked and what you wish."""
    return answer(CoffeeShape.of(asker()))


@blueprint.put("/coffee/wishes")
@documented(takes=CoffeeWishes, answers=CoffeeShape)
def put_coffee_wishes() -> Response:
    """Be in the draw or not, or away until a day; being in ends a silence."""
    wishes, person = taken(CoffeeWishes), asker()
    set_coffee(by=person, coffee_in=wishes.coffee_in, snoozed_until=wishes.snoozed_until)
    if wishes.coffee_in:
        break_silence(by=person)
    return answer(CoffeeShape.of(person))


@blueprint.put("/coffee/skips/<week>")
@documented(answers=CoffeeShape)
def put_coffee_skip(week: str) -> Response:
    """Sit an ISO week ("2026-W48") out; what is booked in it is given up and the others told."""
    skip_and_tell(asker(), week)
    return answer(CoffeeShape.of(asker()))


@blueprint.delete("/coffee/skips/<week>")
@documented(answers=CoffeeShape)
def delete_coffee_skip(week: str) -> Response:
    """Take that back; seats that were given up stay given up."""
    person = asker()
    if person.coffee_skipped_week == week:
        skip_and_tell(person, None)
    return answer(CoffeeShape.of(person))


@blueprint.put("/coffee/meetings/<int:meeting_id>/time")
@documented(takes=TimeForm, answers=TableShape)
def put_coffee_time(meeting_id: int) -> Response:
    """Move a coffee to a moment that suits all who come (409 else); everybody gets an update."""
    person, starts_at = asker(), taken(TimeForm).starts_at
    meeting = meeting_for(person, meeting_id)
    if meeting.round_id is None:
        raise NotFound
    moved = move_and_tell(by=person, meeting_id=meeting_id, starts_at=starts_at)
    return answer(TableShape.of(moved.meeting))


@blueprint.get("/coffee/apart")
@documented(answers=ApartList)
def list_apart() -> Response:
    """Whom you are never drawn for."""
    return answer(ApartList([PersonShape.of(row.other) for row in apart_from(asker())]))


@blueprint.put("/coffee/apart/<int:colleague_id>")
@documented(answers=ApartList)
def put_apart(colleague_id: int) -> Response:
    """Never be drawn for somebody of your teams; they do not learn of it. Repeating it is fine."""
    keep_apart(by=asker(), other_id=colleague_id)
    return list_apart()


@blueprint.delete("/coffee/apart/<int:colleague_id>")
@documented(answers=ApartList)
def delete_apart(colleague_id: int) -> Response:
    """Take that back; repeating it changes nothing."""
    meet_again(by=asker(), other_id=colleague_id)
    return list_apart()
