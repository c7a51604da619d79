"""Reading rounds and meetings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.pairing.weeks import week_at_hand
from critique.plumbing.calendar import week_of, week_start
from critique.plumbing.db import db

PAST_SHOWN = 12


def round_of(group_id: int, week: str) -> Round | None:
    """The group's draw for that ISO week."""
    return db.session.scalar(
        sa.select(Round)
        .where(Round.group_id == group_id, Round.week == week)
        .options(selectinload(Round.left_out).joinedload(LeftOut.person))
    )


def shown_round(group: CoffeeGroup, now: datetime) -> Round | None:
    """The round to look at now: the one at hand, else at the weekend the one of the week past."""
    zone = group.team.zone
    at_hand, this = week_at_hand(zone, now), week_of(now, zone)
    return round_of(group.id, at_hand) or round_of(group.id, this)


def meetings_at_hand(person: Person, now: datetime) -> list[Meeting]:
    """The person's meetings from their Monday on: what comes first, then what is over."""
    monday = week_start(week_of(now, person.zone), person.zone)
    found = db.session.scalars(_meetings_of(person).where(Meeting.starts_at >= monday)).all()
    coming = [meeting for meeting in found if meeting.ends_at > now]
    return coming + [meeting for meeting in reversed(found) if meeting.ends_at <= now]


def this_weeks_meeting(person: Person, now: datetime) -> Meeting | None:
    """The person's next meeting, else the one this week that is over; None without either."""
    return next(iter(meetings_at_hand(person, now)), None)


def past_meetings(person: Person, now: datetime) -> list[Meeting]:
    """Meetings of the weeks before, newest first."""
    monday = week_start(week_of(now, person.zone), person.zone)
    return list(
        db.session.scalars(
            _meetings_of(person)
            .where(Meeting.starts_at < monday)
            .order_by(None)
            .order_by(Meeting.starts_at.desc())
            .limit(PAST_SHOWN)
        )
    )


def left_out_of(person: Person, week: str) -> list[LeftOut]:
    """What the person was told about having no table in a week, in teams they belong to."""
    return list(
        db.session.scalars(
            sa.select(LeftOut)
            .join(Round, Round.id == LeftOut.round_id)
            .where(
                LeftOut.person_id == person.id,
                Round.week == week,
                Round.team_id.in_(team_ids_of(person)),
            )
        )
    )


def _meetings_of(person: Person) -> sa.Select[Meeting]:
    return (
        sa.select(Meeting)
        .join(Seating, Seating.meeting_id == Meeting.id)
        .join(Meeting.round)
        .where(
            Seating.person_id == person.id,
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Round.team_id.in_(team_ids_of(person)),
        )
        .options(selectinload(Meeting.seats).joinedload(Seating.person))
        .order_by(Meeting.starts_at, Meeting.id)
    )


def tables_of(found: Round) -> list[Meeting]:
    """A round's meetings by time, with their people, in a constant number of queries."""
    return list(
        db.session.scalars(
            sa.select(Meeting)
            .where(Meeting.round_id == found.id)
            .options(selectinload(Meeting.seats).joinedload(Seating.person))
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def seats_at_hand(person: Person, now: datetime, weeks: Iterable[str]) -> list[Seating]:
    """The person's seats at meetings of those weeks that have not begun."""
    return list(
        db.session.scalars(
            sa.select(Seating)
            .join(Meeting, Meeting.id == Seating.meeting_id)
            .join(Meeting.round)
            .where(
                Seating.person_id == person.id,
                Seating.left_at.is_(None),
                Meeting.cancelled_at.is_(None),
                Meeting.starts_at > now,
                Round.week.in_(list(weeks)),
            )
        )
    )


def coming_seats(person: Person, now: datetime) -> list[Seating]:
    """The person's seats at meetings of either kind that have not begun."""
    return list(
        db.session.scalars(
            sa.select(Seating)
            .join(Meeting, Meeting.id == Seating.meeting_id)
            .where(
                Seating.person_id == person.id,
                Seating.left_at.is_(None),
                Meeting.cancelled_at.is_(None),
                Meeting.starts_at > now,
            )
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )
