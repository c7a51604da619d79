"""What of a queue is read to be weighed: everything, as long as a team could do it in time.

A team whose open requests could be answered before its promise ends (`ordering`) has all of them
read, since any of them may come first. Behind that no order keeps the promise, and least slack
first is nearly soonest deadline first: then only so many are read of each section that
100,000 open requests cost what a few hundred do. Those with the soonest deadlines *after the first
minute that is staffed at all* can come first, as what is due before is lost to everybody; of those
lost the oldest are read, and some without a deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from critique.plumbing.db import db
from critique.reviews.models import Review

# Read of each section of a crowded queue at least; a page is 50. Later pages read more at a time.
WINDOW = 100
# No more than that is read whole, however large a team is.
MOST_WHOLE = 1500

Sections = Sequence[tuple[str, sa.ColumnElement[bool]]]


@dataclass(frozen=True)
class Candidate:
    """An open request of a section; `due` and `asked` in UTC."""

    id: int
    section: str
    team_id: int
    author_id: int
    stage: str
    due: datetime | None
    asked: datetime


def soonest(sections: Sections, staffed_from: datetime, size: int | None) -> list[Candidate]:
    """The first `size` of each section that are due after `staffed_from`, and half as many others.

    Everything with `size` None.
    """
    half = size and size // 2
    parts = (
        (Review.review_by > staffed_from, size),
        (Review.review_by <= staffed_from, half),
        (Review.review_by.is_(None), half),
    )
    # One question for all nine: most of the time of nine would go into asking them.
    chosen = [
        sa.select(_part(name, sa.and_(where, part), most).subquery())
        for name, where in sections for part, most in parts
    ]  # fmt: skip
    return [Candidate(*row) for row in db.session.execute(sa.union_all(*chosen))]


def crowded(sections: Sections, capacity: Mapping[int, int]) -> frozenset[int]:
    """Which teams have more open in these sections than that, or than is ever read whole."""
    return frozenset(
        team
        for team, most in capacity.items()
        if _exceeds(
            min(most, MOST_WHOLE), [sa.and_(where, Review.team_id == team) for _, where in sections]
        )
    )


def window_size(wanted: int) -> int:
    """How many are read of each section for the first `wanted` of the queue."""
    return WINDOW * -(-2 * wanted // WINDOW)


def _part(
    section: str, where: sa.ColumnElement[bool], most: int | None
) -> sa.Select[*tuple[Any, ...]]:
    chosen = sa.select(
        Review.id, sa.literal(section).label("section"), Review.team_id, Review.author_id,
        Review.stage, Review.review_by, Review.created_at,
    )  # fmt: skip
    return chosen.where(where).order_by(Review.review_by, Review.id).limit(most)


def _exceeds(most: int, parts: Sequence[sa.ColumnElement[bool]]) -> bool:
    """Whether there are more than so many in these parts together; it counts hardly further."""
    found = 0
    for where in parts:
        some = sa.select(Review.id).where(where).limit(most + 1 - found).subquery()
        found += db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
        if found > most:
            return True
    return False
