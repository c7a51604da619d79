"""Your turns: everywhere it is your move, and putting one aside."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.api.shapes import ReviewSummary
from critique.api.turn_shape import TurnShape
from critique.mentoring.passing import put_turn_aside
from critique.mentoring.turns import turns_of, turns_on
from critique.plumbing import clock
from critique.reviews.queries import reviews_named


class OwnTurnShape(BaseModel):
    """One of your turns, and the request it is in."""

    review: ReviewSummary
    turn: TurnShape


class TurnList(RootModel[list[OwnTurnShape]]):
    """Everywhere it is your move, the longest waiting first."""


@blueprint.get("/turns")
@documented(answers=TurnList)
def list_turns() -> Response:
    """List where it is your move, the longest waiting first, at most 200."""
    now = clock.now()
    own = turns_of(asker(), now)
    ids = [turn.review_id for turn in own]
    reviews, turns = reviews_named(ids), turns_on(ids, now)
    rows = [
        OwnTurnShape(
            review=ReviewSummary.of(reviews[turn.review_id], turns[turn.review_id]),
            turn=TurnShape.of(turn, asker()),
        )
        for turn in own
    ]
    return answer(TurnList(rows))


@blueprint.delete("/reviews/<int:review_id>/turn")
@documented(answers=ReviewSummary)
def delete_turn(review_id: int) -> Response:
    """Say that you are done here: your turn ends without a word; repeating it changes nothing.

    Only where you were asked something back, mentioned, or an answer waits for your yes; where the
    work waits for you, 409 `needs_you`.
    """
    review = put_turn_aside(by=asker(), review_id=review_id)
    return answer(ReviewSummary.of(review, turns_on([review.id])[review.id]))
