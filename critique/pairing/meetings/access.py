"""Who may look at a meeting: who comes, and who was to come."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.pairing.models import Meeting, Seating
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def seat_for(person: Person, meeting_id: int) -> Seating:
    """The person's seat at a meeting of a team they belong to, given up or cancelled as well.

    Raises NotFound for all others.
    """
    found = db.session.scalar(
        sa.select(Seating)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .where(
            Seating.meeting_id == meeting_id,
            Seating.person_id == person.id,
            Meeting.team_id.in_(team_ids_of(person)),
        )
    )
    if found is None:
        raise NotFound
    return found
