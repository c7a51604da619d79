"""Real work renews a claim: whatever its holder says in the request's threads.

Comments know nothing of claims, so this listens to the log instead, in the same transaction.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event

from critique.events.models import Event
from critique.mentoring.models import Claim
from critique.mentoring.operations import LEASE

SPOKEN = frozenset({"comment", "reply"})


@event.listens_for(Event, "after_insert")
def _renew(_mapper: object, connection: sa.Connection, happened: Event) -> None:
    if happened.subject not in SPOKEN or happened.review_id is None:
        return
    connection.execute(
        sa.update(Claim)
        .where(
            Claim.review_id == happened.review_id,
            Claim.person_id == happened.actor_id,
            Claim.until > happened.at,
        )
        .values(until=happened.at + LEASE)
    )
