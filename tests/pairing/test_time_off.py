"""The draw around holidays, days out of office and deep work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.operations import (
    add_absence,
    change_absence,
    set_deep_work,
    set_holidays,
)
from critique.pairing.models import LeftOut, Meeting
from critique.plumbing.calendar import is_inside, local_day
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from tests.pairing.conftest import WEEK, draw_and_tell, person_named, received, tables


def off(name: str, first: str, last: str):
    person = person_named(name)
    return add_absence(
        by=person,
        person=person,
        first_day=date.fromisoformat(first),
        last_day=date.fromisoformat(last),
    )


def test_nobody_is_drawn_into_a_day_they_are_away(app, cast, clock_at):
    with app.app_context():
        with transaction():
            off("Oliver", "2026-11-23", "2026-11-25")
            off("Oliver", "2026-11-27", "2026-11-27")
        draw_and_tell(cast.team, WEEK)
        found = [meeting for names, meeting in tables().items() if "Oliver" in names]
        assert [local_day("Europe/London", m.starts_at) for m in found] == [date(2026, 11, 26)]


def test_who_is_off_all_week_is_not_in_the_draw_and_gets_no_letter(app, cast, clock_at, client_of):
    with app.app_context():
        with transaction():
            off("Oliver", "2026-11-21", "2026-11-29")
        draw_and_tell(cast.team, WEEK)
        assert all("Oliver" not in names for names in tables())
        assert "oliver@example.com" not in [letter.to for letter in received()]
        with snapshot():
            assert cast.oliver not in db.session.scalars(sa.select(LeftOut.person_id)).all()
    page = client_of(cast.oliver).get("/coffee").text
    assert "You are off all week, 23 to 29 Nov." in page


def test_a_week_of_holidays_is_a_week_off_and_one_day_of_them_a_day(app, cast, clock_at):
    with app.app_context():
        with transaction():
            set_holidays(by=person_named("Maya"), code="US-TX")
        # Thanksgiving is the 26th, and Texas keeps the 27th.
        draw_and_tell(cast.team, WEEK)
        (mayas,) = [meeting for names, meeting in tables().items() if "Maya" in names]
        day = local_day("America/Chicago", mayas.starts_at)
        assert date(2026, 11, 23) <= day <= date(2026, 11, 25)


def test_coffee_keeps_out_of_deep_work(app, cast, clock_at):
    blocks = dict.fromkeys(range(5), ((9 * 60, 15 * 60), (16 * 60, 17 * 60)))
    with app.app_context():
        with transaction():
            set_deep_work(by=person_named("Oliver"), blocks=blocks)
        draw_and_tell(cast.team, WEEK)
        (his,) = [meeting for names, meeting in tables().items() if "Oliver" in names]
        wall = his.starts_at.hour * 60 + his.starts_at.minute
        assert 15 * 60 <= wall <= 15 * 60 + 40
        with snapshot():
            assert is_inside(person_named("Oliver").working_hours, his.starts_at)


@pytest.fixture
def drawn(app, cast, clock_at) -> Meeting:
    """Oliver's table of this week."""
    with app.app_context():
        draw_and_tell(cast.team, WEEK)
        (found,) = [meeting for names, meeting in tables().items() if "Oliver" in names]
        return found


def test_going_away_after_the_draw_gives_the_seat_up_and_tells_the_others(app, cast, drawn):
    day = local_day("Europe/London", drawn.starts_at).isoformat()
    with app.app_context():
        letters = len(received())
        with transaction():
            off("Oliver", day, day)
        assert all("Oliver" not in names for names in tables())
        told = received()[letters:]
        assert "coffee-given_up" in [letter.kind for letter in told]
        with snapshot():
            seats = db.session.get_one(Meeting, drawn.id).seats
            assert {letter.to for letter in told} == {seat.person.email for seat in seats}


def test_going_away_on_another_day_keeps_the_coffee_until_it_is_moved_there(app, cast, drawn):
    day = local_day("Europe/London", drawn.starts_at)
    with app.app_context():
        with transaction():
            absence = off("Oliver", "2026-12-20", "2026-12-21")
        assert any("Oliver" in names for names in tables())
        with transaction():
            change_absence(
                by=person_named("Oliver"),
                absence=db.session.merge(absence),
                first_day=day,
                last_day=day + timedelta(days=1),
                words="",
            )
        assert all("Oliver" not in names for names in tables())


def test_what_has_begun_already_is_not_given_up(app, cast, drawn, clock_at):
    clock_at(drawn.starts_at + timedelta(minutes=5))
    day = local_day("Europe/London", drawn.starts_at).isoformat()
    with app.app_context():
        with transaction():
            off("Oliver", day, day)
        assert any("Oliver" in names for names in tables())
