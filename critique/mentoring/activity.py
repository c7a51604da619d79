"""Real work renews a claim: whatever its holder says in the request's threads.

Comments know nothing of claims, so this listens to the log instead, in the same transaction.
"""

from __future__ import annotations

import sqlalchemy as sa

from critique.events.listening import on
from critique.events.models import Event
from critique.mentoring.keeping import prolong_turn
from critique.mentoring.models import Claim
from critique.mentoring.operations import LEASE
from critique.plumbing.db import db

SPOKEN = (
    "comment.added", "comment.edited", "comment.removed", "comment.placed", "comment.resolved",
    "comment.confirmed", "comment.confirmation_withdrawn", "comment.reopened",
    "reply.added", "reply.edited", "reply.removed", "reaction.added", "reaction.removed",
)  # fmt: skip


@on(*SPOKEN)
def renew(happened: Event) -> None:
    """Prolong the speaker's claim on that request, if they hold it still."""
    review_id, person_id = happened.review_id, happened.actor_id
    if review_id is None or person_id is None:
        return
    until = happened.at + LEASE
    renewed = db.session.execute(
        sa.update(Claim)
        .where(
            Claim.review_id == review_id,
            Claim.person_id == person_id,
            Claim.until > happened.at,
        )
        .values(until=until)
        .returning(Claim.review_id)
    ).first()
    if renewed is not None:
        prolong_turn(review_id, person_id, happened.at, until)
