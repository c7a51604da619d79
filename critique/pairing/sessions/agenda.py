"""What a session is about: the thread it was booked from, then the other open ones."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import Comment, Resolution
from critique.pairing.models import Meeting
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough

MOST_ITEMS = 30


@dataclass(frozen=True)
class Item:
    """One open thread; `start_ms` of version `version`."""

    comment_id: int
    version: int | None
    start_ms: int
    body: str
    quote: str
    by: str
    chosen: bool


def agenda_of(meeting: Meeting) -> list[Item]:
    """The open threads of the session's request, the chosen one first, newest version first."""
    if meeting.review_id is None:
        return []
    settled = sa.exists().where(
        Resolution.comment_id == Comment.id, Resolution.reopened_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(
            Comment.id, Walkthrough.version, Comment.start_ms, Comment.body, Comment.quote,
            Person.name,
        )
        .join(Walkthrough, Comment.walkthrough_id == Walkthrough.id)
        .join(Person, Person.id == Comment.author_id)
        .where(
            Walkthrough.review_id == meeting.review_id,
            Walkthrough.version.is_not(None),
            Comment.removed_at.is_(None),
            Comment.kind != "praise",
            sa.or_(~settled, Comment.id == meeting.comment_id),
        )
        .order_by(
            sa.case((Comment.id == meeting.comment_id, 0), else_=1),
            Walkthrough.version.desc(), Comment.start_ms, Comment.id,
        )
        .limit(MOST_ITEMS)
    )  # fmt: skip
    return [Item(*row, chosen=row[0] == meeting.comment_id) for row in rows]
