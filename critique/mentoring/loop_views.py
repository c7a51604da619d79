"""Pages of the feedback loops: the team's for who leads it, one's own for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import must_lead
from critique.accounts.login import asker, current_team, my_place, signed_in
from critique.accounts.models import Person, Team
from critique.accounts.queries import members_of
from critique.mentoring.forms import Period, PeriodQuery, ShareForm
from critique.mentoring.growth import growth_of
from critique.mentoring.sharing import end_share, loops_for, share_loops, shares_of, shown_to
from critique.mentoring.steering import DEFINITIONS, steering_of
from critique.plumbing import clock
from critique.plumbing.errors import Invalid
from critique.web.forms import check_query, read

blueprint = Blueprint("loops", __name__)


@blueprint.get("/loops")
@signed_in
def index() -> ResponseReturnValue:
    """Show how fast feedback comes back in the team; for leads and admins.

    Days that cannot be counted are said at their fields, above the figures of the usual weeks.
    """
    team = must_lead(asker(), my_place().team_id).team
    now = clock.now()
    try:
        return _team_page(team, check_query(PeriodQuery).period(now, team.zone), now)
    except Invalid as error:
        usual = PeriodQuery().period(now, team.zone)
        return make_response(_team_page(team, usual, now, error.fields), error.status)


def _team_page(
    team: Team, period: Period, now: datetime, errors: Mapping[str, str] | None = None
) -> str:
    days = (("first", period.first), ("last", period.last), ("split", period.split))
    shown = {name: day.isoformat() if day else "" for name, day in days}
    return render_template(
        "mentoring/loops.html",
        team=team,
        steering=steering_of(team, period, now),
        period=period,
        days={name: request.args.get(name, day) for name, day in shown.items()}
        if errors
        else shown,
        errors=errors or {},
        definitions=DEFINITIONS,
    )


@blueprint.get("/loops/mine")
@signed_in
def mine() -> str:
    """Show somebody their own loops."""
    return _growth_page(asker())


@blueprint.get("/people/<int:person_id>/loops")
@signed_in
def show(person_id: int) -> str:
    """Show the loops of somebody who shares them with the viewer."""
    return _growth_page(loops_for(asker(), person_id))


@blueprint.post("/loops/mine/shares")
@signed_in
def share() -> ResponseReturnValue:
    """Show one's loops to somebody of the team."""
    shown = share_loops(by=asker(), with_id=read(ShareForm).with_id, team_id=my_place().team_id)
    flash(f"{shown.to.name} can see this page now, until you take it back.", "done")
    return redirect(url_for("loops.mine"), code=303)


@blueprint.post("/loops/mine/shares/<int:share_id>/end")
@signed_in
def end(share_id: int) -> ResponseReturnValue:
    """Show them no longer."""
    ended = end_share(by=asker(), share_id=share_id)
    flash(f"{ended.to.name} cannot see this page any more.", "done")
    return redirect(url_for("loops.mine"), code=303)


def _growth_page(person: Person) -> str:
    viewer, team = asker(), current_team()
    own = person.id == viewer.id
    shares = shares_of(viewer) if own else []
    known = {viewer.id, *(one.with_id for one in shares)}
    members = members_of(team.team_id) if own and team else []
    return render_template(
        "mentoring/growth.html",
        person=person,
        own=own,
        growth=growth_of(person, clock.now()),
        shares=shares,
        shown=shown_to(viewer) if own else [],
        others=[one.person for one in members if one.person_id not in known],
    )
