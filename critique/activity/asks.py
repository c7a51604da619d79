"""Direct asks that wait to be mailed: not read, not settled, not muted, still to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.activity.access import visible_notices
from critique.activity.models import Mute, Notice
from critique.mentoring.models import Claim, HandOff, Turn
from critique.mentoring.turns import turns_on
from critique.mentoring.words import has_deadline
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.reviews.queries import is_open


@dataclass(frozen=True)
class Ask:
    """One direct ask, and the turn its person has in that request, if any."""

    notice: Notice
    turn: Turn | None

    @property
    def until(self) -> datetime | None:
        """Until when it is their move (UTC); None where the deadline is not about them."""
        if self.notice.kind == "lapsing":
            return datetime.fromisoformat(str(self.notice.details["until"]))
        if self.is_others:
            return self.notice.review.review_by
        return self.deadline

    @property
    def is_others(self) -> bool:
        """Whether it is somebody else's move still: it is offered, or a lead is told of it."""
        told_lead = self.notice.kind == "reminder" and self.notice.details.get("kind") == "lead"
        return self.turn is None and (told_lead or self.notice.kind == "offered")

    @property
    def deadline(self) -> datetime | None:
        """When the request is due (UTC), where it is this person's to look at."""
        if self.turn is None or not has_deadline(self.turn):
            return None
        return self.notice.review.review_by

    @property
    def since(self) -> datetime:
        """Since when it is (UTC)."""
        return self.turn.since if self.turn is not None else self.notice.at


def asks_of(person: Person, now: datetime, *, letter_id: int | None = None) -> list[Ask]:
    """What a person is asked and has neither read nor done, soonest loss first.

    Those that no letter has carried yet, or those of one letter.
    """
    carried = Notice.letter_id.is_(None) if letter_id is None else Notice.letter_id == letter_id
    muted = sa.select(Mute.review_id).where(Mute.person_id == person.id)
    plain = lazyload(Person.skills)
    found = db.session.scalars(
        visible_notices(person)
        .join(Review, Review.id == Notice.review_id)
        .where(
            Notice.direct,
            # A meeting has had a mail of its own, with the entry for the calendar.
            Notice.kind != "meeting",
            Notice.seen_at.is_(None),
            Notice.settled_at.is_(None),
            carried,
            is_open,
            Notice.review_id.not_in(muted),
        )
        .options(joinedload(Notice.actor).options(plain))
        .options(joinedload(Notice.review).joinedload(Review.author).options(plain))
        .order_by(Notice.id)
    ).all()
    return _by_loss(_with_turns(person, _standing(person, found), now))


def _standing(person: Person, notices: Sequence[Notice]) -> list[Notice]:
    """Without claims renewed or over since they were told of, and offers that are gone."""
    offered = [notice.review_id for notice in notices if notice.kind == "offered"]
    if offered:
        still_open = HandOff.answered_at.is_(None) & (HandOff.to_id == person.id)
        wanted = sa.select(HandOff.review_id).where(HandOff.review_id.in_(offered), still_open)
        still = set(db.session.scalars(wanted))
        notices = [one for one in notices if one.kind != "offered" or one.review_id in still]
    lapsing = [notice.review_id for notice in notices if notice.kind == "lapsing"]
    if not lapsing:
        return list(notices)
    chosen = sa.select(Claim.review_id, Claim.until).where(
        Claim.person_id == person.id, Claim.review_id.in_(lapsing)
    )
    ends = {row.review_id: row.until.isoformat() for row in db.session.execute(chosen)}
    return [
        notice
        for notice in notices
        if notice.kind != "lapsing" or ends.get(notice.review_id) == notice.details["until"]
    ]


def _with_turns(person: Person, notices: Sequence[Notice], now: datetime) -> list[Ask]:
    turns = turns_on({notice.review_id for notice in notices}, now)
    asks = []
    for notice in notices:
        own = [turn for turn in turns[notice.review_id] if turn.person_id == person.id]
        ask = Ask(notice, own[0] if own else None)
        if notice.kind == "lapsing" and (ask.until or now) <= now:
            continue
        asks.append(ask)
    return asks


def _by_loss(asks: list[Ask]) -> list[Ask]:
    return sorted(asks, key=lambda ask: (ask.until is None, ask.until or ask.since, ask.notice.id))
