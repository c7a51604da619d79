"""The next rounds of a group as they would come now: who is in, who meets somebody new, who waits.

A forecast, not a promise: people skip, come and change their hours until Monday. It is made by the
draw itself, each week from what the week before would leave behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from critique.pairing.bound import Bound, bound_of
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import is_drawn_in
from critique.pairing.memory import Sitting, remembered
from critique.pairing.plan import Guest, Inputs, Plan, plan_round
from critique.pairing.pool import Pair, pair_of
from critique.pairing.pooling import (
    booked_elsewhere,
    guest_of,
    left_last_time,
    other_teams,
    people_in,
    sittings_of,
)
from critique.pairing.queries import round_of
from critique.pairing.seating import Busy, Colleagues, seats_for
from critique.pairing.slots import NOTICE
from critique.pairing.weeks import seed_of, week_after, week_at_hand, week_number
from critique.pairing.wishes.queries import forbidden_among, lines_among
from critique.plumbing.calendar import monday_morning

WEEKS = 4


@dataclass(frozen=True)
class Week:
    """One week to come: who would be in, and what they have booked."""

    week: str
    drawn_at: datetime
    guests: Mapping[int, Guest]
    busy: Busy


@dataclass(frozen=True)
class Outlook:
    """All that a forecast depends on, read at once."""

    group_id: int
    team_id: int
    team: str
    size: int
    weeks: Sequence[Week]
    sittings: Sequence[Sitting]
    colleagues: Colleagues
    forbidden: frozenset[Pair]
    lines: frozenset[Pair]


@dataclass(frozen=True)
class Coming:
    """One forecast round and how many of its pairs would meet for the first time."""

    plan: Plan
    pairs: int
    first_times: int

    @property
    def threes(self) -> int:
        """Tables of three."""
        return sum(len(booking.people) == 3 for booking in self.plan.bookings)


def read_outlook(group: CoffeeGroup, now: datetime, weeks: int = WEEKS) -> Outlook:
    """Read what the group's next rounds depend on; a week that was drawn counts as met."""
    coming = [_week(group, week, now) for week in _next_weeks(group, now, weeks)]
    everybody = {person_id for one in coming for person_id in one.guests}
    first = week_number(coming[0].week)
    return Outlook(
        group_id=group.id,
        team_id=group.team_id,
        team=group.team.name,
        size=group.size,
        weeks=coming,
        sittings=sittings_of(group.id, first),
        colleagues=Colleagues(other_teams(group), left_last_time(group.id, first)),
        forbidden=forbidden_among(everybody),
        lines=lines_among(everybody),
    )


def forecast(outlook: Outlook) -> Iterator[Coming]:
    """Draw the coming rounds one after the other; takes as long as so many draws do."""
    sittings, colleagues = list(outlook.sittings), outlook.colleagues
    for one in outlook.weeks:
        memory = remembered(sittings, week_number(one.week))
        not_before = one.drawn_at + NOTICE
        inputs = Inputs(
            team_id=outlook.team_id,
            team=outlook.team,
            week=one.week,
            guests=one.guests,
            seats=seats_for(
                one.guests.values(),
                memory,
                colleagues,
                week=one.week,
                not_before=not_before,
                busy=one.busy,
            ),
            history=memory.met,
            busy=one.busy,
            not_before=not_before,
            forbidden=outlook.forbidden,
            proposed=memory.proposed,
            edges=memory.edges,
            size=outlook.size,
            group_id=outlook.group_id,
        )
        plan = plan_round(inputs, seed=seed_of(outlook.group_id, one.week), now=one.drawn_at)
        pairs = [pair for b in plan.bookings for pair in combinations(b.people, 2)]
        fresh = sum(pair_of(*pair) not in memory.met for pair in pairs)
        yield Coming(plan, len(pairs), fresh)
        number = week_number(one.week)
        sittings += [Sitting(number, b.people, b.people, b.on_edge) for b in plan.bookings]
        colleagues = Colleagues(colleagues.teams, {left.person_id for left in plan.left})


def roster_bound(outlook: Outlook) -> Bound:
    """For how many rounds nobody has to meet anybody again, with everybody of the next week in.

    Whom somebody asked not to meet is left out of the count: it is shown to others.
    """
    one = outlook.weeks[0]
    memory = remembered(outlook.sittings, week_number(one.week))
    seats = seats_for(
        one.guests.values(), memory, outlook.colleagues, week=one.week, not_before=one.drawn_at
    )
    return bound_of(seats, memory.met, outlook.lines)


def _next_weeks(group: CoffeeGroup, now: datetime, count: int) -> Iterator[str]:
    week = week_at_hand(group.team.zone, now)
    while count:
        if is_drawn_in(group, week) and round_of(group.id, week) is None:
            yield week
            count -= 1
        week = week_after(week)


def _week(group: CoffeeGroup, week: str, now: datetime) -> Week:
    drawn_at = max(monday_morning(week, group.team.zone), now)
    people = people_in(group, week, drawn_at)
    guests = {person.id: guest_of(person) for person in people}
    return Week(week, drawn_at, guests, booked_elsewhere(group, week))
