"""Reading rounds and meetings, and all that a draw depends on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.access import active_people, team_ids_of
from critique.accounts.models import Membership, Person, Team
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.pairing.plan import Guest, Inputs
from critique.pairing.pool import Pair, Seat
from critique.pairing.slots import availability, taken
from critique.pairing.weeks import week_at_hand, week_number
from critique.plumbing.calendar import monday_morning, week_of, week_start
from critique.plumbing.db import db

# Tables of three count for a year: a newcomer is not the third until they have caught up.
TRIOS_COUNT_FOR = 52
PAST_SHOWN = 12

Busy = frozenset[tuple[int, datetime, datetime]]


def round_of(team_id: int, week: str) -> Round | None:
    """The team's draw for that ISO week."""
    return db.session.scalar(
        sa.select(Round)
        .where(Round.team_id == team_id, Round.week == week)
        .options(selectinload(Round.left_out).joinedload(LeftOut.person))
    )


def shown_round(team: Team, now: datetime) -> Round | None:
    """The round to look at now: the one at hand, else at the weekend the one of the week past."""
    at_hand, this = week_at_hand(team.zone, now), week_of(now, team.zone)
    return round_of(team.id, at_hand) or round_of(team.id, this)


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


def people_in(team: Team, week: str, now: datetime) -> list[Person]:
    """Who is in the team's draw for a week: members, not opted out, not skipping, not away.

    Somebody is away until the day they named has come, in their own zone, when the draw is made,
    and in a week in which holidays and days out of office leave them no time.
    """
    when = max(now, monday_morning(week, team.zone))
    wanted = active_people(team.id).where(
        Person.coffee_in,
        sa.or_(Person.coffee_skipped_week.is_(None), Person.coffee_skipped_week != week),
    )
    return [
        person
        for person in db.session.scalars(wanted)
        if not is_away(person, when) and not is_off(person, week)
    ]


def is_away(person: Person, when: datetime) -> bool:
    """Whether the day the person named, in their own zone, is still to come."""
    until = person.coffee_snoozed_until
    return until is not None and when.astimezone(ZoneInfo(person.zone)).date() < until


def is_off(person: Person, week: str) -> bool:
    """Whether time off takes all that the person would work in that ISO week."""
    hours = person.working_hours.reachable
    usual = replace(hours, holidays="", away=())
    return not availability(hours, week) and availability(usual, week) != 0


def booked_elsewhere(team_id: int, week: str) -> Busy:
    """(person, start, end) of what members have booked in that week besides this team's coffee."""
    opens = week_start(week, "UTC")
    members = sa.select(Membership.person_id).where(
        Membership.team_id == team_id, Membership.ended_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Seating.person_id, Meeting.starts_at, Meeting.ends_at)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .where(
            Seating.person_id.in_(members),
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at.between(opens - timedelta(days=1), opens + timedelta(days=8)),
            sa.or_(Meeting.kind != "coffee", Meeting.team_id != team_id),
        )
    )
    return frozenset((person_id, start, end) for person_id, start, end in rows)


def read_inputs(team: Team, week: str, now: datetime) -> Inputs:
    """All that the team's draw for a week depends on, in a handful of queries.

    Availability is cut at `now`: nobody is booked in the past.
    """
    number = week_number(week)
    people = people_in(team, week, now)
    busy = booked_elsewhere(team.id, week)
    history, trios = _history(team.id, number)
    groups, first = _other_teams(team.id), _left_last_time(team.id, number)
    taken_by: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person_id, start, end in busy:
        taken_by[person_id].append((start, end))
    guests = {person.id: guest_of(person) for person in people}
    seats = tuple(
        Seat(
            person_id=guest.id,
            availability=availability(guest.hours, week, not_before=now)
            & ~taken(taken_by[guest.id], week),
            groups=frozenset(groups[guest.id]),
            site=guest.zone,
            trio_seats=sum(when >= number - TRIOS_COUNT_FOR for when in trios[guest.id]),
            last_trio=max(trios[guest.id], default=None),
            priority=guest.id in first,
        )
        for guest in guests.values()
    )
    return Inputs(team.id, team.name, week, guests, seats, history, busy)


def guest_of(person: Person) -> Guest:
    """A person in plain values."""
    return Guest(
        id=person.id,
        name=person.name,
        email=person.email,
        zone=person.zone,
        level=person.level,
        skills=tuple(person.skill_names),
        hours=person.working_hours.reachable,
    )


def _history(team_id: int, number: int) -> tuple[dict[Pair, int], defaultdict[int, list[int]]]:
    """When each two last met in this team, and in which rounds each sat at a table of three."""
    rows = db.session.execute(
        sa.select(Round.number, Seating.meeting_id, Seating.person_id)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .where(
            Round.team_id == team_id,
            Round.number < number,
            Meeting.cancelled_at.is_(None),
            Seating.left_at.is_(None),
        )
        .order_by(Round.number, Seating.meeting_id, Seating.person_id)
    ).all()
    tables: dict[tuple[int, int], list[int]] = defaultdict(list)
    for when, meeting_id, person_id in rows:
        tables[when, meeting_id].append(person_id)
    met: dict[Pair, int] = {}
    trios: defaultdict[int, list[int]] = defaultdict(list)
    for (when, _), people in tables.items():
        met.update(dict.fromkeys(combinations(people, 2), when))
        if len(people) == 3:
            for person_id in people:
                trios[person_id].append(when)
    return met, trios


def _other_teams(team_id: int) -> defaultdict[int, set[int]]:
    """The teams each member is in besides this one: sharing one is to be colleagues already."""
    members = sa.select(Membership.person_id).where(
        Membership.team_id == team_id, Membership.ended_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Membership.person_id, Membership.team_id).where(
            Membership.person_id.in_(members),
            Membership.team_id != team_id,
            Membership.ended_at.is_(None),
        )
    )
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, other in rows:
        groups[person_id].add(other)
    return groups


def _left_last_time(team_id: int, number: int) -> set[int]:
    last = (
        sa.select(Round.id)
        .where(Round.team_id == team_id, Round.number < number)
        .order_by(Round.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return set(db.session.scalars(sa.select(LeftOut.person_id).where(LeftOut.round_id == last)))


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
