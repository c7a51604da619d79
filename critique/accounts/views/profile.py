"""One's own page: profile, hours, coffee, password and sessions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts import operations
from critique.accounts.forms import CoffeeForm, PasswordForm, ProfileForm, SkipForm
from critique.accounts.fortnight import holidays_ahead
from critique.accounts.login import (
    asker,
    close_session,
    current_sign_in_id,
    open_session,
    signed_in,
)
from critique.accounts.models import LEVELS, Person
from critique.accounts.operations.time_off import today_of
from critique.accounts.passwords import hash_password, matches
from critique.accounts.queries import absences_of, sign_ins_of
from critique.accounts.views.blueprint import blueprint, page, shown_again
from critique.accounts.views.zones import zone_choices
from critique.plumbing import clock
from critique.plumbing.calendar import WEEKDAYS, spoken_days, week_of
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound
from critique.plumbing.hours import WEEKDAY_NAMES, format_span
from critique.plumbing.public_holidays import place_named
from critique.plumbing.transaction import release
from critique.web.app import limiter
from critique.web.forms import SENTENCE, read


@blueprint.get("/profile")
@signed_in
def profile() -> ResponseReturnValue:
    """One's own page."""
    person = asker()
    return page("profile", **{**_shown(person), "typed": _typed(person)})


@blueprint.post("/profile")
@signed_in
def update_profile() -> ResponseReturnValue:
    """Change name, zone, hours, level and skills."""
    try:
        form = read(ProfileForm)
        operations.change_profile(
            by=asker(),
            name=form.name,
            zone=form.zone,
            level=form.level,
            hours=form.working_hours(),
            skills=form.skills.split(","),
        )
    except Invalid as error:
        return shown_again("profile", error, **_shown(asker()))
    return _back("Your profile is saved.")


@blueprint.post("/profile/coffee")
@signed_in
def update_coffee() -> ResponseReturnValue:
    """Be in the weekly coffee or not, or be away until a date."""
    person = asker()
    try:
        form = read(CoffeeForm)
    except Invalid as error:
        return shown_again("profile", error, **{**_shown(person), "typed": _typed(person)})
    operations.set_coffee(by=person, coffee_in=form.coffee_in, snoozed_until=form.snoozed_until)
    return _back("Your coffee wishes are saved.")


@blueprint.post("/profile/coffee/skip")
@signed_in
def skip_week() -> ResponseReturnValue:
    """Sit out this week's coffee, or take that back."""
    person = asker()
    skip = read(SkipForm).skip
    operations.skip_week(by=person, week=week_of(clock.now(), person.zone) if skip else None)
    return _back("You sit this week out." if skip else "You are in again this week.")


@blueprint.post("/profile/password")
@signed_in
@limiter.limit("20/hour", deduct_when=lambda response: response.status_code >= 400)
def change_password() -> ResponseReturnValue:
    """Change the password: every other session ends, and this one gets a new secret."""
    person = asker()
    person_id, stored = person.id, person.password_hash
    release()
    try:
        form = read(PasswordForm)
        _must_match(form.current_password, stored)
        hashed = hash_password(form.password)
    except Invalid as error:
        person = asker()
        return shown_again("profile", error, **{**_shown(person), "typed": _typed(person)})
    person = db.session.get_one(Person, person_id)
    if person.password_hash != stored:
        raise Invalid("The password was changed elsewhere meanwhile. Sign in with the new one.")
    operations.change_password(by=person, password_hash=hashed)
    open_session(person, str(request.user_agent))
    return _back("Your password is changed. You are signed out everywhere else.")


@blueprint.post("/profile/sessions/<int:sign_in_id>/end")
@signed_in
def end_session(sign_in_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    person = asker()
    if sign_in_id == current_sign_in_id():
        operations.end_sign_in(by=person, sign_in_id=sign_in_id)
        close_session()
        return redirect(url_for("accounts.sign_in"), 303)
    operations.end_sign_in(by=person, sign_in_id=sign_in_id)
    return _back("That session is over.")


@blueprint.post("/profile/sessions/end")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    keep_id = current_sign_in_id()
    if keep_id is None:
        raise NotFound
    operations.end_other_sign_ins(by=asker(), keep_id=keep_id)
    return _back("You are signed out everywhere else.")


def _must_match(password: str, stored: str | None) -> None:
    if not matches(password, stored):
        raise Invalid(SENTENCE, fields={"current_password": "This is not your present password."})


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("accounts.profile"), 303)


def _typed(person: Person) -> dict[str, Any]:
    days = person.working_hours.days
    hours = {
        f"hours_{day}": ", ".join(format_span(span) for span in days.get(day, ()))
        for day in range(7)
    }
    return {
        "name": person.name,
        "zone": person.zone,
        "level": person.level,
        "skills": ", ".join(person.skill_names),
        **hours,
    }


def _shown(person: Person) -> dict[str, Any]:
    week = week_of(clock.now(), person.zone)
    return {
        **_off(person),
        "person": person,
        "days": WEEKDAY_NAMES,
        "levels": [(level, level.capitalize()) for level in LEVELS],
        "zones": zone_choices(),
        "sessions": sign_ins_of(person),
        "this_session": current_sign_in_id(),
        "skipping": person.coffee_skipped_week == week,
    }


def _off(person: Person) -> dict[str, Any]:
    """Time off in a few words; the page of its own says all of it."""
    hours, today = person.working_hours, today_of(person)
    return {
        "holidays_of": place_named(hours.holidays),
        "next_holiday": next(iter(holidays_ahead(hours, today)), None),
        "absences": [
            spoken_days(row.first_day, row.last_day, today) for row in absences_of(person, today)
        ],
        "deep_work": "; ".join(
            f"{WEEKDAYS[day]} {', '.join(format_span(span) for span in spans)}"
            for day, spans in hours.deep_work.items()
        ),
    }
