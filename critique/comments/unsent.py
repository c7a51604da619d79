"""Drafts as their writers find them; for everybody else they do not exist, lead and admin too."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.accounts.models import Person
from critique.comments.models import Draft
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

# Ids beyond what a database integer holds cannot exist, and would be an error to ask for.
_LARGEST_ID = 2**31 - 1


def draft_for(person: Person, draft_id: int) -> Draft:
    """One's own draft, while one may see its request. Raises NotFound for all others."""
    found = db.session.scalar(
        _own(person)
        .where(Draft.id == min(draft_id, _LARGEST_ID))
        .where(Walkthrough.review_id.in_(visible_reviews(person).with_only_columns(Review.id)))
    )
    if found is None:
        raise NotFound
    return found


def drafts_of(person: Person, review_id: int) -> list[Draft]:
    """What a person has not sent yet in a request that they may see, in the order of writing."""
    chosen = _own(person).where(Walkthrough.review_id == review_id).order_by(Draft.id)
    return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


def drafts_on(person: Person, walkthrough_id: int) -> list[Draft]:
    """What a person has not sent yet on one version that they may see, by time."""
    chosen = _own(person).where(Draft.walkthrough_id == walkthrough_id)
    return list(db.session.scalars(chosen.order_by(Draft.start_ms, Draft.id)))


def draft_kept_once(author_id: int, once: str) -> Draft | None:
    """What the author keeps already under this token of a page."""
    return db.session.scalar(
        sa.select(Draft).where(Draft.author_id == author_id, Draft.once == once)
    )


def _own(person: Person) -> sa.Select[Draft]:
    return (
        sa.select(Draft)
        .join(Draft.walkthrough)
        .where(Draft.author_id == person.id)
        .options(joinedload(Draft.walkthrough).joinedload(Walkthrough.review))
        .options(joinedload(Draft.aim))
    )
