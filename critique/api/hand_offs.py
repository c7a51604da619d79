"""Handing over, taking what is offered, whom to ask, and how much somebody wants at once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import Response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.mentoring.colleagues import suggested_reviewers
from critique.mentoring.forms import CapacityForm, HandOverForm
from critique.mentoring.hand_offs import (
    decline_hand_off,
    hand_over,
    offers_to,
    take_hand_off,
)
from critique.mentoring.models import HandOff
from critique.mentoring.operations import set_capacity
from critique.plumbing import clock
from critique.reviews.access import review_for
from critique.web.app import absolute_url
from critique.web.forms import Form


class HandOffShape(BaseModel):
    """A request that went, or is offered to go, to somebody; `answer` null while it is open."""

    id: int
    review_id: int
    giver: PersonShape
    taker: PersonShape
    kind: str
    note: str
    reason: str
    at: datetime
    answer: str | None

    @classmethod
    def of(cls, found: HandOff) -> HandOffShape:
        """From a record."""
        return cls(
            id=found.id,
            review_id=found.review_id,
            giver=PersonShape.of(found.giver),
            taker=PersonShape.of(found.taker),
            kind=found.kind,
            note=found.note,
            reason=found.reason,
            at=found.at,
            answer=found.answer,
        )


class HandOffList(RootModel[list[HandOffShape]]):
    """What is offered to you now, the oldest first."""


class HandOffAnswer(Form):
    """Take what is offered, or leave it with its owner."""

    answer: Literal["taken", "declined"]


class SuggestionShape(BaseModel):
    """Somebody who could be asked, and why they stand there."""

    person: PersonShape
    reason: str


class SuggestionList(RootModel[list[SuggestionShape]]):
    """At most three, the best first."""


class CapacityShape(BaseModel):
    """How many requests you want to have at once."""

    capacity: int


@blueprint.post("/reviews/<int:review_id>/hand-offs")
@documented(takes=HandOverForm, answers=HandOffShape, status=201)
def create_hand_off(review_id: int) -> Response:
    """Hand a request that is yours over to somebody, with a note."""
    form = taken(HandOverForm)
    given = hand_over(by=asker(), review_id=review_id, to_id=form.to, note=form.note)
    location = absolute_url("pages.room", review_id=review_id)
    return answer(HandOffShape.of(given), 201, location)


@blueprint.put("/reviews/<int:review_id>/hand-offs/answer")
@documented(takes=HandOffAnswer, answers=HandOffShape)
def answer_hand_off(review_id: int) -> Response:
    """Take what is offered to you, or decline it; 409 when it is gone."""
    act = take_hand_off if taken(HandOffAnswer).answer == "taken" else decline_hand_off
    return answer(HandOffShape.of(act(by=asker(), review_id=review_id)))


@blueprint.get("/hand-offs")
@documented(answers=HandOffList)
def list_hand_offs() -> Response:
    """What is offered to you now."""
    return answer(HandOffList([HandOffShape.of(one) for one in offers_to(asker())]))


@blueprint.get("/reviews/<int:review_id>/suggestions")
@documented(answers=SuggestionList)
def list_suggestions(review_id: int) -> Response:
    """Whom the author of a request could ask, each with the reason."""
    review = review_for(asker(), review_id)
    found = suggested_reviewers(
        review.team_id,
        [row.skill for row in review.skills],
        review.review_by,
        clock.now(),
        author_id=review.author_id,
    )
    return answer(
        SuggestionList(
            [SuggestionShape(person=PersonShape.of(who), reason=one.reason) for who, one in found]
        )
    )


@blueprint.put("/me/capacity")
@documented(takes=CapacityForm, answers=CapacityShape)
def put_capacity() -> Response:
    """Say how many requests you want to have at once; nobody is suggested beyond it."""
    person = set_capacity(by=asker(), capacity=taken(CapacityForm).capacity)
    return answer(CapacityShape(capacity=person.capacity))
