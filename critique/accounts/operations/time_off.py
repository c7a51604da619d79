"""Time off: public holidays, days out of office, and deep-work blocks of one's own week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from critique.accounts.models import Absence, Person
from critique.accounts.operations.people import person_state, put_calendar, record_person, spelled
from critique.accounts.spelling import short_words
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.calendar import local_day, spoken_days
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.hours import WEEKDAY_NAMES, Week, format_span
from critique.plumbing.public_holidays import code_named

# How far from today days may be entered; figures look back no further than the calendar does.
LONGEST_AHEAD = timedelta(days=1096)
LONGEST_BACK = timedelta(days=366)


def set_holidays(*, by: Person, code: str) -> Person:
    """Take the public holidays of a country ("DE") or a part of it ("DE-BE") off; "" for none.

    Raises Invalid for a place whose holidays nobody knows.
    """
    code = spelled("holidays", code, code_named)
    return _with(by, holidays=code)


def set_deep_work(*, by: Person, blocks: Week) -> Person:
    """Say when in the week one works but is not to be interrupted; spans by weekday, as hours are.

    Raises Invalid naming each day (`deep_work_0` is Monday) with a block outside of the hours.
    """
    hours = by.working_hours
    wrong = {
        f"deep_work_{day}": f"{WEEKDAY_NAMES[day]}: {format_span(block)} lies outside your hours."
        for day, spans in blocks.items()
        for block in spans
        if not any(max(block[0], a) < min(block[1], b) for a, b in hours.days.get(day, ()))
    }
    if wrong:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the marked days.",
            fields=wrong,
        )
    return _with(by, deep_work=blocks)


def add_absence(
    *, by: Person | None, person: Person, first_day: date, last_day: date, words: str = ""
) -> Absence:
    """Have the person out of office from the first to the last of these local days.

    `by` None is whoever runs Critique. `words` are shown to one's teams. Raises Invalid for days
    that make no sense, and for those of another absence.
    """
    absence = Absence(person_id=person.id, added_at=clock.now())
    _write(absence, person, first_day, last_day, words)
    db.session.add(absence)
    _settle("absence.added", by, person, absence)
    return absence


def change_absence(
    *, by: Person, absence: Absence, first_day: date, last_day: date, words: str
) -> Absence:
    """Move one's absence, or say other words about it. Raises Invalid as `add_absence` does."""
    before = _state(absence)
    _write(absence, by, first_day, last_day, words)
    if _state(absence) != before:
        _settle("absence.changed", by, by, absence, before)
    return absence


def end_absence(*, by: Person, absence: Absence) -> None:
    """Be back today: the absence ends yesterday, and one that had not begun is called off.

    Raises Conflict when it was over already.
    """
    _hold(by)
    today = today_of(by)
    if absence.last_day < today:
        raise Conflict("That time off is over already. Nothing was changed.", code="over")
    before = _state(absence)
    if absence.first_day < today:
        absence.last_day = today - timedelta(days=1)
    else:
        db.session.delete(absence)
    _settle("absence.ended", by, by, absence, before)


def today_of(person: Person) -> date:
    """The date it is where the person is."""
    return local_day(person.zone, clock.now())


def _with(by: Person, **changes: Any) -> Person:
    _hold(by)
    before = person_state(by)
    put_calendar(by, replace(by.working_hours, **changes))
    record_person("person.changed", by, by, before)
    return by


def _hold(by: Person) -> None:
    """Lock the person: two changes at once would each write a calendar without the other's."""
    db.session.refresh(by, with_for_update=True)


def _write(absence: Absence, person: Person, first_day: date, last_day: date, words: str) -> None:
    _hold(person)
    words = spelled("words", words, short_words)
    today = today_of(person)
    if last_day < first_day:
        raise _refused("last_day", "The last day cannot come before the first.")
    if first_day < today - LONGEST_BACK or last_day > today + LONGEST_AHEAD:
        raise _refused("first_day", "Choose days from a year ago to three years from now.")
    other = db.session.scalar(
        sa.select(Absence).where(
            Absence.person_id == person.id,
            Absence.first_day <= last_day,
            Absence.last_day >= first_day,
            Absence.id.is_distinct_from(absence.id),
        )
    )
    if other is not None:
        days = spoken_days(other.first_day, other.last_day, today)
        raise _refused("first_day", f"{days} is taken off already: change that instead.")
    absence.first_day, absence.last_day, absence.words = first_day, last_day, words


def _refused(field: str, sentence: str) -> Invalid:
    return Invalid(
        "Nothing was saved yet and what you typed is kept. Look at the days.",
        fields={field: sentence},
    )


def _settle(
    verb: str, by: Person | None, person: Person, absence: Absence, before: object = None
) -> None:
    """Bring the calendar up to the rows and record what happened."""
    db.session.flush()
    gone = sa.inspect(absence).was_deleted
    rows = db.session.execute(
        sa.select(Absence.first_day, Absence.last_day).where(
            Absence.person_id == person.id, Absence.last_day >= today_of(person) - LONGEST_BACK
        )
    )
    away = tuple((first, last) for first, last in rows)
    put_calendar(person, replace(person.working_hours, away=away))
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="absence",
        subject_id=absence.id,
        before=before,
        after=None if gone else _state(absence),
        details={
            "person": person.id,
            "first_day": absence.first_day.isoformat(),
            "last_day": absence.last_day.isoformat(),
        },
    )


def _state(absence: Absence) -> list[str]:
    return [absence.first_day.isoformat(), absence.last_day.isoformat(), absence.words]
