"""Coffee groups: who is drawn for whom how often, their rounds, and the rounds to come."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import Response
from pydantic import BaseModel, Field, RootModel

from critique.accounts.access import LEADING_ROLES, membership_for, memberships_of
from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.api.coffee import TableShape
from critique.api.documentation import LARGEST_ID, blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.pairing.forecasting import outlook_of
from critique.pairing.groups import operations
from critique.pairing.groups.access import group_for, led_group_for
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import groups_of_team, members_in
from critique.pairing.operations import ask_for_draw
from critique.pairing.queries import round_of, tables_of
from critique.pairing.weeks import week_at_hand
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.web.forms import Form, check_query


class TeamQuery(Form):
    """Which team (needed only by who belongs to several)."""

    team: int | None = Field(None, ge=1, le=LARGEST_ID)


class NewGroup(TeamQuery):
    """A group of those who share a `skill`, are named one by one, or joined in four weeks."""

    kind: Literal["skill", "named", "newcomers"]
    name: str = Field("", max_length=120)
    skill: str = Field("", max_length=60)
    size: Literal[2, 3] = 2
    every_weeks: Literal[1, 2, 4] = 1


class GroupChange(Form):
    """What to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=120)
    size: Literal[2, 3] | None = None
    every_weeks: Literal[1, 2, 4] | None = None


class GroupShape(BaseModel):
    """A coffee group; `kind` is everyone, skill, named or newcomers."""

    id: int
    team_id: int
    kind: str
    name: str
    skill: str | None
    size: int
    every_weeks: int
    from_week: str
    people: list[PersonShape]

    @classmethod
    def of(cls, group: CoffeeGroup) -> GroupShape:
        """From a record, with who would be in this week's draw but for their wishes."""
        week = week_at_hand(group.team.zone, clock.now())
        people = db.session.scalars(members_in(group, week))
        return cls(
            id=group.id,
            team_id=group.team_id,
            kind=group.kind,
            name=group.name,
            skill=group.skill,
            size=group.size,
            every_weeks=group.every_weeks,
            from_week=group.from_week,
            people=[PersonShape.of(person) for person in people],
        )


class GroupList(RootModel[list[GroupShape]]):
    """The team's groups, everyone first."""


class LeftShape(BaseModel):
    """Somebody without a table, and what they were (or would be) told."""

    person: str
    why: str


class RoundShape(BaseModel):
    """One round as it stands now; who was left out is for leads, `seed` and `pool` replay it."""

    group_id: int
    week: str
    drawn_at: datetime
    seed: int
    pool: str
    tables: list[TableShape]
    left_out: list[LeftShape]


class DrawShape(BaseModel):
    """A draw that was asked for; its round is there in a moment."""

    group_id: int
    week: str


class ComingShape(BaseModel):
    """One round to come: people in, tables, and pairs that would meet for the first time."""

    week: str
    people: int
    tables: int
    threes: int
    pairs: int
    first_times: int
    left_out: list[LeftShape]


class ForecastShape(BaseModel):
    """The next four rounds as of now; none with more than 1,000 people.

    No draw could go without a repeat for longer than `lasts_rounds`.
    """

    lasts_rounds: int
    rounds: list[ComingShape]


@blueprint.get("/coffee/groups")
@documented(asks=TeamQuery, answers=GroupList)
def list_coffee_groups() -> Response:
    """The coffee groups of your team."""
    team_id = _team_of(asker(), check_query(TeamQuery).team)
    return answer(GroupList([GroupShape.of(group) for group in groups_of_team(team_id)]))


@blueprint.post("/coffee/groups")
@documented(takes=NewGroup, answers=GroupShape, status=201)
def create_coffee_group() -> Response:
    """Make a group; for leads and admins."""
    new, by = taken(NewGroup), asker()
    values = new.model_dump(exclude={"team"})
    made = operations.add_group(by=by, team_id=_team_of(by, new.team, led=True), **values)
    return answer(GroupShape.of(made), 201)


