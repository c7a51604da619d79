"""Who may see and change coffee groups."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import must_lead, team_ids_of
from critique.accounts.models import Person
from critique.pairing.groups.models import CoffeeGroup
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def group_for(person: Person, group_id: int) -> CoffeeGroup:
    """A group in force of a team the person belongs to. Raises NotFound for all others."""
    found = db.session.scalar(
        sa.select(CoffeeGroup).where(
            CoffeeGroup.id == group_id,
            CoffeeGroup.ended_at.is_(None),
            CoffeeGroup.team_id.in_(team_ids_of(person)),
        )
    )
    if found is None:
        raise NotFound
    return found


def led_group_for(person: Person, group_id: int) -> CoffeeGroup:
    """A group of a team that the person leads. Raises NotFound, or Forbidden for its members."""
    found = group_for(person, group_id)
    must_lead(person, found.team_id)
    return found
