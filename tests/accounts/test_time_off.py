"""Time off: holidays, days out of office and deep work, as one's own page and the team see them."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts.models import Absence, Membership, Person
from critique.accounts.operations import add_absence
from critique.events.models import Event
from critique.events.record import first_broken_event
from critique.plumbing import clock
from critique.plumbing.calendar import is_inside, working_minutes
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from tests.conftest import load_person

# A Wednesday morning in London, still the night before in Chicago.
NOW = datetime(2026, 12, 16, 9, 30, tzinfo=UTC)
SKIING = {"first_day": "2026-12-18", "last_day": "2026-12-23", "words": "Skiing"}


@pytest.fixture
def clock_at():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller.move_to


@pytest.fixture
def oliver(client_of, cast, clock_at):
    return client_of(cast.oliver)


def calendar(app, person_id: int):
    with app.app_context(), snapshot():
        return load_person(person_id).working_hours


def rows(app) -> list[tuple[date, date, str]]:
    with app.app_context(), snapshot():
        found = db.session.scalars(sa.select(Absence).order_by(Absence.first_day)).all()
        return [(row.first_day, row.last_day, row.words) for row in found]


def the_id(app) -> int:
    with app.app_context(), snapshot():
        return db.session.scalars(sa.select(Absence.id)).one()


def test_holidays_of_a_country_are_days_off_and_the_next_ones_are_shown(app, cast, oliver):
    assert "None: every day of my week counts" in oliver.get("/profile/time-off").text
    answer = oliver.post("/profile/holidays", data={"country": "GB", "part": "ENG"})
    assert answer.status_code == 303
    hours = calendar(app, cast.oliver)
    assert hours.holidays == "GB-ENG"
    assert not is_inside(hours, datetime(2026, 12, 25, 12, tzinfo=UTC))
    page = oliver.get("/profile/time-off").text
    assert "Next in United Kingdom, England, on days you work" in page
    assert "<dt>Fri 25 Dec</dt><dd>Christmas Day</dd>" in page
    assert "United Kingdom, England; next Christmas Day, Fri 25 Dec" in oliver.get("/profile").text
    oliver.post("/profile/holidays", data={"country": "", "part": "ENG"})
    assert calendar(app, cast.oliver).holidays == ""


def test_a_country_offers_its_parts_and_one_of_another_country_is_left_out(app, cast, oliver):
    page = oliver.get("/profile/time-off?country=DE").text
    assert '<option value="BE">Berlin</option>' in page
    assert '<option value="DE" selected>Germany</option>' in page
    assert 'name="part"' not in oliver.get("/profile/time-off?country=SG").text
    assert 'name="part"' not in oliver.get("/profile/time-off?country=nowhere").text
    oliver.post("/profile/holidays", data={"country": "DE", "part": "ENG"})
    assert calendar(app, cast.oliver).holidays == "DE"
    refused = oliver.post("/profile/holidays", data={"country": "QQ"})
    assert refused.status_code == 422
    assert "No holidays are known for" in refused.text
    assert calendar(app, cast.oliver).holidays == "DE"


def test_days_out_of_office_do_not_count_until_one_is_back(app, cast, oliver, client_of, clock_at):
    before = calendar(app, cast.oliver)
    week = (NOW, NOW + timedelta(days=9))
    assert oliver.post("/profile/absences", data=SKIING).status_code == 303
    assert rows(app) == [(date(2026, 12, 18), date(2026, 12, 23), "Skiing")]
    after = calendar(app, cast.oliver)
    assert working_minutes(before, *week) - working_minutes(after, *week) == 4 * 8 * 60
    page = oliver.get("/profile/time-off").text
    assert "Fri 18 Dec to Wed 23 Dec" in page
    assert "Call it off" in page
    clock_at(datetime(2026, 12, 21, 8, tzinfo=UTC))
    oliver = client_of(cast.oliver)
    page = oliver.get("/profile/time-off").text
    assert "I am back" in page
    answer = oliver.post(f"/profile/absences/{the_id(app)}/end", follow_redirects=True)
    assert "Welcome back: today counts again." in answer.text
    assert rows(app) == [(date(2026, 12, 18), date(2026, 12, 20), "Skiing")]
    assert is_inside(calendar(app, cast.oliver), datetime(2026, 12, 21, 10, tzinfo=UTC))
    assert "Fri 18 Dec" not in oliver.get("/profile/time-off").text
    again = oliver.post(f"/profile/absences/{the_id(app)}/end")
    assert again.status_code == 409
    assert "over already" in again.text


def test_what_has_not_begun_is_called_off_without_a_trace_in_the_calendar(app, cast, oliver):
    oliver.post("/profile/absences", data=SKIING)
    oliver.post(f"/profile/absences/{the_id(app)}/end")
    assert rows(app) == []
    assert calendar(app, cast.oliver).away == ()
    with app.app_context(), snapshot():
        verbs = db.session.scalars(sa.select(Event.verb).order_by(Event.id)).all()
        assert verbs == ["absence.added", "absence.ended"]
        assert "Skiing" not in str([e.details for e in db.session.scalars(sa.select(Event))])
        assert first_broken_event() is None


def test_an_absence_is_moved_and_the_calendar_goes_along(app, cast, oliver):
    oliver.post("/profile/absences", data=SKIING)
    moved = {"first_day": "2026-12-28", "last_day": "2026-12-29", "words": ""}
    assert oliver.post(f"/profile/absences/{the_id(app)}", data=moved).status_code == 303
    assert rows(app) == [(date(2026, 12, 28), date(2026, 12, 29), "")]
    assert calendar(app, cast.oliver).away == ((date(2026, 12, 28), date(2026, 12, 29)),)
    wrong = oliver.post(
        f"/profile/absences/{the_id(app)}", data={**moved, "last_day": "2026-12-01"}
    )
    assert wrong.status_code == 422
    assert "The last day cannot come before the first." in wrong.text
    assert '<details class="absences__change" open>' in wrong.text
    assert 'value="2026-12-01"' in wrong.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"last_day": "2026-12-17"}, "The last day cannot come before the first."),
        ({"first_day": ""}, "This is needed."),
        ({"first_day": "soon"}, "Write a day such as 2026-12-21."),
        ({"first_day": "2020-01-01"}, "from a year ago to three years from now"),
        ({"last_day": "9999-12-31"}, "from a year ago to three years from now"),
        ({"words": "x" * 121}, "At most 120 characters."),
        ({"words": "a\nb"}, "Keep to one line"),
    ],
)
def test_days_that_make_no_sense_are_named_and_kept(app, cast, oliver, change, sentence):
    answer = oliver.post("/profile/absences", data={**SKIING, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(app) == []
    assert calendar(app, cast.oliver).away == ()
    if "words" not in change:
        assert 'value="Skiing"' in answer.text


def test_the_same_days_are_not_taken_off_twice(app, oliver):
    oliver.post("/profile/absences", data=SKIING)
    again = oliver.post(
        "/profile/absences", data={"first_day": "2026-12-23", "last_day": "2026-12-24"}
    )
    assert again.status_code == 422
    assert "Fri 18 Dec to Wed 23 Dec is taken off already" in again.text
    after = {"first_day": "2026-12-24", "last_day": "2026-12-24"}
    assert oliver.post("/profile/absences", data=after).status_code == 303
    assert len(rows(app)) == 2


def test_deep_work_is_worked_but_not_to_be_interrupted(app, cast, oliver):
    blocks = {"deep_work_0": "09:00-11:00", "deep_work_2": "08:00-10:00, 14:00-15:00"}
    assert oliver.post("/profile/deep-work", data=blocks).status_code == 303
    hours = calendar(app, cast.oliver)
    monday = datetime(2026, 12, 21, 10, tzinfo=UTC)
    assert is_inside(hours, monday)
    assert not is_inside(hours.reachable, monday)
    assert 'value="08:00-10:00, 14:00-15:00"' in oliver.get("/profile/time-off").text
    assert "Mon 09:00-11:00" in oliver.get("/profile").text
    wrong = {**blocks, "deep_work_1": "18:00-19:00", "deep_work_5": "09:00-10:00"}
    refused = oliver.post("/profile/deep-work", data=wrong)
    assert refused.status_code == 422
    assert "Tuesday: 18:00-19:00 lies outside your hours." in refused.text
    assert 'href="#deep_work_5"' in refused.text
    assert calendar(app, cast.oliver) == hours


def test_changing_hours_or_zone_keeps_the_time_off(app, cast, oliver):
    oliver.post("/profile/holidays", data={"country": "GB", "part": "SCT"})
    oliver.post("/profile/absences", data=SKIING)
    oliver.post("/profile/deep-work", data={"deep_work_0": "09:00-11:00"})
    profile = {"name": "Oliver", "zone": "Asia/Tokyo", "level": "mid", "hours_0": "10:00-12:00"}
    assert oliver.post("/profile", data=profile).status_code == 303
    hours = calendar(app, cast.oliver)
    assert (hours.zone, dict(hours.days)) == ("Asia/Tokyo", {0: ((600, 720),)})
    assert hours.holidays == "GB-SCT"
    assert hours.away == ((date(2026, 12, 18), date(2026, 12, 23)),)
    assert dict(hours.reachable.days) == {0: ((660, 720),)}


def test_the_team_sees_who_is_away_until_when_and_only_the_words_meant_for_it(
    client_of, cast, oliver, clock_at
):
    oliver.post("/profile/absences", data=SKIING)
    client_of(cast.wei).post(
        "/profile/absences", data={"first_day": "2026-12-16", "last_day": "2027-01-01"}
    )
    page = client_of(cast.maya).get("/team").text
    assert "away Fri 18 Dec to Wed 23 Dec: Skiing" in page
    assert "away until Fri 1 Jan 2027 ·" in page or "away until Fri 1 Jan 2027</p>" in page
    assert page.count(">Away</span>") == 1
    clock_at(datetime(2026, 12, 22, 12, tzinfo=UTC))
    assert "away until Wed 23 Dec: Skiing" in client_of(cast.maya).get("/team").text
    clock_at(datetime(2026, 12, 24, 12, tzinfo=UTC))
    assert "Skiing" not in client_of(cast.maya).get("/team").text


def test_the_team_page_says_deep_work_and_holidays(client_of, cast, oliver, clock_at):
    oliver.post("/profile/deep-work", data={"deep_work_2": "09:00-10:00"})
    oliver.post("/profile/holidays", data={"country": "GB", "part": "ENG"})
    assert "09:30 in London, in deep work" in client_of(cast.maya).get("/team").text
    clock_at(datetime(2026, 12, 16, 10, 0, tzinfo=UTC))
    assert "10:00 in London, at work" in client_of(cast.maya).get("/team").text
    clock_at(datetime(2026, 12, 25, 10, 0, tzinfo=UTC))
    assert "10:00 in London, off, Christmas Day" in client_of(cast.maya).get("/team").text


def test_today_is_ones_own_today(app, client_of, cast, clock_at):
    """Half past three at night in London is the evening before in Chicago."""
    clock_at(datetime(2026, 12, 17, 3, 30, tzinfo=UTC))
    maya = client_of(cast.maya)
    maya.post("/profile/absences", data={"first_day": "2026-12-15", "last_day": "2026-12-16"})
    assert "Tue 15 Dec to Wed 16 Dec" in maya.get("/profile/time-off").text
    maya.post(f"/profile/absences/{the_id(app)}/end")
    assert rows(app) == [(date(2026, 12, 15), date(2026, 12, 15), "")]


def test_fifty_calendars_cost_no_query_but_the_one_that_loads_the_people(app, cast, clock_at):
    with app.app_context():
        with transaction():
            for number in range(50):
                one = Person(name=f"P{number}", email=f"p{number}@x.y", created_at=clock.now())
                db.session.add(one)
                db.session.flush()
                db.session.add(
                    Membership(
                        team_id=cast.team, person_id=one.id, role="mentor", joined_at=clock.now()
                    )
                )
                day = date(2026, 12, 17) + timedelta(days=number)
                add_absence(by=None, person=one, first_day=day, last_day=day)
        asked: list[str] = []
        with snapshot():
            people = db.session.scalars(sa.select(Person).where(Person.name.like("P%"))).all()
            sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
            days = [person.working_hours.away for person in people]
        assert len(set(days)) == 50
        assert asked == []


def test_two_absences_at_once_both_enter_the_calendar(app, cast):
    today = clock.now().date()
    gate = threading.Barrier(2)

    def add(ahead: int) -> None:
        day = today + timedelta(days=ahead)
        with app.app_context():
            gate.wait(timeout=60)
            with transaction():
                person = load_person(cast.oliver)
                add_absence(by=person, person=person, first_day=day, last_day=day)

    threads = [threading.Thread(target=add, args=(ahead,)) for ahead in (10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(rows(app)) == 2
    assert [first for first, _ in calendar(app, cast.oliver).away] == [
        today + timedelta(days=ahead) for ahead in (10, 20)
    ]
