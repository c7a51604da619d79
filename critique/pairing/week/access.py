"""Who reads which calendar: the secret in its address is the only proof there is."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.accounts.secret import digest
from critique.pairing.week.models import CalendarAddress
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def owner_of_calendar(secret: str) -> Person:
    """Whose calendar it is. Raises NotFound for one revoked, and for who is in no team any more."""
    found = db.session.scalar(
        sa.select(Person)
        .join(CalendarAddress, CalendarAddress.person_id == Person.id)
        .where(CalendarAddress.digest == digest(secret), CalendarAddress.revoked_at.is_(None))
    )
    if found is None or not team_ids_of(found):
        raise NotFound
    return found


def calendar_address_of(person: Person) -> CalendarAddress | None:
    """The person's address in force."""
    return db.session.scalar(
        sa.select(CalendarAddress).where(
            CalendarAddress.person_id == person.id, CalendarAddress.revoked_at.is_(None)
        )
    )
