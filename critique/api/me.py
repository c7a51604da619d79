"""The caller's own profile, calendar and days out of office."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from flask import Response
from pydantic import AfterValidator, BaseModel, Field, RootModel

from critique.accounts import operations
from critique.accounts.access import absence_for
from critique.accounts.forms import AbsenceForm, Level, Name, Words, Zone
from critique.accounts.login import asker
from critique.accounts.models import Absence, Person
from critique.accounts.operations.time_off import today_of
from critique.accounts.queries import absences_of
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.plumbing.hours import WorkingHours, week_from_json
from critique.plumbing.public_holidays import code_named, next_holidays
from critique.web.forms import Form

HOLIDAYS_SHOWN = 5

WeekShape = dict[str, list[str]]


def _week(week: WeekShape) -> WeekShape:
    WorkingHours("UTC", week_from_json(week))
    return week


class HolidayShape(BaseModel):
    """One public holiday, on the caller's own calendar day."""

    day: date
    name: str


class MeShape(BaseModel):
    """Who the token acts for. Weeks are hours by weekday, "0" is Monday: {"0": ["09:00-17:00"]}.

    `holidays` is a country or a part of one (DE, DE-BE), "" for none.
    """

    id: int
    name: str
    email: str
    zone: str
    level: str
    skills: list[str]
    hours: WeekShape
    deep_work: WeekShape
    holidays: str
    next_holidays: list[HolidayShape]
    away_until: date | None

    @classmethod
    def of(cls, person: Person) -> MeShape:
        """From a record."""
        hours, today = person.working_hours, today_of(person)
        stated = hours.to_json()
        return cls(
            id=person.id,
            name=person.name,
            email=person.email,
            zone=person.zone,
            level=person.level,
            skills=person.skill_names,
            hours=stated["days"],
            deep_work=stated.get("deep_work", {}),
            holidays=hours.holidays,
            next_holidays=[
                HolidayShape(day=day, name=name)
                for day, name in next_holidays(hours.holidays, today, HOLIDAYS_SHOWN)
            ],
            away_until=hours.away_until(today),
        )


class MeChange(Form):
    """Changes to one's own profile; what is not given stays."""

    name: Name | None = None
    zone: Zone | None = None
    level: Level | None = None
    skills: list[str] | None = None
    hours: Annotated[WeekShape, AfterValidator(_week)] | None = None
    deep_work: Annotated[WeekShape, AfterValidator(_week)] | None = None
    holidays: Annotated[str, Field(max_length=20), AfterValidator(code_named)] | None = None


class NewAbsence(AbsenceForm):
    """Days out of office, both included, on the caller's own calendar; words for the team."""


class AbsenceChange(Form):
    """Changes to an absence; what is not given stays."""

    first_day: date | None = None
    last_day: date | None = None
    words: Words | None = None


class AbsenceShape(BaseModel):
    """Days out of office, both included."""

    id: int
    first_day: date
    last_day: date
    words: str

    @classmethod
    def of(cls, absence: Absence) -> AbsenceShape:
        """From a record."""
        return cls(
            id=absence.id,
            first_day=absence.first_day,
            last_day=absence.last_day,
            words=absence.words,
        )


class AbsenceList(RootModel[list[AbsenceShape]]):
    """The caller's absences that are not over, by their first day."""


@blueprint.get("/me")
@documented(answers=MeShape)
def show_me() -> Response:
    """Show who the token acts for, and their calendar."""
    return answer(MeShape.of(asker()))


@blueprint.patch("/me")
@documented(takes=MeChange, answers=MeShape)
def change_me() -> Response:
    """Change one's own profile, hours, holidays or deep-work blocks."""
    person, form = asker(), taken(MeChange)
    zone = form.zone or person.zone
    days = week_from_json(form.hours) if form.hours is not None else person.working_hours.days
    operations.change_profile(
        by=person,
        name=form.name or person.name,
        zone=zone,
        level=form.level or person.level,
        hours=WorkingHours(zone, days),
        skills=person.skill_names if form.skills is None else form.skills,
    )
    if form.holidays is not None:
        operations.set_holidays(by=person, code=form.holidays)
    if form.deep_work is not None:
        operations.set_deep_work(by=person, blocks=week_from_json(form.deep_work))
    return answer(MeShape.of(person))


@blueprint.get("/me/absences")
@documented(answers=AbsenceList)
def list_absences() -> Response:
    """List one's own absences that are not over."""
    person = asker()
    rows = absences_of(person, today_of(person))
    return answer(AbsenceList([AbsenceShape.of(absence) for absence in rows]))


@blueprint.post("/me/absences")
@documented(takes=NewAbsence, answers=AbsenceShape, status=201)
def create_absence() -> Response:
    """Take days off: whole days on one's own calendar, not those of another absence."""
    person, form = asker(), taken(NewAbsence)
    absence = operations.add_absence(
        by=person,
        person=person,
        first_day=form.first_day,
        last_day=form.last_day,
        words=form.words,
    )
    return answer(AbsenceShape.of(absence), 201)


@blueprint.patch("/me/absences/<int:absence_id>")
@documented(takes=AbsenceChange, answers=AbsenceShape)
def change_absence(absence_id: int) -> Response:
    """Move one of one's own absences, or say other words about it."""
    person = asker()
    absence, form = absence_for(person, absence_id), taken(AbsenceChange)
    operations.change_absence(
        by=person,
        absence=absence,
        first_day=form.first_day or absence.first_day,
        last_day=form.last_day or absence.last_day,
        words=absence.words if form.words is None else form.words,
    )
    return answer(AbsenceShape.of(absence))


@blueprint.delete("/me/absences/<int:absence_id>")
@documented(status=204)
def delete_absence(absence_id: int) -> Response:
    """Be back today, or call it off when it has not begun; 409 when it is over already."""
    person = asker()
    operations.end_absence(by=person, absence=absence_for(person, absence_id))
    return Response(status=204)
