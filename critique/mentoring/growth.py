"""What feedback did for one person: loops of the week, what it keeps coming back to, what is done.

Private: whoever calls this has asked `sharing.loops_for` first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.comments.models import Comment, Resolution
from critique.mentoring.figures import loops_of
from critique.mentoring.loops import Loop, Spread, spread
from critique.mentoring.themes import Theme, themes_of
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=28)
MOST_COMMENTS = 2000
MOST_DONE = 12


@dataclass(frozen=True)
class Said:
    """A comment somebody else wrote on the person's work."""

    comment_id: int
    review_id: int
    version: int | None
    title: str
    body: str
    kind: str
    by: str


@dataclass(frozen=True)
class Done:
    """A comment that was settled, and how (`models.HOWS`); `confirmed` says whether with a yes."""

    said: Said
    how: str
    at: datetime
    confirmed: bool


@dataclass(frozen=True)
class Growth:
    """The page of one person. `usual` is loops a week over the four weeks before this one."""

    loops: tuple[Loop, ...]
    titles: dict[int, str]
    usual: float
    waited: Spread
    themes: tuple[tuple[Theme, tuple[Said, ...]], ...]
    kinds: dict[str, int]
    done: tuple[Done, ...]


def growth_of(person: Person, now: datetime) -> Growth:
    """Of the last seven days and the four weeks before them, over all of the person's teams."""
    week, before = now - WEEK, now - WEEK - LOOKED_BACK
    mine = [
        loop
        for team_id in team_ids_of(person)
        for loop in loops_of(team_id, before, now)
        if loop.author_id == person.id
    ]
    fresh = tuple(loop for loop in mine if loop.answered is not None and loop.answered >= week)
    earlier = [loop for loop in mine if loop.answered is not None and loop.answered < week]
    said = _said_to(person, before)
    others = _said_to_others(person, before)
    themes = themes_of([one.body for one in said], others)
    return Growth(
        loops=fresh,
        titles=_titles({loop.review_id for loop in fresh}),
        usual=len(earlier) * WEEK / LOOKED_BACK,
        waited=spread(loop.answer_minutes for loop in fresh),
        themes=tuple((theme, tuple(said[at] for at in theme.where[:3])) for theme in themes),
        kinds=_counted(said),
        done=_done(person, before),
    )


def _titles(review_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(Review.id, Review.title).where(Review.id.in_(sorted(review_ids)))
    )
    return {row.id: row.title for row in rows}


def _counted(said: list[Said]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for one in said:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    return dict(sorted(kinds.items(), key=lambda entry: -entry[1]))


def _comments() -> sa.Select[int, int, int | None, str, str, str, str]:
    by = aliased(Person)
    return (
        sa.select(
            Comment.id, Review.id, Walkthrough.version, Review.title, Comment.body, Comment.kind,
            by.name,
        )
        .join(Walkthrough, Comment.walkthrough_id == Walkthrough.id)
        .join(Review, Walkthrough.review_id == Review.id)
        .join(by, by.id == Comment.author_id)
        .where(
            Comment.removed_at.is_(None),
            Comment.author_id != Review.author_id,
            Walkthrough.version.is_not(None),
        )
    )  # fmt: skip


def _said_to(person: Person, since: datetime) -> list[Said]:
    chosen = (
        _comments()
        .where(
            Review.author_id == person.id,
            Review.team_id.in_(team_ids_of(person)),
            Comment.created_at >= since,
        )
        .order_by(Comment.id.desc())
        .limit(MOST_COMMENTS)
    )
    return [Said(*row) for row in db.session.execute(chosen)]


def _said_to_others(person: Person, since: datetime) -> list[str]:
    """Comments on other people's work in the same teams, as what everybody hears."""
    rows = db.session.scalars(
        _comments()
        .with_only_columns(Comment.body)
        .where(
            Review.author_id != person.id,
            Review.team_id.in_(team_ids_of(person)),
            Comment.created_at >= since,
        )
        .order_by(Comment.id.desc())
        .limit(MOST_COMMENTS)
    )
    return list(rows)


def _done(person: Person, since: datetime) -> tuple[Done, ...]:
    chosen = (
        _comments()
        .add_columns(Resolution.how, Resolution.at, Resolution.confirmed_at)
        .join(Resolution, Resolution.comment_id == Comment.id)
        .where(
            Review.author_id == person.id,
            Review.team_id.in_(team_ids_of(person)),
            Resolution.reopened_at.is_(None),
            Resolution.how.in_(("done", "wont_do")),
            Resolution.at >= since,
        )
        .order_by(Resolution.id.desc())
        .limit(MOST_DONE)
    )
    return tuple(
        Done(Said(*row[:7]), row[7], row[8], row[9] is not None)
        for row in db.session.execute(chosen)
    )
