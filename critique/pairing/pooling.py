"""Reading all that one draw depends on: who is in, what they have booked, whom they met before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, permutations
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.models import Membership, Person
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import members_in
from critique.pairing.memory import Sitting, remembered
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.pairing.plan import Guest, Inputs
from critique.pairing.pool import Pair, pair_of
from critique.pairing.seating import Busy, Colleagues, seats_for
from critique.pairing.sessions.models import BusyTime
from critique.pairing.slots import availability
from critique.pairing.weeks import week_number
from critique.pairing.wishes.queries import fallen_silent, forbidden_among, is_silent
from critique.plumbing.calendar import monday_morning, week_start
from critique.plumbing.db import db


def people_in(group: CoffeeGroup, week: str, now: datetime) -> list[Person]:
    """Who is in the group's draw for a week: not opted out, not skipping, not away, not silent.

    Somebody is away until the day they named has come, in their own zone, when the draw is made,
    and in a week in which holidays and days out of office leave them no time.
    """
    when = max(now, monday_morning(week, group.team.zone))
    wanted = members_in(group, week).where(
        Person.coffee_in,
        sa.or_(Person.coffee_skipped_week.is_(None), Person.coffee_skipped_week != week),
        ~is_silent(),
    )
    found = db.session.scalars(wanted.options(selectinload(Person.skills)))
    return [p for p in found if not is_away(p, when) and not is_off(p, week)]


def is_away(person: Person, when: datetime) -> bool:
    """Whether the day the person named, in their own zone, is still to come."""
    until = person.coffee_snoozed_until
    return until is not None and when.astimezone(ZoneInfo(person.zone)).date() < until


def is_off(person: Person, week: str) -> bool:
    """Whether time off takes all that the person would work in that ISO week."""
    hours = person.working_hours
    usual = replace(hours, holidays="", away=())
    return not availability(hours, week) and availability(usual, week) != 0


def booked_elsewhere(group: CoffeeGroup, week: str) -> Busy:
    """(person, start, end) of what the team's people have that week besides this draw.

    What is booked for them here, and what their own calendars say is taken.
    """
    opens = week_start(week, "UTC")
    first, last = opens - timedelta(days=1), opens + timedelta(days=8)
    members = sa.select(Membership.person_id).where(
        Membership.team_id == group.team_id, Membership.ended_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Seating.person_id, Meeting.starts_at, Meeting.ends_at)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .outerjoin(Round, Round.id == Meeting.round_id)
        .where(
            Seating.person_id.in_(members),
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at.between(first, last),
            sa.or_(Round.id.is_(None), Round.group_id != group.id, Round.week != week),
        )
    )
    own = db.session.execute(
        sa.select(BusyTime.person_id, BusyTime.starts_at, BusyTime.ends_at).where(
            BusyTime.person_id.in_(members), BusyTime.ends_at > first, BusyTime.starts_at < last
        )
    )
    return frozenset((person_id, start, end) for person_id, start, end in chain(rows, own))


def read_inputs(group: CoffeeGroup, week: str, now: datetime, *, not_before: datetime) -> Inputs:
    """All that the group's draw for a week depends on, in a handful of queries.

    Nobody is booked before `not_before`. Who has fallen silent is not in it, but named.
    """
    people = people_in(group, week, now)
    silent = fallen_silent([person.id for person in people], now)
    guests = {person.id: guest_of(person) for person in people if person.id not in silent}
    busy, number = booked_elsewhere(group, week), week_number(week)
    memory = remembered(sittings_of(group.id, number), number)
    colleagues = Colleagues(other_teams(group), left_last_time(group.id, number))
    return Inputs(
        team_id=group.team_id,
        team=group.team.name,
        week=week,
        guests=guests,
        seats=seats_for(
            guests.values(), memory, colleagues, week=week, not_before=not_before, busy=busy
        ),
        history=memory.met,
        busy=busy,
        not_before=not_before,
        forbidden=forbidden_among(guests),
        proposed={**memory.proposed, **_booked_together(guests, group, week, number)},
        edges=memory.edges,
        size=group.size,
        group_id=group.id,
        silent=frozenset(silent),
    )


def guest_of(person: Person) -> Guest:
    """A person in plain values."""
    return Guest(
        id=person.id,
        name=person.name,
        email=person.email,
        zone=person.zone,
        level=person.level,
        skills=tuple(person.skill_names),
        hours=person.working_hours,
    )


def sittings_of(group_id: int, number: int) -> list[Sitting]:
    """The tables of the group's rounds before that week, and who of each met.

    Nobody met where the meeting was cancelled or somebody said that it did not happen and nobody
    that it did. Of three, who said so alone was not there. Who declined did not come, unless they
    said afterwards that it happened.
    """
    rows = db.session.execute(
        sa.select(
            Round.number,
            Seating.meeting_id,
            Seating.person_id,
            sa.and_(
                Seating.left_at.is_(None),
                Meeting.cancelled_at.is_(None),
                sa.or_(
                    Seating.answer.is_(None),
                    Seating.answer != "declined",
                    Seating.happened.is_(True),
                ),
            ),
            Seating.happened,
            Seating.on_edge,
            Seating.joined_at,
            Seating.left_at,
        )
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .where(Round.group_id == group_id, Round.number < number)
        .order_by(Round.number, Seating.meeting_id, Seating.person_id)
    )
    tables: dict[tuple[int, int], list[_Seat]] = defaultdict(list)
    for when, meeting_id, person_id, came, happened, on_edge, joined_at, left_at in rows:
        seat = _Seat(person_id, bool(came), happened, on_edge, joined_at, left_at)
        tables[when, meeting_id].append(seat)
    return [_sitting(when, seats) for (when, _), seats in tables.items()]


@dataclass(frozen=True)
class _Seat:
    """One seat, kept or given up: did they come, what they said of it, and when they sat there."""

    person_id: int
    came: bool
    happened: bool | None
    on_edge: bool
    joined_at: datetime | None
    left_at: datetime | None

    def was_gone_before(self, other: _Seat) -> bool:
        """Whether this one had given the seat up when the other came in."""
        left, joined = self.left_at, other.joined_at
        return left is not None and joined is not None and left <= joined


def _sitting(number: int, seats: list[_Seat]) -> Sitting:
    came = {seat.person_id: seat.happened for seat in seats if seat.came}
    held = True in came.values() or False not in came.values()
    met = [one for one, happened in came.items() if happened is not False]
    if len(met) < 2:
        # One says that they met and the other that they did not: who was there knows better.
        met = list(came)
    return Sitting(
        number=number,
        people=tuple(seat.person_id for seat in seats),
        met=tuple(met) if held else (),
        on_edge=frozenset(seat.person_id for seat in seats if seat.on_edge),
        strangers=frozenset(
            pair_of(a.person_id, b.person_id)
            for a, b in permutations(seats, 2)
            if a.was_gone_before(b)
        ),
    )


def _booked_together(
    person_ids: Collection[int], group: CoffeeGroup, week: str, number: int
) -> dict[Pair, int]:
    """Whom another group of the team has booked for each other in that week already."""
    one, other = sa.orm.aliased(Seating), sa.orm.aliased(Seating)
    rows = db.session.execute(
        sa.select(one.person_id, other.person_id)
        .join(other, sa.and_(other.meeting_id == one.meeting_id, one.person_id < other.person_id))
        .join(Meeting, Meeting.id == one.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .where(Round.team_id == group.team_id, Round.week == week, Round.group_id != group.id)
    )
    here = frozenset(person_ids)
    return {pair_of(a, b): number - 1 for a, b in rows if a in here and b in here}


def other_teams(group: CoffeeGroup) -> defaultdict[int, set[int]]:
    """The teams each is in besides this one: sharing one is to be colleagues already."""
    members = sa.select(Membership.person_id).where(
        Membership.team_id == group.team_id, Membership.ended_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Membership.person_id, Membership.team_id).where(
            Membership.person_id.in_(members),
            Membership.team_id != group.team_id,
            Membership.ended_at.is_(None),
        )
    )
    teams: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, other in rows:
        teams[person_id].add(other)
    return teams


def left_last_time(group_id: int, number: int) -> set[int]:
    """Who had no table in the group's last round before that week."""
    last = (
        sa.select(Round.id)
        .where(Round.group_id == group_id, Round.number < number)
        .order_by(Round.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return set(db.session.scalars(sa.select(LeftOut.person_id).where(LeftOut.round_id == last)))
