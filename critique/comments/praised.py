"""Comments that helped: others thanked for them or learned from them, and said why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.accounts.models import Person
from critique.comments.models import Comment, Reaction, Reply, Resolution
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

# Nods that say that a comment helped; the others say something else.
HELPED = ("thanks", "insight")
MOST = 3


@dataclass(frozen=True)
class Praised:
    """A comment, whom it helped, and in `why` what one of them said in its thread ("" for nothing).

    `version` is the version it was made on.
    """

    comment: Comment
    review: Review
    version: int | None
    helped: Sequence[str]
    why: str
    why_by: str


def praised_comments(
    person: Person, since: datetime, *, most: int = MOST, without: Sequence[int] = ()
) -> list[Praised]:
    """What helped most since that moment (UTC) in requests the person may see.

    Those that helped the most people come first, then the newest. Requests whose ids are in
    `without` are left out.
    """
    helped = sa.func.count(sa.distinct(Reaction.person_id)).label("helped")
    rows = db.session.execute(
        sa.select(Comment.id, helped)
        .join(Reaction, Reaction.comment_id == Comment.id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(
            Reaction.reply_id.is_(None),
            Reaction.kind.in_(HELPED),
            Reaction.at > since,
            Reaction.person_id != Comment.author_id,
            Comment.removed_at.is_(None),
            Walkthrough.review_id.in_(visible_reviews(person).with_only_columns(Review.id)),
            Walkthrough.review_id.not_in(without),
        )
        .group_by(Comment.id)
        .order_by(helped.desc(), sa.func.max(Reaction.at).desc(), Comment.id.desc())
        .limit(most)
    )
    return [_praised(comment_id, since) for comment_id, _ in rows]


def _praised(comment_id: int, since: datetime) -> Praised:
    comment = db.session.get_one(Comment, comment_id, options=[joinedload(Comment.author)])
    walkthrough = comment.walkthrough
    nods = db.session.execute(
        sa.select(Person.id, Person.name)
        .join(Reaction, Reaction.person_id == Person.id)
        .where(
            Reaction.comment_id == comment_id,
            Reaction.reply_id.is_(None),
            Reaction.kind.in_(HELPED),
            Reaction.at > since,
            Person.id != comment.author_id,
        )
        .group_by(Person.id, Person.name)
        .order_by(sa.func.min(Reaction.at), Person.id)
    ).all()
    why, why_by = _line_of_why(comment_id, [row.id for row in nods])
    review = db.session.get_one(Review, walkthrough.review_id)
    names = [row.name for row in nods]
    return Praised(comment, review, walkthrough.version, names, why, why_by)


def _line_of_why(comment_id: int, person_ids: Sequence[int]) -> tuple[str, str]:
    """The newest words of somebody it helped: a reply, or the note of what they did about it."""
    replied = (
        sa.select(Reply.created_at.label("at"), Reply.body.label("words"), Person.name)
        .join(Person, Person.id == Reply.author_id)
        .where(
            Reply.comment_id == comment_id,
            Reply.author_id.in_(person_ids),
            Reply.removed_at.is_(None),
            Reply.body != "",
        )
    )
    did = (
        sa.select(Resolution.at.label("at"), Resolution.note.label("words"), Person.name)
        .join(Person, Person.id == Resolution.by_id)
        .where(
            Resolution.comment_id == comment_id,
            Resolution.by_id.in_(person_ids),
            Resolution.reopened_at.is_(None),
            Resolution.note != "",
        )
    )
    both = sa.union_all(replied, did).subquery()
    newest = db.session.execute(
        sa.select(both.c.words, both.c.name).order_by(both.c.at.desc()).limit(1)
    ).first()
    return (newest.words, newest.name) if newest is not None else ("", "")
