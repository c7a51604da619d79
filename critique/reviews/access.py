"""Who may see and change review requests."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.access import LEADING_ROLES, role_in
from critique.accounts.models import Membership, Person
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, NotFound
from critique.reviews.models import Review

# Ids beyond what a database integer holds cannot exist, and would be an error to ask for.
_LARGEST_ID = 2**31 - 1


def visible_reviews(person: Person) -> sa.Select[Review]:
    """Select the requests of the teams a person belongs to now, open and closed."""
    return sa.select(Review).where(Review.team_id.in_(_teams_of(person)))


def is_visible(person: Person, review_id: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Whether a person may see the request of that id.

    It is asked of each row, so that a few rows of a large team do not read all of its requests.
    """
    # By another name, since the question may be about requests itself.
    seen = aliased(Review)
    return sa.exists().where(seen.id == review_id, seen.team_id.in_(_teams_of(person)))


def _teams_of(person: Person) -> sa.Select[int]:
    return sa.select(Membership.team_id).where(
        Membership.person_id == person.id, Membership.ended_at.is_(None)
    )


def review_for(person: Person, review_id: int, *, lock: bool = False) -> Review:
    """One request. Raises NotFound for strangers and for what does not exist.

    With `lock` its row stays locked until the transaction ends, so that of two people changing
    it at once the second sees what the first one did.
    """
    if not 0 < review_id <= _LARGEST_ID:
        raise NotFound
    chosen = visible_reviews(person).where(Review.id == review_id)
    if lock:
        chosen = chosen.with_for_update(of=Review).execution_options(populate_existing=True)
    found = db.session.scalar(chosen)
    if found is None:
        raise NotFound
    return found


def may_edit(person: Person, review: Review) -> bool:
    """Whether a person may edit, extend, close and reopen: its author, a lead or an admin."""
    role = role_in(person, review.team_id)
    return role is not None and (review.author_id == person.id or role in LEADING_ROLES)


def must_edit(person: Person, review: Review) -> None:
    """Raise Forbidden unless the person may edit the request."""
    if not may_edit(person, review):
        raise Forbidden(
            f"Only {review.author.name}, a lead or an admin can change this request. "
            "Ask one of them, or write a comment."
        )


def must_be_open(review: Review) -> None:
    """Raise Conflict when the request is closed."""
    closure = review.closure
    if closure is not None:
        raise Conflict(
            f"{closure.by.name} closed this request. Nothing was added; "
            "what you wrote is kept. Reopen it first, or ask its author to.",
            code="closed",
        )
