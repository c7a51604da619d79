"""One's own time off: public holidays, days out of office, deep work."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from critique.accounts import operations
from critique.accounts.access import absence_for
from critique.accounts.forms import AbsenceForm, DeepWorkForm, HolidaysForm
from critique.accounts.fortnight import fortnight, holidays_ahead
from critique.accounts.login import asker, signed_in
from critique.accounts.models import Absence, Person
from critique.accounts.operations.time_off import today_of
from critique.accounts.queries import absences_of
from critique.accounts.views.blueprint import blueprint, page, shown_again
from critique.plumbing.calendar import spoken_days
from critique.plumbing.errors import Invalid
from critique.plumbing.hours import WEEKDAY_NAMES, format_span
from critique.plumbing.public_holidays import countries, parts_of, place_named
from critique.web.forms import read


@blueprint.get("/profile/time-off")
@signed_in
def time_off() -> ResponseReturnValue:
    """What is off, and what that leaves; `?country=` offers that country's parts."""
    person = asker()
    typed = _typed(person)
    country = request.args.get("country", typed["country"])
    if country != typed["country"]:
        typed |= {"country": country, "part": ""}
    return page("time_off", **_shown(person, country), typed=typed)


@blueprint.post("/profile/holidays")
@signed_in
def update_holidays() -> ResponseReturnValue:
    """Choose whose public holidays are days off."""
    try:
        form = read(HolidaysForm)
        person = operations.set_holidays(by=asker(), code=form.code)
    except Invalid as error:
        # On the page the code is chosen in two parts, and the first of them is at fault.
        fields = {
            "country" if name == "holidays" else name: error.fields[name] for name in error.fields
        }
        return _again(Invalid(error.sentence, fields=fields))
    code = person.working_hours.holidays
    return _back(
        f"Public holidays of {place_named(code)} are days off for you now."
        if code
        else "Public holidays count as any other day for you now."
    )


@blueprint.post("/profile/absences")
@signed_in
def create_absence() -> ResponseReturnValue:
    """Enter days out of office."""
    person = asker()
    try:
        form = read(AbsenceForm)
        absence = operations.add_absence(
            by=person,
            person=person,
            first_day=form.first_day,
            last_day=form.last_day,
            words=form.words,
        )
    except Invalid as error:
        return _again(error)
    return _back(f"You are out of office: {_days(absence, person)}.")


@blueprint.post("/profile/absences/<int:absence_id>")
@signed_in
def update_absence(absence_id: int) -> ResponseReturnValue:
    """Move an absence, or say other words about it."""
    person = asker()
    absence = absence_for(person, absence_id)
    try:
        form = read(AbsenceForm)
        operations.change_absence(
            by=person,
            absence=absence,
            first_day=form.first_day,
            last_day=form.last_day,
            words=form.words,
        )
    except Invalid as error:
        return _again(error, changing=absence_id)
    return _back(f"You are out of office: {_days(absence, person)}.")


@blueprint.post("/profile/absences/<int:absence_id>/end")
@signed_in
def end_absence(absence_id: int) -> ResponseReturnValue:
    """Be back today, or call it off."""
    person = asker()
    absence = absence_for(person, absence_id)
    begun = absence.first_day < today_of(person)
    operations.end_absence(by=person, absence=absence)
    return _back("Welcome back: today counts again." if begun else "That time off is called off.")


@blueprint.post("/profile/deep-work")
@signed_in
def update_deep_work() -> ResponseReturnValue:
    """Say when in the week nobody should interrupt."""
    try:
        operations.set_deep_work(by=asker(), blocks=read(DeepWorkForm).blocks())
    except Invalid as error:
        return _again(error)
    return _back("Your deep-work blocks are saved.")


def _back(words: str) -> ResponseReturnValue:
    flash(words, "done")
    return redirect(url_for("accounts.time_off"), 303)


def _again(error: Invalid, changing: int | None = None) -> ResponseReturnValue:
    person = asker()
    stored = _typed(person)
    given = {name: text for name, text in request.form.items() if name in FIELDS}
    shown = _shown(person, given.get("country", stored["country"]))
    shown |= {"typed": stored | given, "changing": changing}
    return shown_again("time_off", error, **shown)


FIELDS = {name for form in (HolidaysForm, AbsenceForm, DeepWorkForm) for name in form.model_fields}


def _days(absence: Absence, person: Person) -> str:
    return spoken_days(absence.first_day, absence.last_day, today_of(person))


def _typed(person: Person) -> dict[str, Any]:
    hours = person.working_hours
    country, _, part = hours.holidays.partition("-")
    blocks = {
        f"deep_work_{day}": ", ".join(format_span(span) for span in hours.deep_work.get(day, ()))
        for day in range(7)
    }
    return {"country": country, "part": part, **blocks}


def _shown(person: Person, country: str) -> dict[str, Any]:
    hours, today = person.working_hours, today_of(person)
    nobodys = [("", "None: every day of my week counts")]
    parts = list(parts_of(country).items())
    return {
        "person": person,
        "today": today,
        "days": WEEKDAY_NAMES,
        "ahead": fortnight(hours, today),
        "countries": nobodys + list(countries().items()),
        "parts": [("", "All of it, no part in particular"), *parts] if parts else [],
        "holidays_of": place_named(hours.holidays),
        "holidays": holidays_ahead(hours, today),
        "absences": [(row, _days(row, person)) for row in absences_of(person, today)],
        "changing": None,
    }
