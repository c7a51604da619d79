"""What the first morning of somebody's week has to say besides a digest's: whom they meet.

A coffee whose own invitation came within the last day is named in a line: that letter said the
rest, and nothing is told twice on one morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.activity.models import Digest, Mute
from critique.activity.mornings import STALE
from critique.comments.praised import Praised, praised_comments
from critique.pairing.week.queries import Planned, planned_ahead
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter

SATURDAY = 5
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """An ISO week of its reader: meetings in it, and what helped lately.

    `told` are ids of meetings whose own letter has just said it all.
    """

    week: str
    planned: Sequence[Planned]
    told: frozenset[int]
    praised: Sequence[Praised]

    @property
    def is_worth_it(self) -> bool:
        """Whether it says anything that no other letter of this morning does."""
        return bool(self.praised) or any(one.meeting.id not in self.told for one in self.planned)


def iso_week(day: date) -> str:
    """The ISO week of a local day: "2026-W48"."""
    year, number, _ = day.isocalendar()
    return f"{year:04d}-W{number:02d}"


def begins_week(person: Person, day: date) -> bool:
    """Whether no earlier morning of that ISO week was the person's weekly one.

    A weekly letter that no mail server took before the next morning does not count: that one says
    it all. At the end of a week there is nothing left of it to tell.
    """
    if day.weekday() >= SATURDAY:
        return False
    known = db.session.execute(
        sa.select(Digest.day, Letter)
        .outerjoin(Letter, Letter.id == Digest.letter_id)
        .where(Digest.person_id == person.id, Digest.week == iso_week(day), Digest.day != day)
    ).first()
    return known is None or (known.Letter is not None and _is_missed(known.Letter))


def _is_missed(letter: Letter) -> bool:
    """Whether a letter was tried on its morning, and no server took it."""
    tried = letter.attempts > 0 and letter.dropped_at is None and letter.parked_at is None
    return letter.sent_at is None and (tried or letter.failure == STALE)


def week_ahead(person: Person, day: date, now: datetime) -> Week:
    """Read the person's week, which that local day begins for them."""
    week = iso_week(day)
    planned = [one for one in planned_ahead(person, now) if one.week == week]
    muted = db.session.scalars(sa.select(Mute.review_id).where(Mute.person_id == person.id)).all()
    return Week(
        week=week,
        planned=planned,
        told=_told(person, planned, now),
        praised=praised_comments(person, now - A_WEEK, without=muted),
    )


def _told(person: Person, planned: Sequence[Planned], now: datetime) -> frozenset[int]:
    """Coffees whose invitation is of this morning: it says why, and what to begin with."""
    invited = sa.select(Letter.id).where(
        Letter.person_id == person.id,
        Letter.kind == "coffee-invited",
        Letter.written_at > now - A_DAY,
    )
    if db.session.scalar(invited.limit(1)) is None:
        return frozenset()
    return frozenset(one.meeting.id for one in planned if one.meeting.kind == "coffee")
