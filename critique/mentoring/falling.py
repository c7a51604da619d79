"""An open request is nobody's move for two working days at most: then it falls to its author.

A request that stands unclaimed in everybody's queue is nobody's in particular, too, also while
somebody who only remarked on it has something to answer.
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
from critique.mentoring.moves import ASIDE
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
# Without working hours: as many days as others have over a weekend. And nobody waits longer than
# the second, however long the author is away.
WITHOUT_HOURS = timedelta(days=4)
AT_MOST = timedelta(days=14)


def fall_at(hours: WorkingHours, since: datetime) -> datetime:
    """When two working days of somebody are over that began at `since` (both UTC)."""
    days = [sum(end - start for start, end in spans) for spans in hours.days.values()]
    minutes = WORKING_DAYS * sum(days) // max(1, len(days))
    try:
        over = add_working_minutes(hours, since, max(1, minutes))
    except ValueError:
        return since + WITHOUT_HOURS
    return min(max(since + AT_LEAST, over), since + AT_MOST)


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
    weighing = (Turn.review_id == Review.id) & (
        Turn.in_passing.is_(False) & Turn.reason.not_in(ASIDE)
    )
    since = sa.select(ends).where(weighing).correlate(Review).scalar_subquery()
    began = sa.func.coalesce(since, Review.created_at)
    chosen = (
        sa.select(Review, began.label("since"))
        .where(
            is_open,
            ~sa.exists().where(weighing, in_force(now)),
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
