"""What reviewers made of a request, as pages read it: their verdicts, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.comments.models import Comment, Verdict
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough


@dataclass(frozen=True)
class Judged:
    """A review that was sent: by whose name, on which version, with how many comments; UTC."""

    id: int
    review_id: int
    by_id: int
    by: str
    version: int
    verdict: str
    body: str
    at: datetime
    comments: int


def verdicts_of(review_ids: Sequence[int]) -> list[Judged]:
    """All verdicts of some requests, the newest first, in one query.

    Comments count as they were sent, also those that were taken back later.
    """
    if not review_ids:
        return []
    sent = (
        sa.select(sa.func.count(Comment.id))
        .where(Comment.verdict_id == Verdict.id)
        .correlate(Verdict)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Verdict.id, Verdict.review_id, Verdict.by_id, Person.name, Walkthrough.version,
            Verdict.verdict, Verdict.body, Verdict.at, sent,
        )
        .join(Person, Person.id == Verdict.by_id)
        .join(Walkthrough, Walkthrough.id == Verdict.walkthrough_id)
        .where(Verdict.review_id.in_(review_ids))
        .order_by(Verdict.at.desc(), Verdict.id.desc())
    )  # fmt: skip
    return [Judged(*row) for row in rows]


def newest_by_person(verdicts: Iterable[Judged]) -> list[Judged]:
    """Of verdicts in any order the newest of each person, the newest first."""
    newest: dict[int, Judged] = {}
    for one in sorted(verdicts, key=lambda v: (v.at, v.id)):
        newest[one.by_id] = one
    return sorted(newest.values(), key=lambda v: (v.at, v.id), reverse=True)


def on_version(verdicts: Iterable[Judged], version: int | None) -> list[Judged]:
    """What each person last said about one version; nothing they said about earlier ones."""
    return newest_by_person(one for one in verdicts if one.version == version)


def verdict_given_once(by_id: int, once: str) -> Verdict | None:
    """The review that somebody has sent already with this token of a page."""
    return db.session.scalar(sa.select(Verdict).where(Verdict.by_id == by_id, Verdict.once == once))


def newest_verdict_id(review_id: int, by_id: int | None = None) -> int:
    """Id of the newest verdict in a request (of one person, when named); 0 for none."""
    chosen = sa.select(sa.func.max(Verdict.id)).where(Verdict.review_id == review_id)
    if by_id is not None:
        chosen = chosen.where(Verdict.by_id == by_id)
    return db.session.scalar(chosen) or 0


def whole_verdicts_of(review_id: int) -> list[Verdict]:
    """The verdicts of a request as records, the newest first, with their senders and versions."""
    return list(
        db.session.scalars(
            sa.select(Verdict)
            .where(Verdict.review_id == review_id)
            .order_by(Verdict.at.desc(), Verdict.id.desc())
            .options(
                joinedload(Verdict.by).options(lazyload(Person.skills)),
                joinedload(Verdict.walkthrough),
            )
        )
    )


def comments_sent_with(verdict_ids: Sequence[int]) -> dict[int, list[int]]:
    """Ids of the comments that went with each verdict, in the order they were sent."""
    sent: dict[int, list[int]] = {}
    rows = db.session.execute(
        sa.select(Comment.verdict_id, Comment.id)
        .where(Comment.verdict_id.in_(verdict_ids))
        .order_by(Comment.id)
    )
    for verdict_id, comment_id in rows:
        if verdict_id is not None:
            sent.setdefault(verdict_id, []).append(comment_id)
    return sent
