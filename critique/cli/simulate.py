"""`critique simulate`: try the real rules on a simulated team. Reads no database."""

from __future__ import annotations

import json
from datetime import datetime

import click

from critique.mentoring.simulation.desks import POLICIES
from critique.mentoring.simulation.running import Outcome, outcomes
from critique.mentoring.simulation.tally import Tally, tally
from critique.mentoring.simulation.world import Setting, drawn

_WORDS = {
    "shared": "ours, shared",
    "assigned": "ours, assigned",
    "oldest-first": "shared, oldest first",
    "round-robin": "assigned, round robin",
    "fewest-open": "assigned, fewest open",
}
_LEGEND = """
4 h, 8 h, 24 h: in time, of what was due within so many working hours. p50, p90: half, and nine of
ten, were answered within that, on the wall. latest: the worst lateness; longest: the longest wait;
both in the author's working time. handed: handed over. never: not answered by the end."""


@click.group()
def simulate() -> None:
    """Try the rules of the queue on a simulated team."""


@simulate.command("queue")
@click.option("--mentors", type=click.IntRange(1, 500), default=28, show_default=True)
@click.option("--load", type=click.FloatRange(0, 3), default=0.85, show_default=True,
              help="Work asked for, over what those present can do.")  # fmt: skip
@click.option("--weeks", type=click.IntRange(1, 52), default=7, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**62), default=1, show_default=True)
@click.option("--policy", type=click.Choice(list(POLICIES)),
              help="Only this one. With --json, shared unless given.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Every request of one policy, as JSON.")
def queue(
    *, mentors: int, load: float, weeks: int, seed: int, policy: str | None, as_json: bool
) -> None:
    """Share the reviews of a team over three sites in our order, and in others.

    Prints for each policy how many requests were answered in time (of all, and of those due in
    4, 8 and 24 working hours), half and nine tenths of the waits on the wall, the worst lateness
    and the longest wait in working time of the authors, hand-offs, and what was never answered.
    """
    world = drawn(Setting(mentors=mentors, load=load, weeks=weeks, seed=seed))
    if as_json:
        chosen = policy or "shared"
        told = {"policy": chosen, "requests": [_row(one) for one in outcomes(world, chosen)]}
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{mentors} mentors, load {load:g}, {weeks} weeks, seed {seed}\n"
        f"{'':22} {'in time':>8} {'4 h':>7} {'8 h':>7} {'24 h':>7} {'p50':>8} {'p90':>8}"
        f" {'latest':>8} {'longest':>8} {'handed':>7} {'never':>6}"
    )
    for name in [policy] if policy else POLICIES:
        click.echo(_line(_WORDS[name], tally(outcomes(world, name), world.end)))
    click.echo(_LEGEND)


def _row(one: Outcome) -> dict[str, object]:
    return {
        "id": one.request.id,
        "site": one.request.site,
        "hours_class": one.request.hours_class,
        "posted": _moment(one.request.posted),
        "due": _moment(one.request.due),
        "answered": one.answered and _moment(one.answered),
        "by": one.by,
        "by_site": one.by_site,
        "handed_off": one.handed_off,
    }


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(name: str, found: Tally) -> str:
    shares = [found.in_time, *found.in_class.values()]
    waits = [found.p50, found.p90]
    return " ".join(
        [
            f"{name:22}",
            *(
                f"{'-' if one is None else f'{one:.1%}':>{8 - bool(at)}}"
                for at, one in enumerate(shares)
            ),
            *(f"{'-' if one is None else f'{one:.1f} h':>8}" for one in waits),
            f"{found.latest:>6.1f} h",
            f"{found.longest:>6.2f} d",
            f"{found.handed_off or 0:>7.1%}",
            f"{found.unanswered:>6}",
        ]
    )


COMMANDS = (simulate,)
