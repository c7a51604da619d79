"""What was done about each comment of a request: plain rows, read in four queries at any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.models import Person
from critique.comments.ledger_lines import STATES, Answer, Ledger, Lies, Line, Tally
from critique.comments.models import Comment, Placement, Reply, Resolution, Verdict
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.models import Aim, Review
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Still, Walkthrough

WAITING_FOR_YES = ("done", "wont_do")
_BEHIND_ALL = 2**31
# What of a row is the line itself; behind it stands the placement.
_OWN = sum(not one.kw_only for one in fields(Line))

_Author, _By, _Confirmer, _Ender = (aliased(Person) for _ in range(4))
_Said, _Seen = aliased(Walkthrough), aliased(Walkthrough)
_Drawn, _Found = aliased(Still), aliased(Still)
_Rows: TypeAlias = "sa.Select[*tuple[Any, ...]]"


@dataclass(frozen=True)
class Sent:
    """A review that was sent: `verdict` as in `models.VERDICTS`, of version `version`."""

    id: int
    by: str
    verdict: str
    body: str
    version: int
    at: datetime


@dataclass(frozen=True)
class Awaited:
    """What waits for somebody in a request: answers for their yes, questions for their words."""

    review_id: int
    to_confirm: int
    to_answer: int


def ledger_of(review_id: int, looked_at: Walkthrough | None) -> Ledger:
    """Every comment of a request's versions, with its place in the version `looked_at`.

    Left out are removed comments that nobody answered.
    """
    version_id = looked_at.id if looked_at else 0
    answers = _answers_of(review_id)
    replies = _replies_of(review_id)
    lines = [
        line
        for row in db.session.execute(_comments(review_id, version_id))
        if _belongs(line := _line(row, version_id, answers.get(row.id, []), replies))
    ]
    order = {state: place for place, state in enumerate(STATES)}
    lines.sort(key=lambda line: (order[line.state], *_place(line)))
    return Ledger(lines, Tally(Counter(line.state for line in lines)))


def verdicts_of(review_id: int) -> list[Sent]:
    """The reviews that were sent for a request, oldest first."""
    chosen: _Rows = (
        sa.select(
            Verdict.id, _By.name, Verdict.verdict, Verdict.body, _Said.version, Verdict.at
        )
        .join(_By, _By.id == Verdict.by_id)
        .join(_Said, _Said.id == Verdict.walkthrough_id)
        .where(Verdict.review_id == review_id)
        .order_by(Verdict.id)
    )  # fmt: skip
    return [Sent(*row) for row in db.session.execute(chosen)]


def awaited_from(person: Person) -> list[Awaited]:
    """The open requests in which answers or questions wait for who wrote the comments."""
    yes = sa.func.sum(sa.case((Resolution.how.in_(WAITING_FOR_YES), 1), else_=0))
    rows = db.session.execute(
        sa.select(Walkthrough.review_id, yes, sa.func.count())
        .join(Comment, Comment.walkthrough_id == Walkthrough.id)
        .join(Resolution, Resolution.comment_id == Comment.id)
        .join(Review, Review.id == Walkthrough.review_id)
        .where(
            Review.id.in_(visible_reviews(person).with_only_columns(Review.id)),
            is_open,
            Comment.author_id == person.id,
            Comment.removed_at.is_(None),
            Comment.kind != "praise",
            Resolution.reopened_at.is_(None),
            Resolution.confirmed_at.is_(None),
        )
        .group_by(Walkthrough.review_id)
        .order_by(Walkthrough.review_id)
    )
    return [Awaited(review_id, int(yes), int(all_) - int(yes)) for review_id, yes, all_ in rows]


def _belongs(line: Line) -> bool:
    return line.removed_at is None or line.replies > 0 or line.answer is not None


def _place(line: Line) -> tuple[int, int, int, int]:
    start = line.lies.start_ms
    picture = line.lies.picture or 0
    return (picture, _BEHIND_ALL if start is None else start, line.version, line.id)


def _line(
    row: sa.Row[Any], version_id: int, answers: Sequence[Answer], replies: Mapping[int, int]
) -> Line:
    lies = Lies(row.state or "unknown", row.found_ms, row.found_end_ms, row.found_picture)
    if row.walkthrough_id == version_id:
        lies = Lies("own", row.start_ms, row.end_ms, row.picture)
    in_force = next((answer for answer in reversed(answers) if answer.ended_at is None), None)
    sent_back = [answer for answer in answers if answer.ended_by_id not in (None, answer.by_id)]
    before = sent_back[-1] if sent_back and in_force is None else None
    columns: tuple[Any, ...] = tuple(row[:_OWN])
    return Line(*columns, lies=lies, replies=replies.get(row.id, 0), answer=in_force, before=before)


def _comments(review_id: int, version_id: int) -> _Rows:
    return (
        sa.select(
            Comment.id, Comment.author_id, _Author.name, Comment.kind, Comment.weight,
            Comment.body, Comment.revision, _Said.version,
            _Said.removed_at.is_not(None).label("version_gone"), Comment.walkthrough_id,
            Comment.start_ms, Comment.end_ms, _Drawn.position.label("picture"), Comment.quote,
            Comment.aim_id, Aim.text, Comment.created_at, Comment.removed_at,
            Placement.state.label("state"), Placement.start_ms.label("found_ms"),
            Placement.end_ms.label("found_end_ms"), _Found.position.label("found_picture"),
        )
        .join(_Said, _Said.id == Comment.walkthrough_id)
        .join(_Author, _Author.id == Comment.author_id)
        .outerjoin(Aim, Aim.id == Comment.aim_id)
        .outerjoin(_Drawn, _Drawn.id == Comment.still_id)
        .outerjoin(
            Placement,
            (Placement.comment_id == Comment.id) & (Placement.walkthrough_id == version_id),
        )
        .outerjoin(_Found, _Found.id == Placement.still_id)
        .where(_Said.review_id == review_id, _Said.version.is_not(None))
    )  # fmt: skip


def _answers_of(review_id: int) -> dict[int, list[Answer]]:
    chosen: _Rows = (
        sa.select(
            Resolution.id, Resolution.comment_id, Resolution.how, Resolution.note,
            Resolution.by_id, _By.name, Resolution.at, Resolution.version_id, _Seen.version,
            Resolution.at_ms, _Confirmer.name, Resolution.confirmed_at,
            Resolution.reopened_by_id, _Ender.name, Resolution.reopened_at,
        )
        .join(Comment, Comment.id == Resolution.comment_id)
        .join(_Said, _Said.id == Comment.walkthrough_id)
        .join(_By, _By.id == Resolution.by_id)
        .outerjoin(_Seen, _Seen.id == Resolution.version_id)
        .outerjoin(_Confirmer, _Confirmer.id == Resolution.confirmed_by_id)
        .outerjoin(_Ender, _Ender.id == Resolution.reopened_by_id)
        .where(_Said.review_id == review_id)
        .order_by(Resolution.id)
    )  # fmt: skip
    found: dict[int, list[Answer]] = {}
    for row in db.session.execute(chosen):
        found.setdefault(row.comment_id, []).append(Answer(*row))
    return found


def _replies_of(review_id: int) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Reply.comment_id, sa.func.count())
        .join(Comment, Comment.id == Reply.comment_id)
        .join(_Said, _Said.id == Comment.walkthrough_id)
        .where(_Said.review_id == review_id, Reply.removed_at.is_(None))
        .group_by(Reply.comment_id)
    )
    return {comment_id: count for comment_id, count in rows}  # noqa: C416 - rows are not tuples
