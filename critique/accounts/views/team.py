"""The team page: who is in it, who is invited, and working in another team."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from critique.accounts import operations
from critique.accounts.access import LEADING_ROLES, member_for, membership_for
from critique.accounts.forms import CallForm, InvitationForm, LineForm, RoleForm, TeamChoice
from critique.accounts.login import asker, choose_team, current_team, my_place, signed_in
from critique.accounts.models import ROLES, Absence, Membership, Person
from critique.accounts.parked import parked_count
from critique.accounts.queries import absences_in, members_of, pending_invitations
from critique.accounts.views.blueprint import blueprint, page, shown_again
from critique.plumbing import clock
from critique.plumbing.calendar import is_inside, local_day, spoken_day, spoken_days
from critique.plumbing.errors import Conflict, Forbidden, Invalid
from critique.plumbing.hours import WorkingHours
from critique.plumbing.transaction import release
from critique.web.forms import read

ONE_DAY = timedelta(days=1)
# Who goes away is said this long before.
SAID_AHEAD = timedelta(days=14)


@blueprint.get("/team")
@signed_in
def people() -> ResponseReturnValue:
    """The people of the team one works in."""
    membership = current_team()
    if membership is None:
        return page("no_team")
    return page("people", **_shown(membership))


@blueprint.post("/team/invitations")
@signed_in
def invite() -> ResponseReturnValue:
    """Invite an address; the answer is the same whether or not it has an account."""
    mine = my_place()
    try:
        form = read(InvitationForm)
        operations.invite_person(by=asker(), team_id=mine.team_id, email=form.email, role=form.role)
    except (Invalid, Conflict) as error:
        return _again(error)
    return _back(f"The invitation to {form.email} is on its way. It can be accepted for 7 days.")


@blueprint.post("/team/invitations/<int:link_id>/resend")
@signed_in
def resend_invitation(link_id: int) -> ResponseReturnValue:
    """Send an invitation again."""
    link = operations.resend_invitation(by=asker(), team_id=my_place().team_id, link_id=link_id)
    return _back(f"A new invitation to {link.email} is on its way; the earlier link is void.")


@blueprint.post("/team/invitations/<int:link_id>/withdraw")
@signed_in
def withdraw_invitation(link_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    link = operations.withdraw_invitation(by=asker(), team_id=my_place().team_id, link_id=link_id)
    return _back(f"The invitation to {link.email} is taken back; its link is void.")


@blueprint.post("/team/members/<int:membership_id>/role")
@signed_in
def change_role(membership_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    mine = my_place()
    try:
        form = read(RoleForm)
        changed = operations.change_role(
            by=asker(), team_id=mine.team_id, membership_id=membership_id, role=form.role
        )
    except (Invalid, Conflict, Forbidden) as error:
        return _again(error)
    return _back(f"{changed.person.name} is {changed.role} now.")


@blueprint.get("/team/members/<int:membership_id>/line")
@signed_in
def line(membership_id: int) -> ResponseReturnValue:
    """Whom a member reports to."""
    return _line_page(member_for(asker(), membership_id))


@blueprint.post("/team/members/<int:membership_id>/line")
@signed_in
def change_line(membership_id: int) -> ResponseReturnValue:
    """Say whom a member reports to, or nobody."""
    by = asker()
    member = member_for(by, membership_id)
    try:
        form = read(LineForm)
        operations.set_reports_to(
            by=by,
            team_id=member.team_id,
            membership_id=membership_id,
            reports_to_id=form.reports_to_id,
        )
    except Invalid as error:
        release()
        return _line_page(member_for(asker(), membership_id), error)
    above = member.reports_to
    words = f"{member.person.name} reports to {above.name if above else 'nobody'} now. "
    return _back(words + "They are not drawn for each other." if above else words)


@blueprint.post("/team/members/<int:membership_id>/end")
@signed_in
def end_membership(membership_id: int) -> ResponseReturnValue:
    """Take somebody out of the team, or leave it."""
    mine, by = my_place(), asker()
    try:
        ended = operations.end_membership(by=by, team_id=mine.team_id, membership_id=membership_id)
    except (Conflict, Forbidden) as error:
        return _again(error)
    if ended.person_id == by.id:
        return _back(f"You have left {ended.team.name}.")
    return _back(
        f"{ended.person.name} is out of the team, and sees nothing of it from now on. "
        "What they wrote stays."
    )


@blueprint.post("/team/calls")
@signed_in
def update_calls() -> ResponseReturnValue:
    """Say where the team's live calls are."""
    team_id = my_place().team_id
    try:
        address = read(CallForm).call_address
        operations.set_call_address(by=asker(), team_id=team_id, address=address)
    except Invalid as error:
        return _again(error)
    return _back("Saved. It counts at once, for meetings that are booked already too.")


