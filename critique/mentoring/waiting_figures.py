"""What a team waits for, by reason, what became of its claims, and what was handed over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from critique.mentoring.loops import Spread, spread
from critique.mentoring.models import HandOff, Turn
from critique.plumbing.db import db
from critique.reviews.models import Review

# What each reason of a turn waits for, as the page says it.
WAITING_FOR = {
    "requested": "a first look at the work",
    "claimed": "who claimed it",
    "handed_over": "who took it over",
    "new_version": "another look, at a new version",
    "asked": "an answer to a question",
    "to_confirm": "a yes to what was done",
    "mentioned": "somebody who was named",
    "to_post": "the author’s walkthrough",
    "another_round": "the author’s next version",
    "talk": "a talk with the author",
    "replied": "the author’s answer",
    "approved": "the author to close it",
    "reopened": "the author to go on",
    "remarked": "the author’s look at a remark",
    "fell_back": "anybody at all",
}


@dataclass(frozen=True)
class Reason:
    """One reason: wall minutes of the waits that began in the period; `now` are still waiting."""

    name: str
    words: str
    waits: Spread
    now: int


@dataclass(frozen=True)
class Claims:
    """Claims that ended in the period; `lapsed` ended by the clock, with nothing said."""

    ended: int
    lapsed: int

    @property
    def share(self) -> float | None:
        """How many of them lapsed, 0..1; None without any."""
        return self.lapsed / self.ended if self.ended else None


@dataclass(frozen=True)
class HandOffs:
    """Requests given by hand, offered by Critique, and how many of those were taken."""

    given: int
    offered: int
    taken: int


def reasons_of(team_id: int, start: datetime, end: datetime, now: datetime) -> list[Reason]:
    """Waits that began in [start, end), the most frequent reason first; one query.

    Of what still waits the minutes until `now` count.
    """
    rows = db.session.execute(
        sa.select(Turn.reason, Turn.since, sa.func.coalesce(Turn.ended_at, Turn.until))
        .join(Review, Review.id == Turn.review_id)
        .where(Review.team_id == team_id, Turn.since >= start, Turn.since < end)
    )
    minutes: dict[str, list[int]] = defaultdict(list)
    waiting: dict[str, int] = defaultdict(int)
    for reason, since, ended in rows:
        still = ended is None or ended > now
        waiting[reason] += still
        until = now if ended is None or still else ended
        minutes[reason].append(max(0, int((until - since).total_seconds() // 60)))
    found = [
        Reason(name, WAITING_FOR.get(name, name), spread(waits), waiting[name])
        for name, waits in minutes.items()
    ]
    return sorted(found, key=lambda one: (-one.waits.count, one.name))


def claims_of(team_id: int, start: datetime, end: datetime) -> Claims:
    """What became of the claims that ended in [start, end)."""
    ended = sa.func.coalesce(Turn.ended_at, Turn.until)
    lapsed = sa.or_(Turn.ended_how == "lapsed", Turn.ended_at.is_(None))
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.sum(sa.case((lapsed, 1), else_=0)))
        .select_from(Turn)
        .join(Review, Review.id == Turn.review_id)
        .where(Review.team_id == team_id, Turn.reason == "claimed", ended >= start, ended < end)
    ).one()
    return Claims(row[0], int(row[1] or 0))


def hand_offs_of(team_id: int, start: datetime, end: datetime) -> HandOffs:
    """Hand-offs of [start, end)."""
    rows = db.session.execute(
        sa.select(HandOff.kind, HandOff.answer, sa.func.count())
        .join(Review, Review.id == HandOff.review_id)
        .where(Review.team_id == team_id, HandOff.at >= start, HandOff.at < end)
        .group_by(HandOff.kind, HandOff.answer)
    ).all()
    count = {(kind, answer): number for kind, answer, number in rows}
    offered = sum(number for (kind, _), number in count.items() if kind == "offered")
    return HandOffs(count.get(("given", "taken"), 0), offered, count.get(("offered", "taken"), 0))
