"""Commands of the coffee: draw, prove a draw, look ahead, and try it on a made-up company."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import click
import sqlalchemy as sa

from critique.accounts.queries import team_by_name
from critique.cli.coffee_words import print_coming, print_plan, print_summary
from critique.cli.people import refusals
from critique.factory import create_app
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import groups_of_team, whole_team
from critique.pairing.jobs import draw_round, plan_week
from critique.pairing.models import Round
from critique.pairing.outlook import forecast as forecast_of
from critique.pairing.outlook import read_outlook, roster_bound
from critique.pairing.plan import Plan
from critique.pairing.queries import round_of
from critique.pairing.replay import replayed
from critique.pairing.roster import made_up
from critique.pairing.simulation import Rules, simulated
from critique.pairing.simulation_json import roster_to_json, week_to_json
from critique.pairing.slots import NOTICE, NOTICE_WHEN_ASKED
from critique.pairing.weeks import is_let_go
from critique.plumbing import clock
from critique.plumbing.calendar import monday_morning
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound
from critique.plumbing.transaction import snapshot

FIRST_WEEK = "2026-W48"
TEAM = click.option("--team", "team_name", required=True, help="The team's name.")
GROUP = click.option("--group", "group_name", default="", help="A coffee group; else everyone.")
WEEK = click.option("--week", required=True, help="The ISO week, such as 2026-W48.")


@click.group()
def pairing() -> None:
    """The weekly coffee."""


@pairing.command("draw")
@TEAM
@GROUP
@WEEK
@click.option("--dry-run", is_flag=True, help="Print the draw with its reasons; do nothing.")
@click.option("--seed", type=click.IntRange(0, 2**62), help="Draw as another draw was.")
@click.option("--soon", is_flag=True, help="Meetings may be 2 hours from now instead of 18.")
def draw(
    *, team_name: str, group_name: str, week: str, dry_run: bool, seed: int | None, soon: bool
) -> None:
    """Draw a group's coffee for a week: once, with its mails, or only in words."""
    notice = NOTICE_WHEN_ASKED if soon else NOTICE
    with refusals(), create_app().app_context():
        monday_morning(week, "UTC")
        group_id, zone = _found(team_name, group_name)
        if dry_run:
            plan = plan_week(group_id, week, seed=seed, again=True, notice=notice)
        else:
            _must_be_drawable(group_id, week, zone, notice)
            plan = draw_round(group_id, week, seed=seed, notice=notice)
        if plan is None:
            click.echo(f"{team_name} has drawn {week} already. Nothing was changed.")
            return
        print_plan(plan)
        if dry_run:
            if is_let_go(week, zone, clock.now()):
                click.echo(
                    f"{week} is over: this is how its Monday morning would have drawn it, "
                    "with people as they are now. Those times are past."
                )
            click.echo("Dry run: nothing was written, and nobody gets a mail.")
        else:
            click.echo("Drawn. Everybody above gets one mail.")


@pairing.command("replay")
@TEAM
@GROUP
@WEEK
def replay(*, team_name: str, group_name: str, week: str) -> None:
    """Draw a past round again from what was kept with it; exit code 1 where it differs."""
    with refusals(), create_app().app_context():
        group_id, _ = _found(team_name, group_name)
        with snapshot():
            drawn = round_of(group_id, week)
            if drawn is None:
                raise NotFound(f"{team_name} has not drawn {week}.")
            kept = db.session.scalars(
                sa.select(Round).where(Round.id == drawn.id).options(sa.orm.undefer(Round.pool))
            ).one()
            found = replayed(kept)
        plan = found.plan
        click.echo(f"Coffee of {team_name} in {week}, {len(plan.inputs.seats)} in, drawn again")
        click.echo(f"seed    {plan.seed}")
        click.echo(f"pool    {plan.pool_digest}  {_compared(same=found.same_pool)}")
        click.echo(f"outcome {len(plan.bookings)} tables, times and reasons, {len(plan.left)} left "
                   f"out  {_compared(same=found.same_outcome)}")  # fmt: skip
        if not found.proven:
            raise click.exceptions.Exit(1)


@pairing.command("forecast")
@TEAM
@GROUP
@click.option("--weeks", type=click.IntRange(1, 52), default=4, help="How many rounds ahead.")
def forecast(*, team_name: str, group_name: str, weeks: int) -> None:
    """Draw the next rounds without doing anything: who is in, who meets somebody new, who waits."""
    with refusals(), create_app().app_context():
        group_id, _ = _found(team_name, group_name)
        with snapshot():
            group = db.session.get_one(CoffeeGroup, group_id)
            outlook = read_outlook(group, clock.now(), weeks)
        print_coming(outlook, forecast_of(outlook), roster_bound(outlook))


@pairing.command("simulate")
@click.option("--people", type=click.IntRange(0, 20_000), default=200, help="How many work there.")
@click.option("--weeks", type=click.IntRange(1, 208), default=52, help="How many rounds.")
@click.option("--seed", type=click.IntRange(0, 2**62), default=1, help="Which company and lots.")
@click.option("--from", "first_week", default=FIRST_WEEK, help="The first ISO week.")
@click.option("--size", type=click.IntRange(2, 3), default=2, help="People at a table.")
@click.option("--pairs", is_flag=True, help="Every table of every week: who, when and why.")
@click.option("--json", "as_json", is_flag=True, help="Roster and weeks, for counting yourself.")
def simulate(
    *, people: int, weeks: int, seed: int, first_week: str, size: int, pairs: bool, as_json: bool
) -> None:
    """Run the real draw over a made-up company on three sites; no database is needed.

    12 % skip any week, people take leave and holidays, teams are of eight, and some asked not to
    meet somebody. The same seed gives the same output.
    """
    with refusals():
        roster = made_up(people, seed, first_week)
        plans = simulated(roster, first_week, weeks, Rules(seed, size=size))
        if as_json:
            shown: dict[str, Any] = {
                "roster": [roster_to_json(one) for one in roster],
                "weeks": [week_to_json(plan) for plan in plans],
            }
            click.echo(json.dumps(shown))
        else:
            print_summary(roster, _told(plans) if pairs else plans)


def _told(plans: Iterable[Plan]) -> Iterator[Plan]:
    for plan in plans:
        print_plan(plan)
        click.echo()
        yield plan


def _found(team_name: str, group_name: str) -> tuple[int, str]:
    """The id of the group and the zone of its team."""
    with snapshot():
        team = team_by_name(team_name)
        if team is None:
            raise NotFound(f"There is no team named {team_name!r}.")
        if not group_name:
            return whole_team(team.id).id, team.zone
        groups = {group.name: group for group in groups_of_team(team.id)}
        if group_name not in groups:
            known = ", ".join(groups)
            raise NotFound(f"{team_name} has no coffee group {group_name!r}. It has: {known}.")
        return groups[group_name].id, team.zone


def _must_be_drawable(group_id: int, week: str, zone: str, notice: timedelta) -> None:
    now = clock.now()
    with snapshot():
        if round_of(group_id, week) is not None:
            return
    if is_let_go(week, zone, now):
        raise Conflict(f"The week {week} is over. Nothing was drawn.")
    if is_let_go(week, zone, now, notice=notice):
        raise Conflict(
            f"In {week} nobody can be booked with 18 hours' notice any more. Nothing was drawn; "
            "--soon books from two hours ahead."
        )


def _compared(*, same: bool) -> str:
    return "the same" if same else "DIFFERENT"


COMMANDS = (pairing,)
