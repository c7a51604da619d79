"""Coffee in lines of text: one draw, the coming ones, and a simulated year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import click

from critique.pairing.bound import Bound
from critique.pairing.outlook import Coming, Outlook
from critique.pairing.plan import Guest, Plan
from critique.pairing.pool import Pair
from critique.pairing.roster import Colleague
from critique.pairing.weeks import week_number


def print_plan(plan: Plan) -> None:
    """Say a draw table by table, with everybody's time and the reason."""
    guests = plan.inputs.guests
    click.echo(f"Coffee of {plan.inputs.team} in {plan.inputs.week}, {len(guests)} in")
    for booking in plan.bookings:
        people = [guests[person_id] for person_id in booking.people]
        click.echo(f"\n  {' + '.join(person.name for person in people)}")
        click.echo(f"    when  {'; '.join(_time(booking.starts_at, one) for one in people)}")
        click.echo(f"    why   {booking.reason}")
    for left in plan.left:
        click.echo(f"\n  {guests[left.person_id].name} is left out")
        click.echo(f"    why   {left.reason}")
    if plan.inputs.silent:
        click.echo(f"\n  not heard of for three rounds, and asked: {len(plan.inputs.silent)}")
    click.echo(f"\nseed {plan.seed}\npool {plan.pool_digest}")


def print_coming(outlook: Outlook, rounds: Iterable[Coming], bound: Bound) -> None:
    """Say the coming rounds, one line each and one for each who is left out, and the bound."""
    click.echo(f"Coffee of {outlook.team}, the next {len(outlook.weeks)} rounds as of now")
    for one in rounds:
        plan = one.plan
        threes = f", {one.threes} of three" if one.threes else ""
        click.echo(
            f"\n{plan.inputs.week}  {len(plan.inputs.guests)} in, {len(plan.bookings)} tables"
            f"{threes}; {one.first_times} of {one.pairs} pairs meet for the first time"
        )
        for left in plan.left:
            name = plan.inputs.guests[left.person_id].name
            click.echo(f"  {name} would be left out: {left.reason}")
    click.echo(f"\n{bound_words(bound)}")


def bound_words(bound: Bound) -> str:
    """Say for how long nobody has to meet anybody again."""
    if not bound.tightest:
        return "Nobody here can meet anybody: no two share 20 minutes."
    weeks = "1 round" if bound.weeks == 1 else f"{bound.weeks} rounds"
    some = len(bound.tightest)
    who = "one person has" if some == 1 else f"{some} people have"
    return (
        f"Your roster lasts {weeks} without a repeat, and no draw could do better: "
        f"{who} {bound.weeks} left to meet, of {bound.partners} within their hours."
    )


@dataclass
class _Year:
    """What simulated weeks came to, counted as anybody could count it."""

    people: dict[int, Colleague]
    last: dict[Pair, int] = field(default_factory=dict)
    pairs: int = 0
    gaps: list[int] = field(default_factory=list)
    first_repeat: int | None = None
    other_team: int = 0
    threes: Counter[int] = field(default_factory=Counter)
    edges: Counter[int] = field(default_factory=Counter)
    left: int = 0
    present: int = 0

    def note(self, plan: Plan, at: int) -> None:
        self.present += len(plan.inputs.guests)
        self.left += len(plan.left)
        for booking in plan.bookings:
            self.edges.update(booking.on_edge)
            if len(booking.people) == 3:
                self.threes.update(booking.people)
            for pair in combinations(booking.people, 2):
                self._note_pair(pair, at, week_number(plan.inputs.week))

    def _note_pair(self, pair: Pair, at: int, number: int) -> None:
        self.pairs += 1
        one, other = (self.people[person_id] for person_id in pair)
        self.other_team += one.team != other.team
        if pair in self.last:
            self.gaps.append(number - self.last[pair])
            self.first_repeat = self.first_repeat or at
        self.last[pair] = number


def print_summary(roster: Sequence[Colleague], plans: Iterable[Plan]) -> None:
    """Say in a dozen lines what simulated weeks came to."""
    year, weeks = _Year({one.id: one for one in roster}), 0
    for weeks, plan in enumerate(plans, start=1):
        year.note(plan, weeks)
    sites = Counter(one.zone for one in roster)
    threes = [year.threes[one.id] for one in roster] or [0]
    lines = {
        "company": f"{len(roster)} people: " + ", ".join(f"{n} in {z}" for z, n in sites.items()),
        "weeks": f"{weeks}, {year.present / weeks:.1f} people in on average",
        "pairs": f"{year.pairs}, {_share(year.other_team, year.pairs)} from different teams",
        "first repeat": f"week {year.first_repeat}" if year.first_repeat else "none",
        "repeats": f"{len(year.gaps)} ({_share(len(year.gaps), year.pairs)})",
        "shortest gap": f"{min(year.gaps)} weeks" if year.gaps else "-",
        "seats at three": f"{min(threes)} to {max(threes)} for each person",
        "early or late": f"{year.edges.total()} seats in the first or last half hour of a day",
        "left out": f"{year.left} times, each told why",
    }
    for name, words in lines.items():
        click.echo(f"{name:<15} {words}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _time(moment: datetime, guest: Guest) -> str:
    local = moment.astimezone(ZoneInfo(guest.zone))
    return f"{local:%a} {local.day} {local:%b %H:%M} {guest.zone}"
