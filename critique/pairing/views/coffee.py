"""The coffee page: whom I meet this week, what I wish, and the team's round."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.access import LEADING_ROLES
from critique.accounts.login import asker, current_team, signed_in
from critique.accounts.models import Membership, Person
from critique.accounts.operations import set_coffee
from critique.pairing.access import meeting_for
from critique.pairing.circles import Circle, circles_of
from critique.pairing.daylight import Daylight, daylight, place
from critique.pairing.forecasting import bound_of_group
from critique.pairing.forms import PreferencesForm, SkipForm
from critique.pairing.groups.access import group_for
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.times import is_outside_hours
from critique.pairing.models import Meeting
from critique.pairing.operations import ask_for_draw
from critique.pairing.pooling import guest_of
from critique.pairing.queries import meetings_at_hand, past_meetings
from critique.pairing.skipping import skip_and_tell
from critique.pairing.standing import standing_of
from critique.pairing.views.blueprint import blueprint
from critique.pairing.weeks import spoken_week, week_at_hand
from critique.pairing.wishes.operations import break_silence
from critique.pairing.wishes.queries import silence_of
from critique.plumbing import clock
from critique.plumbing.calendar import monday_morning, zone_named
from critique.plumbing.errors import Invalid
from critique.plumbing.transaction import release
from critique.plumbing.wording import listed, spoken_time
from critique.web.forms import read


@blueprint.get("/coffee")
@signed_in
def index() -> ResponseReturnValue:
    """This week's coffee."""
    return _page(asker())


@blueprint.post("/coffee/preferences")
@signed_in
def preferences() -> ResponseReturnValue:
    """Be in the weekly coffee or not, or be away until a date."""
    try:
        form = read(PreferencesForm)
    except Invalid as error:
        release()
        return _page(
            asker(), status=error.status, errors=error.fields, typed=request.form.to_dict()
        )
    set_coffee(by=asker(), coffee_in=form.coffee_in, snoozed_until=form.snoozed_until)
    return _back("Saved. It counts from the next draw on.", form.back)


@blueprint.post("/coffee/skip")
@signed_in
def skip() -> ResponseReturnValue:
    """Sit this week out, or take that back; a meeting that is booked is cancelled."""
    form = read(SkipForm)
    person = asker()
    week = form.week or week_at_hand(person.zone, clock.now())
    released = skip_and_tell(person, week if form.skip else None)
    if not form.skip:
        return _back("You are in again from the next draw on.", form.back)
    words = f"You sit {spoken_week(week)} out."
    return _back(f"{words} Whom you were to meet has been told." if released else words, form.back)


@blueprint.post("/coffee/return")
@signed_in
def come_back() -> ResponseReturnValue:
    """Be drawn again after having been silent."""
    break_silence(by=asker())
    return _back("Good to have you back. You are in from the next draw on.")


@blueprint.post("/coffee/groups/<int:group_id>/rounds")
@signed_in
def draw(group_id: int) -> ResponseReturnValue:
    """Have the coffee of a group for the week at hand drawn now."""
    group = group_for(asker(), group_id)
    week = week_at_hand(group.team.zone, clock.now())
    ask_for_draw(by=asker(), group_id=group_id, week=week)
    flash("It is being drawn: everybody gets a mail, and this page shows it.", "done")
    return redirect(url_for("pairing.index", drawing=group_id), 303)


@blueprint.get("/coffee/meetings/<int:meeting_id>.ics")
@signed_in
def calendar(meeting_id: int) -> ResponseReturnValue:
    """Lead to the coffee's file for any calendar."""
    meeting = meeting_for(asker(), meeting_id)
    return redirect(url_for("meetings.calendar", meeting_id=meeting.id))


@blueprint.get("/coffee/meetings/<int:meeting_id>/time")
@signed_in
def time(meeting_id: int) -> ResponseReturnValue:
    """Lead to the meeting's page, which older mails do not know yet."""
    seat = seat_for(asker(), meeting_id)
    return redirect(url_for("meetings.show", meeting_id=seat.meeting_id))


def _back(words: str, page: str = "coffee") -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("pages.week" if page == "week" else "pairing.index"), 303)


def _page(
    person: Person,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    now, membership = clock.now(), current_team()
    at_hand = meetings_at_hand(person, now)
    meeting = at_hand[0] if at_hand else None
    parts = _team_parts(person, membership, now)
    values = {
        **parts,
        "person": person,
        "meeting": meeting,
        "more_meetings": at_hand[1:],
        "day": _day_of(person, meeting) if meeting else None,
        "outside": meeting is not None
        and meeting.ends_at > now
        and is_outside_hours(person, meeting),
        "span": _span(meeting, person.zone) if meeting else "",
        "past": past_meetings(person, now),
        "standing": standing_of(
            person,
            membership,
            meeting=meeting,
            left_out=parts["left_out"],
            drawn=parts["round"],
            week=parts["week"],
            next_draw=parts["next_draw"],
            silent=parts["silent"],
            now=now,
        ),
        "days_of": spoken_week,
        "errors": errors or {},
        "wishes": typed or _wishes(person),
        "place_of": place,
        "names": listed,
    }
    return make_response(render_template("pairing/index.html", **values), status)


def _wishes(person: Person) -> dict[str, str]:
    return {
        "coffee_in": "1" if person.coffee_in else "",
        "snoozed_until": str(person.coffee_snoozed_until or ""),
    }


def _span(meeting: Meeting, zone: str) -> str:
    ends_at = meeting.ends_at.astimezone(zone_named(zone))
    return f"{spoken_time(meeting.starts_at, zone)}–{ends_at:%H:%M}"


def _day_of(person: Person, meeting: Meeting) -> Daylight:
    """Everybody's day around the meeting, the viewer's own first."""
    people = sorted(meeting.people, key=lambda one: (one.id != person.id, one.id))
    return daylight(meeting.starts_at, meeting.ends_at, [guest_of(one) for one in people])


def _lasts(circle: Circle, now: datetime) -> str | None:
    """For how long the roster lasts, in a sentence; None where that takes too long for a page."""
    found = bound_of_group(circle.group, now)
    if found is None or not found.tightest:
        return None
    rounds = "1 round" if found.weeks == 1 else f"{found.weeks} rounds"
    return f"The roster lasts {rounds} without a repeat."


def _team_parts(person: Person, membership: Membership | None, now: datetime) -> dict[str, Any]:
    """What the person's present team has to show: its rounds, who is left out, the next draw."""
    zone = membership.team.zone if membership else person.zone
    leads = membership is not None and membership.role in LEADING_ROLES
    circles = circles_of(person, membership, leads=leads, now=now) if membership else []
    first = circles[0] if circles else None
    week = week_at_hand(zone, now)
    return {
        "team": membership.team if membership else None,
        "circles": circles,
        "round": first.round if first else None,
        "drawn": first is not None and first.drawn,
        "week": week,
        "next_draw": first.next_draw if first else monday_morning(week, zone),
        "leads": leads,
        "left_out": next((one.left_out for one in circles if one.left_out), None),
        "drawing": request.args.get("drawing", type=int),
        "silent": silence_of(person) is not None,
        "lasts": _lasts(first, now) if first and leads else None,
    }
