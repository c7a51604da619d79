"""Commands of the weekly coffee."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from critique.accounts.models import Team
from critique.accounts.queries import team_by_name
from critique.cli.people import refusals
from critique.factory import create_app
from critique.pairing.jobs import draw_round, plan_week
from critique.pairing.plan import Guest, Plan
from critique.pairing.queries import round_of
from critique.pairing.weeks import is_let_go
from critique.plumbing import clock
from critique.plumbing.calendar import monday_morning
from critique.plumbing.errors import Conflict, NotFound
from critique.plumbing.transaction import snapshot


@click.group()
def pairing() -> None:
    """The weekly coffee."""


@pairing.command("draw")
@click.option("--team", "team_name", required=True, help="The team's name.")
@click.option("--week", required=True, help="The ISO week, such as 2026-W48.")
@click.option("--dry-run", is_flag=True, help="Print the draw with its reasons; do nothing.")
@click.option("--seed", type=click.IntRange(0, 2**62), help="Draw as another draw was.")
def draw(*, team_name: str, week: str, dry_run: bool, seed: int | None) -> None:
    """Draw a team's coffee for a week: once, with its mails, or only in words."""
    with refusals(), create_app().app_context():
        team_id, zone, drawn = _found(team_name, week)
        if dry_run:
            plan = plan_week(team_id, week, seed=seed, again=True)
        elif drawn:
            click.echo(f"{team_name} has drawn {week} already. Nothing was changed.")
            return
        elif is_let_go(week, zone, clock.now()):
            raise Conflict(f"The week {week} is over. Nothing was drawn.")
        else:
            plan = draw_round(team_id, week, seed=seed)
        if plan is None:
            click.echo(f"{team_name} has drawn {week} already. Nothing was changed.")
            return
        _print(plan)
        if dry_run:
            click.echo("Dry run: nothing was written, and nobody gets a mail.")
        else:
            click.echo("Drawn. Everybody above gets one mail.")


def _found(team_name: str, week: str) -> tuple[int, str, bool]:
    monday_morning(week, "UTC")
    with snapshot():
        team: Team | None = team_by_name(team_name)
        if team is None:
            raise NotFound(f"There is no team named {team_name!r}.")
        return team.id, team.zone, round_of(team.id, week) is not None


def _print(plan: Plan) -> None:
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
    click.echo(f"\nseed {plan.seed}\npool {plan.pool_digest}")


def _time(moment: datetime, guest: Guest) -> str:
    local = moment.astimezone(ZoneInfo(guest.zone))
    return f"{local:%a} {local.day} {local:%b %H:%M} {guest.zone}"


COMMANDS = (pairing,)
