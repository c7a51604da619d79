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
from critique.plumbing.markup import without_marks
from critique.plumbing.wording import listed, named
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

# Nods that say that a comment helped; the others say something else.
HELPED = ("thanks", "insight")
MOST = 3
LOOKED_AT = 30


@dataclass(frozen=True)
class Praised:
    """A comment, whom it helped, and in `why` what one of them said in its thread ("" for nothing).

    `words` and `why` are without the marks of Markdown. `version` is the version it was made on;
    `helped` are names, with "you" for the reader, and `why_by` is one of them.
    """

    comment: Comment
    review: Review
    version: int | None
    words: str
    helped: Sequence[str]
    why: str
    why_by: str

    @property
    def helped_line(self) -> str:
        """Whom it helped: "you", "Ana and Ben", "Ana, Ben and Cy"."""
        return listed([named(name) for name in self.helped])


def praised_comments(
    person: Person, since: datetime, *, most: int = MOST, without: Sequence[int] = ()
) -> list[Praised]:
    """What helped most since that moment (UTC) in requests the person may see.

    Those that helped the most people come first, then the newest, and each writer is named once.
    Requests whose ids are in `without` are left out.
    """
    helped = sa.func.count(sa.distinct(Reaction.person_id))
    rows = db.session.execute(
        sa.select(Comment.id, Comment.author_id)
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
        .group_by(Comment.id, Comment.author_id)
        .order_by(helped.desc(), sa.func.max(Reaction.at).desc(), Comment.id.desc())
        .limit(LOOKED_AT)
    )
    first: dict[int, int] = {}
    for comment_id, author_id in rows:
        first.setdefault(author_id, comment_id)
    return [_praised(comment_id, since, person) for comment_id in list(first.values())[:most]]


def _praised(comment_id: int, since: datetime, reader: Person) -> Praised:
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
    names = {row.id: "you" if row.id == reader.id else row.name for row in nods}
    why, why_by = _line_of_why(comment_id, list(names))
    review = db.session.get_one(Review, walkthrough.review_id)
    version, by = walkthrough.version, names.get(why_by, "")
    words = without_marks(comment.body)
    return Praised(comment, review, version, words, list(names.values()), without_marks(why), by)


def _line_of_why(comment_id: int, person_ids: Sequence[int]) -> tuple[str, int]:
    """The newest words of somebody it helped: a reply, or the note of what they did; and whose."""
    replied = sa.select(
        Reply.created_at.label("at"), Reply.body.label("words"), Reply.author_id.label("by")
    ).where(
        Reply.comment_id == comment_id,
        Reply.author_id.in_(person_ids),
        Reply.removed_at.is_(None),
        Reply.body != "",
    )
    did = sa.select(
        Resolution.at.label("at"), Resolution.note.label("words"), Resolution.by_id.label("by")
    ).where(
        Resolution.comment_id == comment_id,
        Resolution.by_id.in_(person_ids),
        Resolution.reopened_at.is_(None),
        Resolution.note != "",
    )
    both = sa.union_all(replied, did).subquery()
    newest = db.session.execute(
        sa.select(both.c.words, both.c.by).order_by(both.c.at.desc()).limit(1)
    ).first()
    return (newest.words, newest.by) if newest is not None else ("", 0)
