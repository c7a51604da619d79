"""The forecast as pages and programs show it: the next rounds, and how long the roster lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.pairing.bound import Bound
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.outlook import WEEKS, Coming, forecast, read_outlook, roster_bound
from critique.plumbing.transaction import release

# Beyond, drawing four rounds takes longer than anybody waits for a page.
MOST_PEOPLE = 1000


@dataclass(frozen=True)
class Forecast:
    """The coming rounds; none, and `too_many`, where a page cannot wait for so many draws."""

    rounds: Sequence[Coming]
    bound: Bound
    people: int
    too_many: bool


def outlook_of(group: CoffeeGroup, now: datetime, weeks: int = WEEKS) -> Forecast:
    """Read what is known now and draw the next rounds of it, without writing anything."""
    outlook = read_outlook(group, now, weeks)
    release()
    people = max((len(week.guests) for week in outlook.weeks), default=0)
    too_many = people > MOST_PEOPLE
    return Forecast(
        rounds=[] if too_many else list(forecast(outlook)),
        bound=roster_bound(outlook),
        people=people,
        too_many=too_many,
    )


def bound_of_group(group: CoffeeGroup, now: datetime) -> Bound | None:
    """How long the group's roster lasts; None where counting would hold up a page."""
    outlook = read_outlook(group, now, weeks=1)
    return roster_bound(outlook) if len(outlook.weeks[0].guests) <= MOST_PEOPLE else None
