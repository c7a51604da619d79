"""Notices are their person's alone, and only while the request may be seen."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.activity.models import Notice
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.reviews.access import is_visible


def visible_notices(person: Person) -> sa.Select[Notice]:
    """Select the notices of a person about requests they may see now."""
    seen = is_visible(person, Notice.review_id)
    return sa.select(Notice).where(Notice.person_id == person.id, seen)


def notice_for(person: Person, notice_id: int) -> Notice:
    """One of the person's notices. Raises NotFound for anybody else's."""
    found = db.session.scalar(visible_notices(person).where(Notice.id == notice_id))
    if found is None:
        raise NotFound
    return found
