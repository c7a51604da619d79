"""Weeks of coffee in a made-up company, drawn and booked by the same code as real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from critique.pairing.memory import Sitting, remembered
from critique.pairing.plan import Guest, Inputs, Plan, plan_round
from critique.pairing.pool import WEIGHTS, Weights, pair_of
from critique.pairing.roster import Colleague
from critique.pairing.seating import Colleagues, seats_for
from critique.pairing.slots import NOTICE, availability
from critique.pairing.weeks import seed_of, week_after, week_number
from critique.plumbing.calendar import monday_morning

OPT_OUTS = 0.12
ZONE = "Europe/London"


@dataclass(frozen=True)
class Rules:
    """How a simulated company has its coffee: tables of how many, who skips, from which seed."""

    seed: int
    size: int = 2
    opt_outs: float = OPT_OUTS
    weights: Weights = WEIGHTS


def simulated(
    roster: Sequence[Colleague], first_week: str, weeks: int, rules: Rules
) -> Iterator[Plan]:
    """Draw so many weeks one after the other, each on Monday at 07:00 in London.

    Everybody drawn for each other meets. Who is away all week is not in, and of the others
    `opt_outs` skip, by lot.
    """
    week, sittings, first = first_week, list[Sitting](), set[int]()
    forbidden = frozenset(pair_of(one.id, other) for one in roster for other in one.do_not_pair)
    for _ in range(weeks):
        guests = {one.id: _guest(one) for one in present_in(roster, week, rules)}
        teams = {one.id: {one.team} for one in roster}
        memory, now = remembered(sittings, week_number(week)), monday_morning(week, ZONE)
        inputs = Inputs(
            team_id=0,
            team="a made-up company",
            week=week,
            guests=guests,
            seats=seats_for(
                guests.values(),
                memory,
                Colleagues(teams, first),
                week=week,
                not_before=now + NOTICE,
            ),
            history=memory.met,
            busy=frozenset(),
            not_before=now + NOTICE,
            forbidden=forbidden,
            proposed=memory.proposed,
            edges=memory.edges,
            size=rules.size,
        )
        plan = plan_round(inputs, seed=seed_of(rules.seed, week), now=now, weights=rules.weights)
        yield plan
        number = week_number(week)
        sittings += [Sitting(number, b.people, b.people, b.on_edge) for b in plan.bookings]
        first = {left.person_id for left in plan.left}
        week = week_after(week)


def present_in(roster: Sequence[Colleague], week: str, rules: Rules) -> list[Colleague]:
    """Who is in that week: neither away all of it nor, by lot, skipping."""
    chance = Random(f"present:{rules.seed}:{week}")  # noqa: S311 - made up, not secret
    skipping = {one.id for one in roster if chance.random() < rules.opt_outs}
    return [one for one in roster if one.id not in skipping and availability(one.hours, week)]


def _guest(one: Colleague) -> Guest:
    return Guest(one.id, f"Person {one.id}", "", one.zone, "mid", (), one.hours)
