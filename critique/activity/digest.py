"""What a morning's digest has to say: what waits for its reader, and what happened since the last.

The same thing waiting is no reason for a third digest, unless it is due before the next morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.activity.access import visible_notices
from critique.activity.models import Digest, Mute, Notice
from critique.mentoring.models import Turn
from critique.mentoring.turns import turns_of
from critique.mentoring.words import has_deadline
from critique.pairing.models import Meeting
from critique.pairing.week.queries import unsaid
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.reviews.models import Review

# What is older than this is not told of any more.
LONGEST_LOOK = timedelta(days=14)
MOST_NEWS = 500
NAMED_TWICE = 2


@dataclass(frozen=True)
class Waiting:
    """A request in which it is the reader's move; until or since when in UTC."""

    review: Review
    turn: Turn

    @property
    def until(self) -> datetime | None:
        """Until when, where the deadline is about them."""
        return self.review.review_by if has_deadline(self.turn) else None


@dataclass(frozen=True)
class Contents:
    """`waiting` soonest loss first, `news` newest first, both without muted requests.

    `unsaid` are meetings of which the reader did not say yet whether they happened.
    """

    waiting: Sequence[Waiting]
    news: Sequence[Notice]
    since: datetime
    unsaid: Sequence[Meeting] = ()


def contents_of(
    person: Person, day: date, now: datetime, *, letter_id: int | None = None
) -> Contents:
    """Everything that the digest of that local day could say at `now`.

    News are what no letter has told, or only one that did not arrive, or `letter_id` itself.
    """
    muted = set(db.session.scalars(sa.select(Mute.review_id).where(Mute.person_id == person.id)))
    turns = [turn for turn in turns_of(person, now) if turn.review_id not in muted]
    reviews = _reviews([turn.review_id for turn in turns])
    waiting = [Waiting(reviews[turn.review_id], turn) for turn in turns]
    waiting.sort(key=lambda one: (one.until is None, one.until or one.turn.since, one.turn.id))
    news = _news(person, muted, now, letter_id)
    last = db.session.scalar(
        sa.select(sa.func.max(Digest.at)).where(Digest.person_id == person.id, Digest.day < day)
    )
    since = min((moment for moment in (last, *(row.at for row in news)) if moment), default=now)
    return Contents(waiting, news, since, unsaid(person, now))


def is_worth_it(contents: Contents, person: Person, day: date, *, before: datetime | None) -> bool:
    """Whether to write at all: something new, something not yet said twice, or due before then."""
    if contents.news:
        return True
    named = _named_twice(person, day)
    return any(
        one.review.id not in named
        or (before is not None and one.until is not None and one.until <= before)
        for one in contents.waiting
    )


def _named_twice(person: Person, day: date) -> set[int]:
    """Requests that each of the last two digests said were waiting."""
    rows = db.session.scalars(
        sa.select(Digest.reviews)
        .where(Digest.person_id == person.id, Digest.day < day, Digest.letter_id.is_not(None))
        .order_by(Digest.day.desc())
        .limit(NAMED_TWICE)
    ).all()
    if len(rows) < NAMED_TWICE:
        return set()
    return set.intersection(*(set(row) for row in rows))


def _news(person: Person, muted: set[int], now: datetime, letter_id: int | None) -> list[Notice]:
    plain = lazyload(Person.skills)
    lost = Letter.dropped_at.is_not(None) | Letter.parked_at.is_not(None)
    return list(
        db.session.scalars(
            visible_notices(person)
            .outerjoin(Letter, Letter.id == Notice.letter_id)
            .where(
                Notice.seen_at.is_(None),
                Notice.at > now - LONGEST_LOOK,
                Notice.review_id.not_in(muted),
                Notice.kind != "lapsing",
                sa.or_(Notice.letter_id.is_(None), Notice.letter_id == letter_id, lost),
            )
            .options(joinedload(Notice.actor).options(plain))
            .options(joinedload(Notice.review).joinedload(Review.author).options(plain))
            .order_by(Notice.id.desc())
            .limit(MOST_NEWS)
        )
    )


def _reviews(ids: Sequence[int]) -> dict[int, Review]:
    """Requests by id; they come from turns, which are of requests that may be seen."""
    chosen = sa.select(Review).where(Review.id.in_(ids))
    return {review.id: review for review in db.session.scalars(chosen)}
