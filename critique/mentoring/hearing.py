"""Turns follow what happens: this hears it, the rules decide, `keeping` writes it down.

Only people give somebody a turn. What jobs do is heard where it takes the work itself away.
"""

from __future__ import annotations

import sqlalchemy as sa

from critique.events.listening import on
from critique.events.models import Event
from critique.mentoring import activity  # noqa: F401 - a claim is renewed before turns are kept
from critique.mentoring.keeping import keep_turns
from critique.mentoring.models import Claim, Turn
from critique.plumbing.db import db
from critique.reviews.models import Review, Reviewer
from critique.reviews.queries import is_open

HEARD = (
    "review.created", "review.edited", "review.extended", "review.closed", "review.reopened",
    "walkthrough.posted", "walkthrough.failed", "walkthrough.removed", "step.retried",
    "comment.added", "comment.edited", "comment.removed",
    "comment.resolved", "comment.confirmed", "comment.confirmation_withdrawn", "comment.reopened",
    "reply.added", "reply.edited", "reply.removed", "reaction.added",
    "verdict.given", "mention.seen", "claim.claimed", "claim.released",
)  # fmt: skip
# What an author does with what fell back to them: ask somebody, extend. (Closing ends all turns.)
STIRRING = ("review.edited", "review.extended")


@on(*HEARD)
def follow(happened: Event) -> None:
    """Keep the turns of the request it happened in."""
    if happened.review_id is None or "verdict_id" in happened.details:
        # The comments of a review that is sent: its verdict is heard right after the last of them.
        return
    keep_turns(
        happened.review_id,
        happened.at,
        by_id=happened.actor_id,
        how="released" if happened.verb == "claim.released" else None,
        stirred=happened.verb in STIRRING,
    )


@on("membership.started", "membership.ended")
def follow_members(happened: Event) -> None:
    """Who leaves a team loses their turns in it; where that leaves nobody, the author has it."""
    person_id = happened.details["person"]
    concerned = (
        sa.select(Review.id)
        .where(
            is_open,
            Review.team_id == happened.team_id,
            sa.or_(
                Review.author_id == person_id,
                Review.id.in_(sa.select(Turn.review_id).where(Turn.person_id == person_id)),
                Review.id.in_(sa.select(Reviewer.review_id).where(Reviewer.person_id == person_id)),
            ),
        )
        .order_by(Review.id)
    )
    ended = happened.verb == "membership.ended"
    if ended:
        _give_back(person_id, happened)
    for review_id in db.session.scalars(concerned).all():
        held = ended and _holds(review_id, person_id)
        keep_turns(review_id, happened.at, by_id=happened.actor_id, falls=held)


def _holds(review_id: int, person_id: int) -> bool:
    chosen = sa.exists().where(
        Turn.review_id == review_id, Turn.person_id == person_id, Turn.ended_at.is_(None)
    )
    return bool(db.session.scalar(sa.select(chosen)))


def _give_back(person_id: int, happened: Event) -> None:
    """End the claims of somebody who left, so that nobody waits for their end."""
    in_team = sa.select(Review.id).where(Review.team_id == happened.team_id)
    db.session.execute(
        sa.update(Claim)
        .where(
            Claim.person_id == person_id,
            Claim.until > happened.at,
            Claim.review_id.in_(in_team),
        )
        .values(until=happened.at)
        .execution_options(synchronize_session=False)
    )
