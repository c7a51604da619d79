"""What is due by the clock: a team's weekly draw, and seats of people who do not come any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Membership, Person, Team
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import is_drawn_in
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.operations import draw_key
from critique.pairing.weeks import due_week, weeks_somewhere
from critique.plumbing.calendar import monday_morning
from critique.plumbing.db import db
from critique.plumbing.repeat import enqueue_until_done

# A draw that failed for good is tried again under a new key after this long.
PAUSE = timedelta(minutes=15)


def enqueue_due_rounds(now: datetime) -> None:
    """Enqueue this week's draw of every coffee group whose Monday morning has come by `now`.

    Once, by its natural key, however many schedulers ask; until nobody could be booked any more
    in the week. A group that was made after that Monday morning waits for its next one. Seats that
    were given up elsewhere are found here as well.
    """
    for group, zone, week in db.session.execute(_without_round(now)):
        due = due_week(zone, now) == week and is_drawn_in(group, week)
        if due and group.made_at <= monday_morning(week, zone):
            key = draw_key(group.id, week)
            enqueue_until_done("draw_week", group.id, week, key=key, now=now, pause=PAUSE)
    for meeting_id, person_id in db.session.execute(_vacated(now)):
        key = f"coffee-seat-{meeting_id}-{person_id}"
        enqueue_until_done("vacate_seat", meeting_id, person_id, key=key, now=now, pause=PAUSE)


def has_vacated(meeting_id: int, person_id: int) -> bool:
    """Whether the person skips that week or has left the team, and still has the seat.

    A session is not skipped with the week's coffee; who has left the team comes to neither.
    """
    found = _empty_seats().where(Seating.meeting_id == meeting_id, Seating.person_id == person_id)
    return db.session.execute(found).first() is not None


def _without_round(now: datetime) -> sa.Select[CoffeeGroup, str, str]:
    weeks = sa.union_all(*(sa.select(sa.literal(w).label("week")) for w in weeks_somewhere(now)))
    week = weeks.subquery().c.week
    drawn = sa.exists().where(Round.group_id == CoffeeGroup.id, Round.week == week)
    return (
        sa.select(CoffeeGroup, Team.zone, week)
        .join(Team, Team.id == CoffeeGroup.team_id)
        .join(week.table, sa.true())
        .where(CoffeeGroup.ended_at.is_(None), ~drawn)
        .order_by(CoffeeGroup.kind != "everyone", CoffeeGroup.id)
    )


def _vacated(now: datetime) -> sa.Select[int, int]:
    return _empty_seats().where(Meeting.starts_at > now)


def _empty_seats() -> sa.Select[int, int]:
    member = sa.exists().where(
        Membership.team_id == Meeting.team_id,
        Membership.person_id == Seating.person_id,
        Membership.ended_at.is_(None),
    )
    return (
        sa.select(Seating.meeting_id, Seating.person_id)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .outerjoin(Round, Round.id == Meeting.round_id)
        .join(Person, Person.id == Seating.person_id)
        .where(
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            sa.or_(~member, Person.coffee_skipped_week == Round.week),
        )
    )
