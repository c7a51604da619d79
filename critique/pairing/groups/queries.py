"""Reading coffee groups: who is in which, and when which is drawn."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from critique.accounts.access import active_people
from critique.accounts.models import Membership, Person, PersonSkill
from critique.pairing.groups.models import CoffeeGroup, GroupPlace
from critique.pairing.weeks import week_number
from critique.plumbing.calendar import week_start
from critique.plumbing.db import db

FIRST_MONTH = timedelta(days=28)


def groups_of_team(team_id: int) -> list[CoffeeGroup]:
    """The team's groups in force: everyone first, then by name."""
    return list(
        db.session.scalars(
            sa.select(CoffeeGroup)
            .where(CoffeeGroup.team_id == team_id, CoffeeGroup.ended_at.is_(None))
            .order_by(CoffeeGroup.kind != "everyone", CoffeeGroup.name, CoffeeGroup.id)
        )
    )


def whole_team(team_id: int) -> CoffeeGroup:
    """The group of everyone in the team."""
    return db.session.scalars(
        sa.select(CoffeeGroup).where(CoffeeGroup.team_id == team_id, CoffeeGroup.kind == "everyone")
    ).one()


def members_in(group: CoffeeGroup, week: str) -> sa.Select[Person]:
    """Select who belongs to the group in that ISO week, by name; their wishes are not looked at.

    New are those who joined the team in the four weeks before the week's Monday, or in it.
    """
    people = active_people(group.team_id)
    place = sa.exists().where(GroupPlace.group_id == group.id, GroupPlace.person_id == Person.id)
    if group.kind == "named":
        return people.where(place.where(GroupPlace.is_in))
    if group.kind == "skill":
        shares = sa.exists().where(
            PersonSkill.person_id == Person.id, PersonSkill.skill == group.skill
        )
        people = people.where(shares)
    if group.kind == "newcomers":
        people = people.where(Membership.joined_at > week_start(week, "UTC") - FIRST_MONTH)
    return people.where(~place.where(~GroupPlace.is_in))


def is_drawn_in(group: CoffeeGroup, week: str) -> bool:
    """Say whether that ISO week is one of the group's: each, every second or every fourth."""
    since = week_number(week) - week_number(group.from_week)
    return since >= 0 and since % group.every_weeks == 0


def skills_of_team(team_id: int) -> list[tuple[str, int]]:
    """The skills that two or more of the team share, and how many do, the commonest first."""
    count = sa.func.count()
    rows = db.session.execute(
        sa.select(PersonSkill.skill, count)
        .join(Membership, Membership.person_id == PersonSkill.person_id)
        .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
        .group_by(PersonSkill.skill)
        .having(count > 1)
        .order_by(count.desc(), PersonSkill.skill)
    )
    return [(skill, many) for skill, many in rows]
