"""Who may see and do what with meetings."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.pairing.models import Meeting, Seating
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def meeting_for(person: Person, meeting_id: int) -> Meeting:
    """A meeting the person comes to, in a team they belong to. Raises NotFound for all others."""
    # The room takes it out of its address, where any number can be written.
    if not 0 < meeting_id < 2**31:
        raise NotFound
    found = db.session.scalar(
        sa.select(Meeting)
        .join(Seating, Seating.meeting_id == Meeting.id)
        .where(
            Meeting.id == meeting_id,
            Meeting.cancelled_at.is_(None),
            Seating.person_id == person.id,
            Seating.left_at.is_(None),
            Meeting.team_id.in_(team_ids_of(person)),
        )
    )
    if found is None:
        raise NotFound
    return found
