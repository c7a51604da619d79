"""One's own page."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.calendar import week_of
from critique.plumbing.db import db

PROFILE = {
    "name": "Maya",
    "zone": "America/Chicago",
    "level": "junior",
    "skills": "Icons, type",
    "hours_0": "09:00-12:00, 13:00-17:30",
    "hours_2": "10:00-14:00",
}


def person(app, person_id):
    with app.app_context():
        found = db.session.get_one(Person, person_id)
        assert found.skill_names is not None
        db.session.expunge(found)
        return found


def test_the_profile_is_saved_and_shown_again(app, client_of, cast):
    maya = client_of(cast.maya)
    assert maya.post("/profile", data=PROFILE).status_code == 303
    saved = person(app, cast.maya)
    assert saved.skill_names == ["icons", "type"]
    assert dict(saved.working_hours.days) == {0: ((540, 720), (780, 1050)), 2: ((600, 840),)}
    page = maya.get("/profile").text
    assert 'value="09:00-12:00, 13:00-17:30"' in page
    assert 'value="icons, type"' in page
    assert '<option value="America/Chicago" selected>' in page


def test_hours_follow_the_person_to_another_zone(app, client_of, cast):
    client_of(cast.maya).post("/profile", data={**PROFILE, "zone": "Asia/Singapore"})
    assert person(app, cast.maya).working_hours.zone == "Asia/Singapore"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("hours_0", "9 to 5", "Monday: Write hours as 09:00-17:30"),
        ("hours_1", "09:00-12:00, 11:00-13:00", "overlap"),
        ("hours_6", "22:00-02:00", "run over midnight"),
        ("zone", "../../etc/passwd", "There is no time zone"),
        ("zone", "Mars/Base", "There is no time zone"),
        ("level", "wizard", "Choose one of"),
        ("name", "", "A name is needed."),
        ("name", "Maya\r\nBcc: x@example.com", "one line"),
        ("skills", "x" * 61, "A skill has at most"),
    ],
)
def test_what_cannot_be_used_is_named_and_kept(app, client_of, cast, field, value, sentence):
    answer = client_of(cast.maya).post("/profile", data={**PROFILE, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text
    assert 'value="Icons, type"' in answer.text or field == "skills"
    assert person(app, cast.maya).skill_names == []


def test_a_hostile_name_stays_text(client_of, cast):
    maya = client_of(cast.maya)
    maya.post("/profile", data={**PROFILE, "name": "<script>alert(1)</script>"})
    for path in ("/profile", "/team"):
        assert "<script>alert(1)" not in maya.get(path).text


def test_coffee_is_in_by_default_and_can_be_left_skipped_and_snoozed(app, client_of, cast):
    maya = client_of(cast.maya)
    assert person(app, cast.maya).coffee_in
    assert maya.post("/profile/coffee", data={"snoozed_until": "2027-01-11"}).status_code == 303
    away = person(app, cast.maya)
    assert (away.coffee_in, away.coffee_snoozed_until) == (False, date(2027, 1, 11))
    maya.post("/profile/coffee", data={"coffee_in": "1", "snoozed_until": ""})
    back = person(app, cast.maya)
    assert (back.coffee_in, back.coffee_snoozed_until) == (True, None)
    this_week = week_of(clock.now(), "America/Chicago")
    maya.post("/profile/coffee/skip", data={"skip": "1"})
    assert person(app, cast.maya).coffee_skipped_week == this_week
    assert "You sit this week out." in maya.get("/profile").text
    maya.post("/profile/coffee/skip", data={"skip": "0"})
    assert person(app, cast.maya).coffee_skipped_week is None
    with app.app_context():
        verbs = db.session.scalars(sa.select(Event.verb).order_by(Event.id)).all()
    assert verbs == [
        "coffee.changed", "coffee.changed", "coffee.week_skipped", "coffee.week_kept",
    ]  # fmt: skip


def test_a_wrong_date_is_named(client_of, cast):
    answer = client_of(cast.maya).post("/profile/coffee", data={"snoozed_until": "soon"})
    assert answer.status_code == 422
    assert 'href="#snoozed_until"' in answer.text


def test_the_log_knows_what_changed_but_not_the_words(app, client_of, cast):
    client_of(cast.maya).post("/profile", data=PROFILE)
    client_of(cast.maya).post("/profile", data=PROFILE)
    with app.app_context():
        [event] = db.session.scalars(sa.select(Event))
        assert event.details == {"changed": ["hours", "skills"]}
        assert event.before != event.after


@pytest.mark.parametrize(
    "path", ["/profile", "/profile/coffee", "/profile/password", "/team/choice"]
)
def test_a_guest_changes_nothing(client_of, cast, path):
    assert client_of(None).post(path, data={}).status_code in (400, 401)