@blueprint.patch("/coffee/groups/<int:group_id>")
@documented(takes=GroupChange, answers=GroupShape)
def change_coffee_group(group_id: int) -> Response:
    """Change a group's name, size or rhythm, from its next draw on; for leads and admins."""
    group, change = led_group_for(asker(), group_id), taken(GroupChange)
    changed = operations.change_group(
        by=asker(),
        group_id=group_id,
        name=change.name or group.name,
        size=change.size or group.size,
        every_weeks=change.every_weeks or group.every_weeks,
    )
    return answer(GroupShape.of(changed))


@blueprint.delete("/coffee/groups/<int:group_id>")
@documented(answers=GroupShape)
def delete_coffee_group(group_id: int) -> Response:
    """Draw a group no more; what is booked stays. 409 for the group of everyone."""
    return answer(GroupShape.of(operations.end_group(by=asker(), group_id=group_id)))


@blueprint.put("/coffee/groups/<int:group_id>/people/<int:person_id>")
@documented(answers=GroupShape)
def put_in_coffee_group(group_id: int, person_id: int) -> Response:
    """Put somebody in, or yourself back in; repeating it changes nothing."""
    operations.put_in_group(by=asker(), group_id=group_id, person_id=person_id)
    return answer(GroupShape.of(group_for(asker(), group_id)))


@blueprint.delete("/coffee/groups/<int:group_id>/people/<int:person_id>")
@documented(answers=GroupShape)
def take_out_of_coffee_group(group_id: int, person_id: int) -> Response:
    """Take somebody, or yourself, out from the next draw on; repeating it changes nothing."""
    operations.take_out_of_group(by=asker(), group_id=group_id, person_id=person_id)
    return answer(GroupShape.of(group_for(asker(), group_id)))


@blueprint.post("/coffee/groups/<int:group_id>/rounds")
@documented(answers=DrawShape, status=202)
def create_coffee_round(group_id: int) -> Response:
    """Have the week at hand drawn now; 409 when it is drawn. For leads and admins."""
    group = group_for(asker(), group_id)
    week = week_at_hand(group.team.zone, clock.now())
    ask_for_draw(by=asker(), group_id=group_id, week=week)
    return answer(DrawShape(group_id=group_id, week=week), 202)


@blueprint.get("/coffee/groups/<int:group_id>/rounds/<week>")
@documented(answers=RoundShape)
def show_coffee_round(group_id: int, week: str) -> Response:
    """Who meets whom in an ISO week ("2026-W48"), when and why."""
    group = group_for(asker(), group_id)
    drawn = round_of(group.id, week)
    if drawn is None:
        raise NotFound
    leads = membership_for(asker(), group.team_id).role in LEADING_ROLES
    return answer(
        RoundShape(
            group_id=group.id,
            week=week,
            drawn_at=drawn.drawn_at,
            seed=drawn.seed,
            pool=drawn.pool_digest,
            tables=[TableShape.of(meeting) for meeting in tables_of(drawn)],
            left_out=[
                LeftShape(person=row.person.name, why=row.reason)
                for row in drawn.left_out
                if leads or row.person_id == asker().id
            ],
        )
    )


@blueprint.get("/coffee/groups/<int:group_id>/forecast")
@documented(answers=ForecastShape)
def show_coffee_forecast(group_id: int) -> Response:
    """The next four rounds as they would come now; for leads and admins."""
    found = outlook_of(led_group_for(asker(), group_id), clock.now())
    rounds = [
        ComingShape(
            week=one.plan.inputs.week,
            people=len(one.plan.inputs.guests),
            tables=len(one.plan.bookings),
            threes=one.threes,
            pairs=one.pairs,
            first_times=one.first_times,
            left_out=[
                LeftShape(person=one.plan.inputs.guests[left.person_id].name, why=left.reason)
                for left in one.plan.left
            ],
        )
        for one in found.rounds
    ]
    return answer(ForecastShape(lasts_rounds=found.bound.weeks, rounds=rounds))


def _team_of(person: Person, team_id: int | None, *, led: bool = False) -> int:
    """The team asked for, else one of the person's. Raises NotFound."""
    if team_id is not None:
        return membership_for(person, team_id).team_id
    mine = memberships_of(person)
    leading = [one for one in mine if one.role in LEADING_ROLES]
    found = (leading or mine) if led else mine
    if not found:
        raise NotFound
    return found[0].team_id
