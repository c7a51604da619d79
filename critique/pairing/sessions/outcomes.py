"""What came of the sessions about a request, for everybody who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions.models import SessionOutcome
from critique.plumbing.db import db
from critique.plumbing.wording import listed


@dataclass(frozen=True)
class Talk:
    """A session that was held: who talked, when, and what each takes along, as (name, words)."""

    meeting_id: int
    names: str
    at: datetime
    outcomes: tuple[tuple[str, str], ...]


def talks_about(review_id: int) -> list[Talk]:
    """The sessions about a request of which somebody noted the outcome, the newest first."""
    noted: dict[int, list[tuple[str, str]]] = {}
    for one in db.session.scalars(
        sa.select(SessionOutcome)
        .join(Meeting, Meeting.id == SessionOutcome.meeting_id)
        .where(Meeting.review_id == review_id)
        .options(joinedload(SessionOutcome.person))
        .order_by(SessionOutcome.at, SessionOutcome.person_id)
    ):
        noted.setdefault(one.meeting_id, []).append((one.person.name, one.words))
    if not noted:
        return []
    held = db.session.scalars(
        sa.select(Meeting)
        .where(Meeting.id.in_(noted))
        .options(selectinload(Meeting.seats).joinedload(Seating.person))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    )
    return [
        Talk(
            meeting_id=one.id,
            names=listed([person.name for person in one.people]),
            at=one.starts_at,
            outcomes=tuple(noted[one.id]),
        )
        for one in held
    ]
