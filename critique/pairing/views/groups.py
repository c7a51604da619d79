"""Coffee groups: leads make and change them, everybody sees theirs and may leave one."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import LEADING_ROLES, must_lead, role_in
from critique.accounts.login import asker, my_place, signed_in
from critique.accounts.models import Person
from critique.accounts.queries import members_of
from critique.pairing.circles import RHYTHM_WORDS
from critique.pairing.forecasting import outlook_of
from critique.pairing.forms import GroupChangeForm, GroupForm, PlaceForm
from critique.pairing.groups import operations
from critique.pairing.groups.access import group_for, led_group_for
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.groups.queries import groups_of_team, members_in, skills_of_team
from critique.pairing.views.blueprint import blueprint
from critique.pairing.weeks import week_at_hand
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.plumbing.transaction import release
from critique.web.forms import read

KIND_WORDS = {
    "everyone": "everybody in the team",
    "skill": "who shares a skill",
    "named": "people you name",
    "newcomers": "who joined in the last four weeks",
}


@blueprint.get("/coffee/groups")
@signed_in
def groups() -> ResponseReturnValue:
    """The team's coffee groups, and a form for another."""
    return _all()


@blueprint.post("/coffee/groups")
@signed_in
def create_group() -> ResponseReturnValue:
    """Make a group."""
    team_id = my_place().team_id
    must_lead(asker(), team_id)
    try:
        made = operations.add_group(by=asker(), team_id=team_id, **read(GroupForm).model_dump())
    except Invalid as error:
        release()
        return _all(error)
    return _to(made.id, f"{made.name} is there. Its first draw comes on its next Monday.")


@blueprint.get("/coffee/groups/<int:group_id>")
@signed_in
def group(group_id: int) -> ResponseReturnValue:
    """One group: who is in it, how often it meets, and for leads all that can be changed."""
    return _one(group_for(asker(), group_id))


@blueprint.post("/coffee/groups/<int:group_id>")
@signed_in
def update_group(group_id: int) -> ResponseReturnValue:
    """Change name, size and rhythm."""
    found = led_group_for(asker(), group_id)
    try:
        form = read(GroupChangeForm)
        operations.change_group(
            by=asker(),
            group_id=group_id,
            name=form.name or found.name,
            size=form.size,
            every_weeks=form.every_weeks,
        )
    except Invalid as error:
        release()
        return _one(group_for(asker(), group_id), error)
    return _to(group_id, "Saved. It counts from the next draw on.")


@blueprint.post("/coffee/groups/<int:group_id>/end")
@signed_in
def end_group(group_id: int) -> ResponseReturnValue:
    """Draw the group no more."""
    ended = operations.end_group(by=asker(), group_id=group_id)
    flash(f"{ended.name} is not drawn any more. What is booked stays.", "done")
    return redirect(url_for("pairing.groups"), 303)


@blueprint.post("/coffee/groups/<int:group_id>/people")
@signed_in
def place_in_group(group_id: int) -> ResponseReturnValue:
    """Put somebody in or take them out; everybody may do it for themselves."""
    by, form = asker(), read(PlaceForm)
    change = operations.put_in_group if form.is_in else operations.take_out_of_group
    change(by=by, group_id=group_id, person_id=form.person_id)
    person = db.session.get_one(Person, form.person_id)
    who = "You are" if person.id == by.id else f"{person.name} is"
    return _to(group_id, f"{who} {'in' if form.is_in else 'out'} from the next draw on.")


@blueprint.get("/coffee/groups/<int:group_id>/forecast")
@signed_in
def forecast(group_id: int) -> ResponseReturnValue:
    """The next four rounds as they would come now, for those who lead the team."""
    found = led_group_for(asker(), group_id)
    outlook = outlook_of(found, clock.now())
    return render_template("pairing/forecast.html", group=found, outlook=outlook)


def _to(group_id: int, words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("pairing.group", group_id=group_id), 303)


def _all(error: Invalid | None = None) -> Response:
    membership = my_place()
    leads = membership.role in LEADING_ROLES
    week = week_at_hand(membership.team.zone, clock.now())
    rows = [(one, _members(one, week)) for one in groups_of_team(membership.team_id)]
    values = {
        "team": membership.team,
        "leads": leads,
        "rows": rows,
        "skills": skills_of_team(membership.team_id) if leads else [],
        **_shown(error),
    }
    return _page("groups", values, error)


def _one(group: CoffeeGroup, error: Invalid | None = None) -> Response:
    person = asker()
    week = week_at_hand(group.team.zone, clock.now())
    people = _members(group, week)
    inside = {one.id for one in people}
    leads = role_in(person, group.team_id) in LEADING_ROLES
    everybody = [row.person for row in members_of(group.team_id)] if leads else []
    values = {
        "group": group,
        "team": group.team,
        "leads": leads,
        "people": people,
        "mine": person.id in inside,
        "others": [one for one in everybody if one.id not in inside],
        **_shown(error),
    }
    return _page("group", values, error)


def _members(group: CoffeeGroup, week: str) -> list[Person]:
    return list(db.session.scalars(members_in(group, week)))


def _shown(error: Invalid | None) -> dict[str, Any]:
    return {
        "errors": error.fields if error else {},
        "typed": request.form.to_dict() if error else {},
        "rhythms": list(RHYTHM_WORDS.items()),
        "rhythm_of": RHYTHM_WORDS,
        "kinds": KIND_WORDS,
    }


def _page(name: str, values: dict[str, Any], error: Invalid | None) -> Response:
    status = error.status if error else 200
    return make_response(render_template(f"pairing/{name}.html", **values), status)
