"""Fast feedback over HTTP: two clicks book it, one slot has one session, both are told."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership, Person
from critique.comments.operations import add_comment
from critique.demo.team import seat_demo_team
from critique.pairing.models import Meeting
from critique.pairing.sessions import jobs as session_jobs
from critique.pairing.sessions.jobs import (
    enqueue_due_sessions,
    set_up_sessions,
    set_up_urgent_session,
)
from critique.pairing.sessions.models import Opening, SetUp
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import open_block, set_wish
from critique.pairing.sessions.queries import slots_for
from critique.pairing.sessions.setting_up import urgent_reviews
from critique.pairing.wishes.operations import keep_apart
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.operations import create_review
from critique.reviews.queries import is_open
from critique.web.app import settings as app_settings
from tests.conftest import load_person
from tests.mentoring.test_queue import show
from tests.pairing.conftest import WEEK, received

# Maya works in Chicago from 15:00 UTC on, Oliver in London until 17:00 UTC.
BLOCK = Block(weekday=1, span=(15 * 60, 17 * 60))
TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def review(app, cast, clock_at):
    """Maya's request, and Oliver's block on Tuesdays."""
    with app.app_context(), transaction():
        made = create_review(
            by=load_person(cast.maya), team_id=cast.team, title="Checkout", skills=["typography"]
        )
        open_block(by=load_person(cast.oliver), block=BLOCK)
        return made.id


def booking(cast, at: datetime = TUESDAY, **more):
    return {"host": cast.oliver, "starts_at": at.isoformat(), "minutes": 15, **more}


def test_two_clicks_book_it_and_both_get_the_calendar_entry(app, cast, client_of, review):
    maya = client_of(cast.maya)
    page = maya.get(f"/reviews/{review}/sessions/new").text
    assert "Good at typography." in page
    form = dict(re.findall(r'name="(host|minutes|starts_at)" value="([^"]+)"', page)[:3])
    booked = maya.post(f"/reviews/{review}/sessions", data=form)
    assert booked.status_code == 303
    shown = maya.get(booked.location).text
    assert "with Oliver" in shown
    assert "https://meet.jit.si/critique-" in shown
    with app.app_context():
        letters = received()
    assert {one.to for one in letters} == {"maya@example.com", "oliver@example.com"}
    # Who asks for a time comes at that time; the other one is asked.
    assert '<span class="tag tag--done">' in shown
    first = {letter.to: letter.text.partition(".")[0] for letter in letters}
    assert first["maya@example.com"].startswith("No move for you: 15 minutes with Oliver are book")
    assert first["oliver@example.com"] == "Your move: accept the invitation"
    for letter in letters:
        assert letter.method == "REQUEST"
        said = {str(one): one.params["PARTSTAT"] for one in letter.event["ATTENDEE"]}
        assert said["mailto:maya@example.com"] == "ACCEPTED"
        assert said["mailto:oliver@example.com"] == "NEEDS-ACTION"
        assert letter.event["DTSTART"].dt == TUESDAY
        assert len(letter.text.split()) <= 150
    assert letters[0].event["UID"] == letters[1].event["UID"]


def test_a_slot_that_is_gone_says_which_are_free(cast, client_of, review):
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    assert maya.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast)).status_code == 201
    again = oliver.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast))
    assert (again.status_code, again.json["code"]) == (409, "taken")
    assert again.json["free"][0] == (TUESDAY + timedelta(minutes=15)).isoformat()
    page = maya.post(f"/reviews/{review}/sessions", data=booking(cast))
    assert page.status_code == 409
    assert "not free then" in page.text
    assert "Book it" in page.text


def test_of_two_people_who_book_one_slot_at_once_one_is_told(app, cast, client_of, review):
    clients = [client_of(cast.maya), client_of(cast.oliver), client_of(cast.wei)]
    ready, answers = threading.Barrier(len(clients)), []

    def book(client):
        ready.wait()
        answers.append(client.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast)))

    threads = [threading.Thread(target=book, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count(Meeting.id))) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"minutes": 20}, 422),
        ({"starts_at": "soon"}, 422),
        ({"starts_at": "2026-11-24T15:00:00"}, 422),
        ({"starts_at": (TUESDAY + timedelta(minutes=1)).isoformat()}, 409),
        ({"starts_at": (TUESDAY - timedelta(days=7)).isoformat()}, 409),
        ({"host": 987_654}, 404),
        ({"comment": 987_654}, 404),
    ],
)
def test_what_makes_no_session_is_refused(cast, client_of, review, change, status):
    sent = {**booking(cast), **change}
    answer = client_of(cast.maya).post(f"/api/v1/reviews/{review}/sessions", json=sent)
    assert answer.status_code == status
    assert client_of(cast.rival).get(f"/reviews/{review}/sessions/new").status_code == 404


def test_a_thread_goes_first_on_the_agenda_and_the_outcome_stays_with_both(
    app, cast, client_of, review, clock_at
):
    with app.app_context(), transaction():
        walkthrough = show(db.session.get_one(Review, review))
        walkthrough.duration_ms = 60_000
        first = add_comment(
            by=load_person(cast.oliver), walkthrough=walkthrough, body="Early.", start_ms=0
        )
        second = add_comment(
            by=load_person(cast.oliver), walkthrough=walkthrough, body="The one.", start_ms=900
        )
        ids = (first.id, second.id)
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    sent = booking(cast, comment=ids[1])
    made = maya.post(f"/api/v1/reviews/{review}/sessions", json=sent).json
    page = maya.get(f"/meetings/{made['id']}").text
    assert page.index("The one.") < page.index("Early.")
    refused = maya.post(f"/sessions/{made['id']}/outcome", data={"words": "Bigger type."})
    assert refused.status_code == 409
    clock_at(TUESDAY + timedelta(minutes=20))
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    assert maya.post(
        f"/sessions/{made['id']}/outcome", data={"words": "Bigger type."}
    ).status_code == 303  # fmt: skip
    assert "Bigger type." in oliver.get(f"/meetings/{made['id']}").text
    # Who was not there reads on the request what came of it; a stranger does not.
    room = client_of(cast.wei).get(f"/reviews/{review}").text
    assert "Bigger type." in room
    assert "Maya and Oliver</strong> talked live" in room
    assert client_of(cast.rival).get(f"/reviews/{review}").status_code == 404


def test_cancelling_tells_both_and_frees_the_slot(app, cast, client_of, review, clock_at):
    maya = client_of(cast.maya)
    made = maya.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast)).json
    assert client_of(cast.wei).delete(f"/api/v1/sessions/{made['id']}").status_code == 404
    said = {"answer": "declined"}
    assert (
        client_of(cast.oliver).post(f"/meetings/{made['id']}/answer", data=said).status_code == 303
    )
    with app.app_context():
        cancelled = received()[2:]
    assert [one.kind for one in cancelled] == ["session-given_up", "session-cancelled"]
    assert [(one.method, one.event["SEQUENCE"]) for one in cancelled] == [("CANCEL", 1)] * 2
    assert maya.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast)).status_code == 201
    clock_at(TUESDAY)
    maya = client_of(cast.maya)
    (only,) = maya.get("/api/v1/sessions").json
    assert maya.delete(f"/api/v1/sessions/{only['id']}").status_code == 409


def test_blocks_open_and_close_and_only_mentors_open_them(app, cast, client_of, clock_at):
    oliver, maya = client_of(cast.oliver), client_of(cast.maya)
    assert maya.post("/api/v1/me/openings", json={
        "weekday": 1, "start": "10:00", "until": "11:00"}).status_code == 403  # fmt: skip
    wrong = oliver.post("/sessions/openings", data={
        "weekday": "1", "start": "11:00", "until": "10:00"})  # fmt: skip
    assert wrong.status_code == 422
    assert "over midnight" in wrong.text
    for vain in ({"weekday": 6, "start": "10:00", "until": "11:00"},
                 {"weekday": 1, "start": "19:00", "until": "21:00"}):  # fmt: skip
        refused = oliver.post("/api/v1/me/openings", json=vain)
        assert refused.status_code == 422
        assert "outside of your working hours" in refused.json["detail"]
        assert list(refused.json["fields"]) == ["start"]
    assert oliver.post("/sessions/openings", data={
        "weekday": "1", "start": "10:00", "until": "11:00"}).status_code == 303  # fmt: skip
    assert oliver.post("/sessions/openings/now", data={"minutes": "60"}).status_code == 303
    found = oliver.get("/api/v1/me/openings").json
    assert [one["hours"] for one in found] == [None, "10:00-11:00"]
    page = oliver.get("/sessions").text
    assert "Tuesdays, 10:00 to 11:00" in page
    assert maya.delete(f"/api/v1/me/openings/{found[1]['id']}").status_code == 404
    assert oliver.post(f"/sessions/openings/{found[1]['id']}/end").status_code == 303
    assert len(oliver.get("/api/v1/me/openings").json) == 1


def test_who_is_open_now_can_be_booked_now_and_not_when_it_is_over(
    app, cast, client_of, review, clock_at
):
    # Oliver does not work on Saturdays; Maya does, and this one he is there all the same.
    saturday = datetime(2026, 11, 28, 16, tzinfo=UTC)
    clock_at(saturday)
    with app.app_context(), transaction():
        maya = db.session.get_one(Person, cast.maya)
        maya.hours = {"days": {"5": ["10:00-12:00"]}}
    oliver = client_of(cast.oliver)
    for _ in range(2):
        assert oliver.post("/sessions/openings/now", data={"minutes": "60"}).status_code == 303
    at = saturday + timedelta(minutes=15)
    page = client_of(cast.maya).get(f"/reviews/{review}/sessions/new").text
    assert at.isoformat() in page
    made = client_of(cast.maya).post(f"/api/v1/reviews/{review}/sessions", json=booking(cast, at))
    assert made.status_code == 201
    assert "outside your hours" not in client_of(cast.oliver).get("/week").text
    clock_at(saturday + timedelta(minutes=61))
    assert [one["hours"] for one in client_of(cast.oliver).get("/api/v1/me/openings").json] == [
        "15:00-17:00"
    ]


def test_who_is_not_to_meet_somebody_is_not_booked_with_them(app, cast, client_of, review):
    with app.app_context(), transaction():
        keep_apart(by=load_person(cast.oliver), other_id=cast.maya)
        set_wish(by=load_person(cast.maya), a_week=1)
    maya = client_of(cast.maya)
    assert "Book it" not in maya.get(f"/reviews/{review}/sessions/new").text
    sent = maya.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast))
    assert (sent.status_code, sent.json["free"]) == (409, [])
    with app.app_context():
        set_up_sessions(cast.team, WEEK)
        with snapshot():
            assert db.session.scalar(sa.select(sa.func.count(Meeting.id))) == 0


def test_a_session_of_one_team_is_not_about_a_request_of_another(app, cast, review):
    with app.app_context(), transaction():
        maya = load_person(cast.maya)
        db.session.add(
            Membership(person=maya, team_id=cast.other_team, role="author", joined_at=clock.now())
        )
        db.session.flush()
        create_review(
            by=maya, team_id=cast.other_team, title="Secret", review_by="in 1 working hour"
        )
        set_wish(by=maya, a_week=1)
    with app.app_context():
        set_up_sessions(cast.team, WEEK)
        with snapshot():
            assert [m.review_id for m in db.session.scalars(sa.select(Meeting))] == [review]
        assert not any("Secret" in letter.text for letter in received())


def test_a_week_that_was_killed_half_way_is_set_up_once_and_counted(app, cast, review, monkeypatch):
    with app.app_context(), transaction():
        set_wish(by=load_person(cast.maya), a_week=2)
        open_block(by=load_person(cast.ada), block=BLOCK)
    real, told = session_jobs.write_session_letters, list[int]()

    def die_at_the_second(meeting):
        told.append(meeting.id)
        if len(told) == 2:
            raise KeyboardInterrupt
        real(meeting)

    monkeypatch.setattr(session_jobs, "write_session_letters", die_at_the_second)
    with app.app_context():
        with pytest.raises(KeyboardInterrupt):
            set_up_sessions(cast.team, WEEK)
        db.session.rollback()
        set_up_sessions(cast.team, WEEK)
        with snapshot():
            assert len(db.session.scalars(sa.select(Meeting)).all()) == 2
            assert db.session.get_one(SetUp, (cast.team, WEEK)).booked == 2
        assert len(received()) == 4


def test_a_week_is_set_up_once_with_mails_and_wishes_that_stay_open_are_said(app, cast, review):
    with app.app_context(), transaction():
        for who in (cast.maya, cast.ada):
            set_wish(by=load_person(who), a_week=1)
        db.session.get_one(Person, cast.ada).hours = {"zone": "Asia/Tokyo", "days": {}}
        enqueue_due_sessions(clock.now())
        enqueue_due_sessions(clock.now())
    with app.app_context():
        set_up_sessions(cast.team, WEEK)
        set_up_sessions(cast.team, WEEK)
        with snapshot():
            (meeting,) = db.session.scalars(sa.select(Meeting)).all()
            assert (meeting.booked_by_id, meeting.review_id) == (None, review)
            assert meeting.starts_at >= clock.now() + timedelta(hours=18)
            done = db.session.get_one(SetUp, (cast.team, WEEK))
            assert done.booked == 1
            assert done.unmet == [
                {
                    "person_id": cast.ada,
                    "why": "no mentor’s open block lies in your hours this week",
                }
            ]
        assert len(received()) == 2


def test_what_cannot_wait_gets_the_soonest_session_once(app, cast, review):
    with app.app_context():
        with transaction():
            set_wish(by=load_person(cast.maya), a_week=1)
            assert urgent_reviews(clock.now()) == []
            hurried = create_review(
                by=load_person(cast.maya),
                team_id=cast.team,
                title="Tonight",
                reviewers=["wei@example.com"],
            )
            # Wei goes home in Singapore at 09:00 UTC; the deadline is before she is back.
            hurried.review_by = datetime(2026, 11, 23, 23, tzinfo=UTC)
            at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
            assert urgent_reviews(at) == [hurried.id]
            assert urgent_reviews(at - timedelta(hours=2)) == []
        import time_machine

        with time_machine.travel(at, tick=False):
            set_up_urgent_session(hurried.id)
            set_up_urgent_session(hurried.id)
            with snapshot():
                (meeting,) = db.session.scalars(sa.select(Meeting)).all()
                assert meeting.review_id == hurried.id
                assert urgent_reviews(at) == []


def test_stretch_hours_count_for_who_opted_in_only(app, cast, clock_at):
    """Wei in Singapore and Maya in Chicago share no hour unless both reach for it."""
    with app.app_context(), transaction():
        maya, wei = load_person(cast.maya), load_person(cast.wei)
        open_block(by=wei, block=Block(weekday=1, span=(0, 1440)))
        assert slots_for(maya, cast.team, (), 15, clock.now()) == []
        set_wish(by=wei, stretch={str(day): ["22:00-23:00"] for day in range(5)})
        assert slots_for(maya, cast.team, (), 15, clock.now()) == []
        set_wish(by=maya, stretch={str(day): ["08:00-09:00"] for day in range(5)})
        found = slots_for(maya, cast.team, (), 15, clock.now())
        assert found
        assert all(slot.stretched for slot in found)


def test_a_mentor_who_left_the_team_cannot_be_booked(app, cast, client_of, review):
    ada, maya = client_of(cast.ada), client_of(cast.maya)
    with app.app_context(), snapshot():
        from critique.accounts.models import Membership

        membership = db.session.scalars(
            sa.select(Membership.id).where(Membership.person_id == cast.oliver)
        ).one()
    ada.post(f"/team/members/{membership}/end")
    assert maya.post(f"/api/v1/reviews/{review}/sessions", json=booking(cast)).status_code == 404
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count(Opening.id))) == 1


def test_the_demo_team_has_a_mentor_to_book_for_every_request(app, clock_at):
    with app.app_context():
        seat_demo_team(app_settings())
        with snapshot():
            asked = db.session.scalars(sa.select(Review).where(is_open)).all()
            assert asked
            for one in asked:
                assert slots_for(one.author, one.team_id, [], 15, clock.now())


def test_a_block_is_opened_once_on_a_day_of_ones_own(app, cast, client_of, clock_at):
    wei = client_of(cast.wei)
    sent = {"weekday": "1", "day": "2026-11-25", "start": "22:00", "until": "24:00"}
    assert wei.post("/sessions/openings", data=sent).status_code == 303
    (one,) = wei.get("/api/v1/me/openings").json
    assert one["weekday"] is None
    assert (one["starts_at"], one["ends_at"]) == (
        "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z",
    )  # fmt: skip
    assert 'name="day"' in wei.get("/sessions").text
    for day in ("0001-01-01", "9999-12-31", "2026-11-01", "soon"):
        refused = wei.post("/sessions/openings", data={**sent, "day": day})
        assert refused.status_code == 422


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("openings", {"weekday": "3", "start": "16:10", "until": "15:05"}),
        ("openings", {"day": "2026-11-02", "start": "09:10", "until": "09:40"}),
        ("wishes", {"a_week": "2", "quota": "7", "stretch": "early, mostly"}),
        ("calendar", {"address": "https://10.0.0.1/mine.ics"}),
    ],
)
def test_what_was_typed_is_there_when_it_is_refused(client_of, cast, clock_at, path, sent):
    refused = client_of(cast.oliver).post(f"/sessions/{path}", data=sent)
    assert refused.status_code == 422
    for name, value in sent.items():
        chosen = " selected" if name in ("weekday", "a_week") else ""
        assert f'value="{value}"{chosen}' in refused.text
