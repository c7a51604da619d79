"""Reading what became of letters that came in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload

from critique.letters.models import IncomingLetter
from critique.plumbing.db import db

SHOWN = 100
UNTAKEN = ("parked", "refused", "dropped")


def untaken_letters(team_id: int) -> list[IncomingLetter]:
    """The newest 100 letters about a team that did not become an answer; parked ones first."""
    return list(
        db.session.scalars(
            sa.select(IncomingLetter)
            .where(IncomingLetter.team_id == team_id, IncomingLetter.state.in_(UNTAKEN))
            .options(joinedload(IncomingLetter.person), defer(IncomingLetter.raw))
            .order_by(IncomingLetter.state != "parked", IncomingLetter.id.desc())
            .limit(SHOWN)
        )
    )
