"""Questions about claims and the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from critique.accounts.models import Person
from critique.comments.models import Comment, Verdict
from critique.mentoring.models import Claim
from critique.mentoring.queue import standing_in, took_it_on
from critique.mentoring.reasons import reason_for
from critique.plumbing.db import db
from critique.reviews.deadlines import TimeLeft, time_left
from critique.reviews.models import Review, Reviewer
from critique.walkthroughs.models import Walkthrough

PAGE = 50


@dataclass(frozen=True)
class QueueRow:
    """One entry of a person's queue.

    `section` is mine, fits, others, answered or held; `reason` says why it stands there; `left`
    is the deadline for this person; `claimed_until` is UTC.
    """

    review: Review
    section: str
    reason: str
    left: TimeLeft | None
    claimed_by: Person | None
    claimed_until: datetime | None

    @property
    def why(self) -> str:
        """The reason, and how late it is if it is."""
        if self.left is None or self.left.state != "late":
            return self.reason
        return f"{self.left.left[0].upper()}{self.left.left[1:]}. {self.reason}"


def claim_on(review_id: int, now: datetime) -> Claim | None:
    """The claim in force on a request at `now` (UTC), with its holder; None when it is free."""
    return db.session.scalar(
        sa.select(Claim)
        .where(Claim.review_id == review_id, Claim.until > now)
        .options(joinedload(Claim.person))
    )


def queue_for(person: Person, now: datetime, *, page: int = 1, size: int = PAGE) -> list[QueueRow]:
    """One page of the person's queue, in a number of queries that does not depend on its length.

    First what is theirs, then what is free and fits their skills, then what else is free, each by
    earliest deadline; at the end what is answered, and what others hold.
    """
    first = (page - 1) * size
    standing = standing_in(person, now, first + size)[first:]
    ids = [review_id for _, review_id in standing]
    reviews, claims = _reviews(ids), _claims(ids, now)
    shown, answered = _with_walkthrough(ids), _answerers(ids)
    skills, hours = set(person.skill_names), person.working_hours
    rows = []
    for section, review_id in standing:
        review, claim = reviews[review_id], claims.get(review_id)
        reason = reason_for(
            section,
            review,
            viewer=person,
            skills=skills,
            claim=claim,
            answered_by=answered.get(review_id),
            shown=review_id in shown,
            now=now,
        )
        rows.append(
            QueueRow(
                review=review,
                section=section,
                reason=reason,
                left=time_left(review.review_by, hours, now) if review.review_by else None,
                claimed_by=claim.person if claim else None,
                claimed_until=claim.until if claim else None,
            )
        )
    return rows


def _reviews(ids: Sequence[int]) -> dict[int, Review]:
    """Requests with what a row says about them; ids come from the queue, which scoped them."""
    plain = lazyload(Person.skills)
    chosen = (
        sa.select(Review)
        .where(Review.id.in_(ids))
        .options(
            joinedload(Review.author).options(plain),
            joinedload(Review.project),
            selectinload(Review.skills),
            selectinload(Review.aims),
            selectinload(Review.reviewers).joinedload(Reviewer.person).options(plain),
        )
    )
    return {review.id: review for review in db.session.scalars(chosen)}


def _claims(ids: Sequence[int], now: datetime) -> dict[int, Claim]:
    chosen = (
        sa.select(Claim)
        .where(Claim.review_id.in_(ids), Claim.until > now)
        .options(joinedload(Claim.person).lazyload(Person.skills))
    )
    return {claim.review_id: claim for claim in db.session.scalars(chosen)}


def _with_walkthrough(ids: Sequence[int]) -> set[int]:
    standing = Walkthrough.version.is_not(None) & Walkthrough.removed_at.is_(None)
    chosen = sa.select(Walkthrough.review_id).where(Walkthrough.review_id.in_(ids), standing)
    return set(db.session.scalars(chosen.distinct()))


def _answerers(ids: Iterable[int]) -> dict[int, Person]:
    """Who wrote the newest comment on each request, of those who took it on; else who judged it."""
    newest = (
        sa.select(sa.func.max(Comment.id))
        .join(Walkthrough, Comment.walkthrough_id == Walkthrough.id)
        .join(Review, Walkthrough.review_id == Review.id)
        .where(
            Review.id.in_(ids),
            Comment.removed_at.is_(None),
            took_it_on(),
        )
        .group_by(Review.id)
    )
    rows = db.session.execute(
        sa.select(Walkthrough.review_id, Person)
        .join(Comment, Comment.walkthrough_id == Walkthrough.id)
        .join(Person, Comment.author_id == Person.id)
        .where(Comment.id.in_(newest))
        .options(lazyload(Person.skills))
    )
    return _judges(ids) | {row[0]: row[1] for row in rows}


def _judges(ids: Iterable[int]) -> dict[int, Person]:
    newest = sa.select(sa.func.max(Verdict.id)).where(Verdict.review_id.in_(ids))
    rows = db.session.execute(
        sa.select(Verdict.review_id, Person)
        .join(Person, Verdict.by_id == Person.id)
        .where(Verdict.id.in_(newest.group_by(Verdict.review_id)))
        .options(lazyload(Person.skills))
    )
    return {row[0]: row[1] for row in rows}
