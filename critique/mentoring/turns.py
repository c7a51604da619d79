"""Whose move it is, read: in some requests, or everywhere for one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.comments.models import Comment
from critique.mentoring.models import Turn
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Walkthrough

MOST = 200


def in_force(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a turn stands at `now` (UTC): nothing has ended it, and no clock has."""
    return Turn.ended_at.is_(None) & (Turn.until.is_(None) | (Turn.until > now))


def turns_on(review_ids: Iterable[int], now: datetime | None = None) -> dict[int, list[Turn]]:
    """The turns in force in some requests, the longest waiting first, with who and by whom.

    One query for any number. Every id is a key; a request with no turn is everybody's who mentors.
    """
    wanted = list(review_ids)
    found: dict[int, list[Turn]] = {review_id: [] for review_id in wanted}
    if not wanted:
        return found
    chosen = sa.select(Turn).where(Turn.review_id.in_(wanted), in_force(now or clock.now()))
    for turn in db.session.scalars(_with_people(chosen).order_by(Turn.since, Turn.id)):
        found[turn.review_id].append(turn)
    return found


def turns_of(person: Person, now: datetime | None = None) -> Sequence[Turn]:
    """The turns in force of one person in open requests they see, the longest waiting first.

    At most 200: whoever has more of them works from the beginning.
    """
    chosen = (
        sa.select(Turn)
        .join(Review, Review.id == Turn.review_id)
        .where(
            Turn.person_id == person.id,
            in_force(now or clock.now()),
            is_open,
            Review.id.in_(visible_reviews(person).with_only_columns(Review.id)),
        )
    )
    ordered = _with_people(chosen).order_by(Turn.since, Turn.id).limit(MOST)
    return db.session.scalars(ordered).all()


def versions_of_threads(turns: Iterable[Turn]) -> dict[int, int | None]:
    """The version that each thread the turns are about was begun on, by comment id; one query."""
    wanted = {turn.comment_id for turn in turns if turn.comment_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(Comment.id, Walkthrough.version)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Comment.id.in_(wanted))
    )
    return {row.id: row.version for row in rows}


def _with_people(chosen: sa.Select[Turn]) -> sa.Select[Turn]:
    plain = lazyload(Person.skills)
    return chosen.options(
        joinedload(Turn.person).options(plain), joinedload(Turn.by).options(plain)
    )
