"""An open request is nobody's move for two working days at most: then it falls to its author.

A request that stands unclaimed in everybody's queue is nobody's in particular, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.events.record import hold_log
from critique.mentoring.keeping import keep_turns
from critique.mentoring.models import Turn
from critique.mentoring.turns import in_force
from critique.plumbing import clock
from critique.plumbing.calendar import WorkingHours, add_working_minutes
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.queries import is_open

WORKING_DAYS = 2
# Two working days take at least this long, whoever works them; no earlier request is looked at.
AT_LEAST = timedelta(hours=24)
# Somebody without working hours is given as many days as others are with a weekend in between.
WITHOUT_HOURS = timedelta(days=4)


def fall_at(hours: WorkingHours, since: datetime) -> datetime:
    """When two working days of somebody are over that began at `since` (both UTC)."""
    days = [sum(end - start for start, end in spans) for spans in hours.days.values()]
    if not days:
        return since + WITHOUT_HOURS
    minutes = WORKING_DAYS * sum(days) // len(days)
    return max(since + AT_LEAST, add_working_minutes(hours, since, minutes))


def let_fall(now: datetime) -> int:
    """Give authors what has been nobody's move too long, end what the clock ended; how many."""
    with snapshot():
        waiting = [review_id for review_id, since, author in _empty(now)
                   if fall_at(author.working_hours, since) <= now]  # fmt: skip
        over = _over(now)
    for review_id in sorted({*waiting, *over}):
        with transaction():
            hold_log()
            moment = clock.now()
            empty = next((one for one in _empty(moment, review_id)), None)
            falls = empty is not None and fall_at(empty[2].working_hours, empty[1]) <= moment
            keep_turns(review_id, moment, by_id=None, falls=falls)
    return len(waiting)


def _empty(now: datetime, review_id: int | None = None) -> Sequence[tuple[int, datetime, Person]]:
    """Open requests that are nobody's move: their id, since when (UTC), their author."""
    ends = sa.func.max(sa.func.coalesce(Turn.ended_at, Turn.until))
    since = sa.select(ends).where(Turn.review_id == Review.id).correlate(Review).scalar_subquery()
    began = sa.func.coalesce(since, Review.created_at)
    chosen = (
        sa.select(Review, began.label("since"))
        .where(
            is_open,
            ~sa.exists().where(Turn.review_id == Review.id, in_force(now)),
            began <= now - AT_LEAST,
        )
        .options(joinedload(Review.author).options(lazyload(Person.skills)))
        .order_by(Review.id)
    )
    if review_id is not None:
        chosen = chosen.where(Review.id == review_id)
    return [(row.Review.id, row.since, row.Review.author) for row in db.session.execute(chosen)]


def _over(now: datetime) -> Sequence[int]:
    """Requests with a turn that the clock has ended and no row yet."""
    lapsed = Turn.ended_at.is_(None) & (Turn.until <= now)
    return db.session.scalars(sa.select(Turn.review_id).where(lapsed).distinct()).all()