@blueprint.post("/team/choice")
@signed_in
def choose() -> ResponseReturnValue:
    """Work in another of one's teams. NotFound for a team that is not one's own."""
    team = membership_for(asker(), read(TeamChoice).team_id).team
    choose_team(team.id)
    flash(f"You work in {team.name} now.", "done")
    return redirect("/", 303)


def _line_page(member: Membership, error: Invalid | None = None) -> Response:
    others = [m.person for m in members_of(member.team_id) if m.person_id != member.person_id]
    values: dict[str, Any] = {
        "member": member,
        "choices": [("", "Nobody"), *((one.id, one.name) for one in others)],
    }
    return shown_again("line", error, **values) if error else page("line", **values)


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("accounts.people"), 303)


def _again(error: Invalid | Conflict | Forbidden) -> Response:
    release()
    return shown_again("people", error, **_shown(my_place()))


def _shown(membership: Membership) -> dict[str, Any]:
    leads = membership.role in LEADING_ROLES
    roles = [role for role in ROLES if role != "admin" or membership.role == "admin"]
    now, members = clock.now(), members_of(membership.team_id)
    absences = _with_absence([row.person for row in members], membership.team_id, now)
    return {
        "team": membership.team,
        "mine": membership,
        "leads": leads,
        "roles": roles,
        "role_choices": [(role, role.capitalize()) for role in roles],
        "members": [
            (row, _local(row.person, now), _away(row.person, now, absences.get(row.person_id)))
            for row in members
        ],
        "invitations": pending_invitations(membership.team_id) if leads else [],
        "parked": parked_count(membership.person, membership.team_id)
        if membership.role == "admin"
        else 0,
    }


def _with_absence(people: list[Person], team_id: int, now: datetime) -> dict[int, Absence]:
    """By person, the absence they are in or begin within two weeks, each by their own date."""
    # Somewhere on earth it is a day earlier or later than in UTC.
    since, until = now.date() - ONE_DAY, now.date() + SAID_AHEAD + ONE_DAY
    zones = {person.id: person.zone for person in people}
    found: dict[int, Absence] = {}
    for absence in absences_in(team_id, since, until):
        today = local_day(zones[absence.person_id], now)
        if absence.last_day >= today and absence.first_day <= today + SAID_AHEAD:
            found.setdefault(absence.person_id, absence)
    return found


def _local(person: Person, now: datetime) -> str:
    wall = now.astimezone(ZoneInfo(person.zone))
    place = person.zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{wall:%H:%M} in {place}, {_doing(person.working_hours, now)}"


def _doing(hours: WorkingHours, now: datetime) -> str:
    if is_inside(hours, now):
        return "at work" if is_inside(hours.reachable, now) else "in deep work"
    holiday = hours.holiday_on(local_day(hours.zone, now))
    return f"off, {holiday}" if holiday else "off"


def _away(person: Person, now: datetime, absence: Absence | None) -> str | None:
    """Until when somebody is away, or from when on, and what they say about it."""
    today = local_day(person.zone, now)
    if absence is None:
        return None
    if absence.first_day <= today:
        days = f"away until {spoken_day(absence.last_day, today)}"
    else:
        days = f"away {spoken_days(absence.first_day, absence.last_day, today)}"
    return f"{days}: {absence.words}" if absence.words else days
