"""The coffee groups of a team as one person sees them: this week's round, and the next draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.accounts.models import Membership, Person
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import groups_of_team, is_drawn_in, members_in
from critique.pairing.models import LeftOut, Meeting, Round
from critique.pairing.queries import shown_round, tables_of
from critique.pairing.weeks import week_after, week_at_hand
from critique.plumbing.calendar import monday_morning
from critique.plumbing.db import db

RHYTHM_WORDS = {1: "each week", 2: "every second week", 4: "every fourth week"}


@dataclass(frozen=True)
class Circle:
    """One group: `round` is the one to look at now, `drawn` says that it is this week's.

    `left_out` is what the person themselves was told, `left_for_leads` what everybody was.
    """

    group: CoffeeGroup
    mine: bool
    due: bool
    round: Round | None
    drawn: bool
    tables: Sequence[Meeting]
    left_out: LeftOut | None
    left_for_leads: Sequence[LeftOut]
    next_draw: datetime

    @property
    def rhythm(self) -> str:
        """How often it is drawn, in words."""
        return RHYTHM_WORDS[self.group.every_weeks]


def circles_of(
    person: Person, membership: Membership, *, leads: bool, now: datetime
) -> list[Circle]:
    """The groups the person is in, everyone first; all of the team for those who lead it."""
    found = [
        _circle(group, person, leads=leads, now=now) for group in groups_of_team(membership.team_id)
    ]
    return [one for one in found if one.mine or leads or one.group.kind == "everyone"]


def _circle(group: CoffeeGroup, person: Person, *, leads: bool, now: datetime) -> Circle:
    zone = group.team.zone
    week, found = week_at_hand(zone, now), shown_round(group, now)
    drawn = found is not None and found.week == week
    left = found.left_out if found else []
    belongs = members_in(group, week).where(Person.id == person.id)
    return Circle(
        group=group,
        mine=db.session.scalar(belongs) is not None,
        due=is_drawn_in(group, week),
        round=found,
        drawn=drawn,
        tables=tables_of(found) if found else [],
        left_out=next((row for row in left if row.person_id == person.id), None),
        left_for_leads=left if leads else [],
        next_draw=_next_draw(group, week, drawn=drawn, now=now),
    )


def _next_draw(group: CoffeeGroup, week: str, *, drawn: bool, now: datetime) -> datetime:
    """The next Monday morning on which the group is drawn, in the team's zone."""
    zone = group.team.zone
    if drawn or monday_morning(week, zone) <= now:
        week = week_after(week)
    while not is_drawn_in(group, week):
        week = week_after(week)
    return monday_morning(week, zone)
