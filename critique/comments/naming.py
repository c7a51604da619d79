"""Who is named in what was written: decided when it is written, against who may see it then."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.access import active_people
from critique.accounts.models import Person
from critique.comments.mentions import Found, Nameable, Names, named_in
from critique.comments.models import Comment, Mention, Reaction, Reply
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough


def nameable_in(review: Review) -> list[Nameable]:
    """Everybody who may see a request now, by name, in one query."""
    chosen = active_people(review.team_id).with_only_columns(Person.id, Person.name, Person.email)
    return [Nameable(*row) for row in db.session.execute(chosen)]


def found_in(review: Review, body: str) -> Found:
    """Who a text would name among the people who may see the request."""
    return named_in(body, Names(nameable_in(review))) if "@" in body else Found()


def unclear_names(found: Found) -> str:
    """The sentence for spellings that fit several people; empty where there are none."""
    if not found.unclear:
        return ""
    listed = " and ".join(f"@{spelling}" for spelling in found.unclear[:5])
    return (
        f"{listed} could be several people, so nobody is named by it. "
        "Write their address behind the @, or choose them from the list."
    )


def note_mentions(item: Comment | Reply) -> None:
    """Keep who a comment or a reply names as it is now: new ones are added, the rest forgotten."""
    comment = item if isinstance(item, Comment) else item.comment
    wanted = [] if item.removed_at else found_in(comment.walkthrough.review, item.body).ids
    db.session.flush()
    standing = {row.person_id: row for row in db.session.scalars(_mentions_of(item))}
    for person_id, row in standing.items():
        if person_id not in wanted:
            db.session.delete(row)
    reply_id = item.id if isinstance(item, Reply) else None
    db.session.add_all(
        Mention(comment_id=comment.id, reply_id=reply_id, person_id=person_id, at=clock.now())
        for person_id in wanted
        if person_id not in standing
    )
    db.session.flush()
    db.session.expire(comment, ["mentions"])


def see_mentions(*, by: Person, comment: Comment) -> int:
    """Note that somebody looked at a thread they are named in; gives how many times they were.

    A second time changes nothing. Nobody else learns of it.
    """
    chosen = sa.select(Mention).where(
        Mention.comment_id == comment.id, Mention.person_id == by.id, Mention.seen_at.is_(None)
    )
    rows = db.session.scalars(chosen.with_for_update()).all()
    for row in rows:
        row.seen_at = clock.now()
    if rows:
        db.session.flush()
        record_event(
            "mention.seen",
            by_id=by.id,
            subject="mention",
            subject_id=rows[0].id,
            team_id=comment.walkthrough.review.team_id,
            review_id=comment.walkthrough.review_id,
            details={"comment_id": comment.id, "count": len(rows)},
        )
    return len(rows)


class Call(NamedTuple):
    """Somebody was named in a thread and has neither looked nor answered since; UTC."""

    person_id: int
    by_id: int
    comment_id: int
    at: datetime


def open_calls(review_id: int) -> list[Call]:
    """Who was named in a request and has neither looked nor answered since, oldest first."""
    said_by = sa.func.coalesce(Reply.author_id, Comment.author_id)
    stands = sa.case(
        (Mention.reply_id.is_(None), Comment.removed_at.is_(None)), else_=Reply.removed_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Mention.person_id, said_by, Mention.comment_id, Mention.at)
        .join(Comment, Comment.id == Mention.comment_id)
        .outerjoin(Reply, Reply.id == Mention.reply_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(
            Walkthrough.review_id == review_id,
            Mention.seen_at.is_(None),
            said_by != Mention.person_id,
            stands,
            ~_answered_since(),
        )
        .order_by(Mention.at, Mention.id)
    )
    return [Call(*row) for row in rows]


def _answered_since() -> sa.ColumnElement[bool]:
    """Whether who is named replied in the thread, or nodded to anything in it, after that."""
    answer = aliased(Reply)
    replied = sa.exists().where(
        answer.comment_id == Mention.comment_id,
        answer.author_id == Mention.person_id,
        answer.created_at >= Mention.at,
    )
    nodded = sa.exists().where(
        Reaction.comment_id == Mention.comment_id,
        Reaction.person_id == Mention.person_id,
        Reaction.at >= Mention.at,
    )
    return replied.correlate(Mention) | nodded.correlate(Mention)


def _mentions_of(item: Comment | Reply) -> sa.Select[Mention]:
    if isinstance(item, Reply):
        return sa.select(Mention).where(Mention.reply_id == item.id)
    return sa.select(Mention).where(Mention.comment_id == item.id, Mention.reply_id.is_(None))
