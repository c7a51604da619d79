"""A meeting that no longer lies inside somebody's hours: said, with a better time, and moved."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.models import Person
from critique.accounts.operations import change_profile, end_membership
from critique.events.models import Event
from critique.pairing.models import Meeting
from critique.pairing.rounds import enqueue_due_rounds
from critique.plumbing import clock
from critique.plumbing.calendar import WorkingHours, is_inside
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from tests.pairing.conftest import WEEK, draw_and_tell, person_named, received, tables

AFTERNOONS = dict.fromkeys(range(5), ((14 * 60, 18 * 60),))


@pytest.fixture
def pair(app, cast, clock_at):
    """Oliver meets Ada, both in London, on Tuesday morning."""
    with app.app_context():
        with transaction():
            db.session.execute(
                sa.update(Person).values(coffee_in=Person.name.in_(["Ada", "Oliver"]))
            )
        draw_and_tell(cast.team, WEEK)
    return cast


def works(name: str, zone: str, days) -> None:
    with transaction():
        one = person_named(name)
        change_profile(
            by=one, name=one.name, zone=zone, level=one.level, hours=WorkingHours(zone, days),
            skills=one.skill_names,
        )  # fmt: skip


def meeting() -> Meeting:
    (found,) = tables().values()
    return found


def told() -> list:
    return [letter for letter in received() if letter.kind == "coffee-outside"]


@pytest.mark.parametrize(
    ("zone", "days"),
    [("Europe/London", AFTERNOONS), ("America/Chicago", dict.fromkeys(range(5), ((540, 1020),)))],
)
def test_new_hours_or_another_zone_bring_one_letter_with_a_better_time(
    app, pair, client_of, zone, days
):
    with app.app_context():
        works("Oliver", zone, days)
        works("Oliver", zone, {**days, 4: ((14 * 60, 17 * 60),)})
        (letter,) = told()
        assert letter.to == "oliver@example.com"
        assert letter.text.startswith("Your move: your coffee with Ada on Tuesday")
        assert "would suit all of you" in letter.text
        assert len(letter.text.split()) <= 150
        meeting_id = meeting().id
    client = client_of(pair.oliver)
    assert "This lies outside your hours now." in client.get("/coffee").text
    assert client.get("/api/v1/coffee").json["meetings"][0]["outside_hours"] is True
    page = client.get(f"/coffee/meetings/{meeting_id}/time", follow_redirects=True).text
    offered = page.partition('name="starts_at" value="')[2].partition('"')[0]
    moved = client.post(f"/meetings/{meeting_id}/time", data={"starts_at": offered})
    assert moved.status_code == 303
    assert "outside your hours" not in client.get("/coffee").text
    with app.app_context():
        found = meeting()
        assert found.sequence == 1
        for one in found.people:
            for minute in range(20):
                at = found.starts_at + timedelta(minutes=minute)
                assert is_inside(one.working_hours, at)
        updates = {one.to: one for one in received() if one.kind == "coffee-moved"}
        assert set(updates) == {"ada@example.com", "oliver@example.com"}
        for update in updates.values():
            assert update.method == "REQUEST"
            assert update.event["SEQUENCE"] == 1
            assert update.event["UID"] == found.uid
            assert update.event["DTSTART"].dt == found.starts_at
        assert updates["ada@example.com"].text.startswith("Your move: accept the new time.")
        assert updates["oliver@example.com"].text.startswith("No move for you")


def test_other_changes_of_a_profile_say_nothing(app, pair):
    with app.app_context():
        works("Oliver", "Europe/London", dict.fromkeys(range(5), ((540, 1000),)))
        with transaction():
            one = person_named("Oliver")
            change_profile(
                by=one, name="Olli", zone=one.zone, level="mid", hours=one.working_hours, skills=[]
            )
        assert told() == []


def test_where_no_time_suits_all_the_letter_says_so(app, pair, client_of):
    with app.app_context():
        works("Oliver", "Asia/Singapore", dict.fromkeys(range(5), ((540, 660),)))
        (letter,) = told()
        assert "No other time this week suits all of you" in letter.text
        meeting_id = meeting().id
    page = client_of(pair.oliver).get(f"/meetings/{meeting_id}").text
    assert "No other time this week suits all of you." in page


def test_a_time_that_does_not_suit_moves_nothing(app, pair, client_of):
    with app.app_context():
        found = meeting()
        before, path = found.starts_at, f"/meetings/{found.id}/time"
        api = f"/api/v1/coffee{path}"
    client = client_of(pair.oliver)
    night = (before + timedelta(hours=12)).isoformat()
    past = (before - timedelta(days=7)).isoformat()
    odd = (before + timedelta(minutes=3)).isoformat()
    for wrong in (night, past, odd):
        assert client.post(path, data={"starts_at": wrong}).status_code == 409
        assert client.put(api, json={"starts_at": wrong}).status_code == 409
    assert client.post(path, data={"starts_at": "soon"}).status_code == 422
    assert client.post(path, data={"starts_at": before.isoformat()}).status_code == 303
    assert client_of(pair.maya).get(f"/coffee{path}").status_code == 404
    later = (before + timedelta(hours=1)).isoformat()
    assert client.put(api, json={"starts_at": later}).status_code == 200
    with app.app_context():
        assert meeting().sequence == 1
        moved = db.session.scalars(sa.select(Event).where(Event.verb == "meeting.moved")).all()
        assert len(moved) == 1


def test_who_is_taken_out_of_the_team_leaves_an_empty_seat_that_is_told(app, pair, run_jobs):
    with app.app_context():
        with transaction():
            ada = person_named("Ada")
            place = next(m for m in person_named("Oliver").memberships if m.ended_at is None)
            end_membership(by=ada, team_id=pair.team, membership_id=place.id)
        with transaction():
            enqueue_due_rounds(clock.now())
    run_jobs()
    with app.app_context():
        cancelled = [one.to for one in received() if one.kind == "coffee-cancelled"]
        assert cancelled == ["ada@example.com"]
