"""What was said in a request and what became of it, as the rules of turns need to know it. UTC."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.comments.models import Comment, Reply, Resolution, Verdict
from critique.mentoring.moves import Given, Note
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough

# A question mark that ends a word, not one inside an address.
_QUESTION = re.compile(r"[?？؟](?=[\s\"'”’»)\]*_!.]|$)")

_Taken: type[Resolution] = aliased(Resolution)


@dataclass
class _Words:
    """The newest words in a thread: of who began it, of the author, and their newest question."""

    writer: datetime | None = None
    author: datetime | None = None
    question: datetime | None = None


def asks(text: str) -> bool:
    """Whether somebody asks something in a text."""
    return _QUESTION.search(text) is not None


def verdicts_in(review_id: int) -> dict[int, Given]:
    """The newest verdict of each person."""
    rows = db.session.execute(
        sa.select(Verdict.by_id, Verdict.verdict, Verdict.at)
        .where(Verdict.review_id == review_id)
        .order_by(Verdict.id)
    )
    return {row.by_id: Given(row.verdict, row.at) for row in rows}


def commented_in(review_id: int) -> dict[int, datetime]:
    """When each person wrote their newest comment that stands and is no praise."""
    rows = db.session.execute(
        sa.select(Comment.author_id, sa.func.max(Comment.created_at))
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Walkthrough.review_id == review_id, *_stands())
        .group_by(Comment.author_id)
    )
    return {person: at for person, at in rows}  # noqa: C416 - rows are not tuples


def confirmed_in(review_id: int) -> dict[int, datetime]:
    """When each person last said yes to an answer."""
    rows = db.session.execute(
        sa.select(Resolution.confirmed_by_id, sa.func.max(Resolution.confirmed_at))
        .join(Comment, Comment.id == Resolution.comment_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Walkthrough.review_id == review_id, Resolution.confirmed_at.is_not(None))
        .group_by(Resolution.confirmed_by_id)
    )
    return {person: at for person, at in rows if person is not None and at is not None}


def newest_of(*known: Mapping[int, datetime]) -> dict[int, datetime]:
    """The newest moment of each person in any of these."""
    newest: dict[int, datetime] = {}
    for moments in known:
        for person, at in moments.items():
            newest[person] = max(at, newest.get(person, at))
    return newest


def _stands() -> tuple[sa.ColumnElement[bool], ...]:
    return Comment.removed_at.is_(None), Comment.kind != "praise"


def notes_in(review_id: int, author_id: int) -> list[Note]:
    """The comments that want an answer, with the words about them."""
    taken_up = (
        sa.select(sa.func.max(_Taken.reopened_at))
        .where(_Taken.comment_id == Comment.id)
        .correlate(Comment)
        .scalar_subquery()
    )
    in_force = (Resolution.comment_id == Comment.id) & Resolution.reopened_at.is_(None)
    rows = db.session.execute(
        sa.select(
            Comment.id, Comment.author_id, Comment.created_at, taken_up.label("taken_up"),
            Resolution.how, Resolution.at, Resolution.by_id, Resolution.confirmed_at,
        )
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .outerjoin(Resolution, in_force)
        .where(Walkthrough.review_id == review_id, *_stands())
        .order_by(Comment.id)
    ).all()  # fmt: skip
    if not rows:
        return []
    words = _words_in({row.id: row.author_id for row in rows}, review_id, author_id)
    return [
        Note(
            id=row.id,
            by_id=row.author_id,
            back_at=max(row.created_at, row.taken_up or row.created_at),
            how=row.how,
            answered_at=row.at,
            answered_by_id=row.by_id,
            confirmed=row.confirmed_at is not None,
            writer_at=words[row.id].writer,
            author_at=words[row.id].author,
            question_at=words[row.id].question,
        )
        for row in rows
    ]


def _words_in(writers: dict[int, int], review_id: int, author_id: int) -> dict[int, _Words]:
    """The newest replies in each thread; `writers` are who began it, by comment id."""
    found: dict[int, _Words] = defaultdict(_Words)
    said = (
        sa.select(Reply.comment_id, Reply.author_id, sa.func.max(Reply.created_at))
        .join(Comment, Comment.id == Reply.comment_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Walkthrough.review_id == review_id, Reply.removed_at.is_(None))
    )
    for comment_id, person, at in db.session.execute(
        said.group_by(Reply.comment_id, Reply.author_id)
    ):
        if person == author_id:
            found[comment_id].author = at
        if person == writers.get(comment_id):
            found[comment_id].writer = at
    marks = sa.or_(*(Reply.body.contains(mark) for mark in "?？؟"))
    questions = (
        sa.select(Reply.comment_id, Reply.created_at, Reply.body)
        .join(Comment, Comment.id == Reply.comment_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(
            Walkthrough.review_id == review_id,
            Reply.removed_at.is_(None),
            Reply.author_id == author_id,
            marks,
        )
        .order_by(Reply.id)
    )
    for comment_id, at, body in db.session.execute(questions):
        if asks(body):
            found[comment_id].question = at
    return found
