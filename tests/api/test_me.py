"""One's own profile and days out of office, as programs change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts.models import Absence
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot
from tests.conftest import load_person

ME, ABSENCES = "/api/v1/me", "/api/v1/me/absences"


@pytest.fixture(autouse=True)
def noon():
    """The same date everywhere the cast lives."""
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False):
        yield


def day(ahead: int) -> str:
    return str(clock.now().date() + timedelta(days=ahead))


def test_a_program_reads_and_changes_its_persons_calendar(app, cast, oliver):
    me = oliver.get(ME).json
    assert (me["name"], me["zone"], me["holidays"]) == ("Oliver", "Europe/London", "")
    assert me["hours"]["0"] == ["09:00-17:00"]
    assert (me["deep_work"], me["next_holidays"], me["away_until"]) == ({}, [], None)
    changed = oliver.patch(
        ME,
        json={
            "holidays": "de-be",
            "hours": {"0": ["10:00-12:00", "13:00-16:00"]},
            "deep_work": {"0": ["10:00-11:00"]},
        },
    )
    assert changed.status_code == 200
    me = oliver.get(ME).json
    assert changed.json == me
    assert (me["holidays"], len(me["next_holidays"])) == ("DE-BE", 5)
    assert me["hours"] == {"0": ["10:00-12:00", "13:00-16:00"]}
    assert me["skills"] == ["checkout", "typography"]
    with app.app_context(), snapshot():
        hours = load_person(cast.oliver).working_hours
        assert dict(hours.reachable.days) == {0: ((660, 720), (780, 960))}
    assert oliver.patch(ME, json={"skills": [], "holidays": ""}).json["skills"] == []
    assert oliver.get(ME).json["holidays"] == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holidays": "QQ"}, "holidays"),
        ({"hours": {"7": ["09:00-10:00"]}}, "hours"),
        ({"hours": {"0": ["nine"]}}, "hours"),
        ({"deep_work": {"6": ["09:00-10:00"]}}, "deep_work_6"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"skills": ["x" * 61]}, "skills"),
    ],
)
def test_what_cannot_be_used_changes_nothing(oliver, change, field):
    before = oliver.get(ME).json
    refused = oliver.patch(ME, json={"name": "Somebody", **change})
    assert refused.status_code == 422
    assert list(refused.json["fields"]) == [field]
    assert oliver.get(ME).json == before


def test_days_are_taken_off_moved_and_given_back(app, cast, oliver, maya):
    made = oliver.post(ABSENCES, json={"first_day": day(5), "last_day": day(9), "words": "Skiing"})
    assert made.status_code == 201
    assert oliver.get(ABSENCES).json == [made.json]
    one = f"{ABSENCES}/{made.json['id']}"
    moved = oliver.patch(one, json={"first_day": day(0)})
    assert (moved.json["first_day"], moved.json["words"]) == (day(0), "Skiing")
    assert oliver.get(ME).json["away_until"] == day(9)
    assert maya.get(ABSENCES).json == []
    for stranger in (maya.patch(one, json={}), maya.delete(one)):
        assert stranger.status_code == 404
    twice = oliver.post(ABSENCES, json={"first_day": day(9), "last_day": day(9)})
    assert (twice.status_code, list(twice.json["fields"])) == (422, ["first_day"])
    assert oliver.delete(one).status_code == 204
    assert oliver.get(ABSENCES).json == []
    assert oliver.get(ME).json["away_until"] is None
    with app.app_context(), snapshot():
        assert db.session.scalars(sa.select(Absence)).all() == []


def test_coming_back_keeps_the_days_that_are_over(app, oliver):
    made = oliver.post(ABSENCES, json={"first_day": day(-5), "last_day": day(3)}).json
    one = f"{ABSENCES}/{made['id']}"
    assert oliver.delete(one).status_code == 204
    assert oliver.delete(one).status_code == 409
    with app.app_context(), snapshot():
        assert str(db.session.scalars(sa.select(Absence.last_day)).one()) == day(-1)
