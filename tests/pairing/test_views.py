"""The coffee page and the links in letters, as people and mail clients use them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from critique.accounts.models import Person
from critique.events.models import Event
from critique.pairing.models import Meeting, Round
from critique.pairing.queries import this_weeks_meeting
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.lists import list_token
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from tests.pairing.conftest import (
    MONDAY,
    NEXT_WEEK,
    WEEK,
    draw_and_tell,
    everyone,
    person_named,
    received,
    tables,
)
from tests.people import person


@pytest.fixture
def drawn(app, clock_at, cast):
    with app.app_context():
        draw_and_tell(cast.team, WEEK)
    return cast


def state(app) -> tuple:
    """Everything a link could change."""
    with app.app_context():
        people = db.session.execute(
            sa.select(Person.coffee_in, Person.coffee_skipped_week).order_by(Person.id)
        ).all()
        meetings = db.session.execute(sa.select(Meeting.sequence, Meeting.cancelled_at)).all()
        counted = [
            db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Letter, Event, Round)
        ]
        db.session.rollback()
        return people, meetings, counted


def links_of(app, address: str) -> tuple[str, str]:
    with app.app_context():
        letter = next(letter for letter in received() if letter.to == address)
        return urlsplit(letter.link("/skip")).path, urlsplit(letter.link("/leave")).path


def test_the_page_says_with_whom_when_and_why(drawn, client_of):
    page = client_of(drawn.maya).get("/coffee").text
    assert "Coffee with Oliver and Ada" in page
    assert "Chicago time" in page
    assert "first time together" in page
    assert "in London" in page
    assert ".ics" in page


def test_before_the_draw_the_page_says_when_it_comes(app, cast, clock_at, client_of):
    clock_at(MONDAY - timedelta(minutes=30))
    page = client_of(cast.maya).get("/coffee").text
    assert "Your next coffee is drawn today 01:00" in page
    assert "Draw now" not in page
    assert "Draw now" in client_of(cast.wei).get("/coffee").text


def test_somebody_without_a_team_is_told_what_to_do(cast, client_of):
    page = client_of(cast.nia).get("/coffee")
    assert page.status_code == 200
    assert "Ask a lead or an admin to invite you" in page.text


def test_who_is_left_out_reads_why_and_others_do_not(app, drawn, client_of):
    with app.app_context(), transaction():
        person_named("Maya").name = "Maya"
    reason = "common 20 minutes with anybody"
    assert reason in client_of(drawn.wei).get("/coffee").text
    assert reason in client_of(drawn.ada).get("/coffee").text
    assert reason not in client_of(drawn.maya).get("/coffee").text
    assert "Wei" not in client_of(drawn.maya).get("/coffee").text


def test_strangers_see_nothing_of_a_round(app, drawn, client_of):
    assert "Maya" not in client_of(drawn.rival).get("/coffee").text
    with app.app_context():
        (meeting,) = tables().values()
        meeting_id = meeting.id
    path = f"/coffee/meetings/{meeting_id}.ics"
    assert client_of(drawn.rival).get(path).status_code == 404
    assert client_of(drawn.wei).get(path).status_code == 404
    assert client_of(None).get(path).status_code == 401
    assert client_of(None).get("/coffee").status_code == 401


def test_the_calendar_file_is_the_invitation(app, drawn, client_of):
    with app.app_context():
        (meeting,) = tables().values()
        meeting_id, uid = meeting.id, meeting.uid
    answer = client_of(drawn.maya).get(f"/coffee/meetings/{meeting_id}.ics", follow_redirects=True)
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["UID"] == uid


def rounds_of(app, cast) -> str:
    """Where a lead asks for the whole team's draw."""
    with app.app_context():
        return f"/coffee/groups/{everyone(cast.team)}/rounds"


def test_a_lead_draws_now_and_only_once(app, cast, clock_at, client_of, run_jobs):
    rounds = rounds_of(app, cast)
    lead = client_of(cast.wei)
    assert client_of(cast.maya).post(rounds).status_code == 403
    assert client_of(cast.nia).post(rounds).status_code == 404
    assert lead.post(rounds).status_code == 303
    assert lead.post(rounds).status_code == 303
    assert "It is being drawn" in lead.get("/coffee?drawing=1").text
    run_jobs()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Round)) == 1
    again = lead.post(rounds)
    assert again.status_code == 409
    assert "drawn already" in again.text
    assert "Draw now" not in lead.get("/coffee?drawing=1").text
    assert "every 1s" not in lead.get("/coffee?drawing=1").text


def test_a_lead_may_draw_again_what_failed(app, cast, clock_at, client_of):
    rounds = rounds_of(app, cast)
    lead = client_of(cast.wei)
    lead.post(rounds)
    with app.app_context():
        (waiting,) = jobs.unfinished()
        jobs.client().cancel_workflow(waiting.key)
    lead.post(rounds)
    with app.app_context():
        assert [entry.key for entry in jobs.unfinished()] == [f"{waiting.key}-2"]


def test_at_the_weekend_the_coming_week_is_drawn(app, cast, clock_at, client_of, run_jobs):
    clock_at(MONDAY + timedelta(days=5))
    client_of(cast.ada).post(rounds_of(app, cast))
    run_jobs()
    with app.app_context():
        assert db.session.scalars(sa.select(Round.week)).all() == [NEXT_WEEK]
    assert "Coffee with Oliver and Ada" in client_of(cast.maya).get("/coffee").text


def test_wishes_are_kept(app, cast, clock_at, client_of):
    client = client_of(cast.maya)
    answer = client.post("/coffee/preferences", data={"snoozed_until": "2026-12-01"})
    assert answer.status_code == 303
    with app.app_context():
        maya = person_named("Maya")
        assert (maya.coffee_in, str(maya.coffee_snoozed_until)) == (False, "2026-12-01")
    assert "You are not in the weekly coffee" in client.get("/coffee").text
    client.post("/coffee/preferences", data={"coffee_in": "1", "snoozed_until": "2026-12-01"})
    assert "You are away until Tuesday 1 December" in client.get("/coffee").text
    client.post("/coffee/skip", data={"week": WEEK, "skip": "1"})
    away = {"coffee_in": "1", "snoozed_until": "2026-12-20"}
    client.post("/coffee/preferences", data=away)
    assert "You are away until Sunday 20 December" in client.get("/coffee").text
    client.post("/coffee/preferences", data={**away, "snoozed_until": ""})
    assert "The next draw is" in client.get("/coffee").text


def test_a_date_that_is_none_comes_back_with_its_words(cast, clock_at, client_of):
    answer = client_of(cast.maya).post(
        "/coffee/preferences", data={"coffee_in": "1", "snoozed_until": "soon<b>"}
    )
    assert answer.status_code == 422
    assert "soon&lt;b&gt;" in answer.text


def test_skipping_tells_the_others_and_can_be_taken_back(app, drawn, client_of):
    client = client_of(drawn.ada)
    assert client.post("/coffee/skip", data={"week": WEEK, "skip": "1"}).status_code == 303
    page = client.get("/coffee").text
    assert "You sit 23 to 29 Nov out." in page
    assert "has been told" in page
    assert "Coffee with Oliver," in client_of(drawn.maya).get("/coffee").text
    client.post("/coffee/skip", data={"week": WEEK, "skip": "0"})
    assert "You are in now" in client.get("/coffee").text
    assert client.post("/coffee/skip", data={"week": "2026-W99", "skip": "1"}).status_code == 422


def test_the_partner_of_a_pair_reads_why_there_is_none(app, clock_at, cast, client_of):
    with app.app_context():
        with transaction():
            person_named("Ada").coffee_in = False
        draw_and_tell(cast.team, WEEK)
    client_of(cast.oliver).post("/coffee/skip", data={"week": WEEK, "skip": "1"})
    page = client_of(cast.maya).get("/coffee").text
    assert "No coffee for you, 23 to 29 Nov." in page
    assert "cannot make it" in page
    assert "cancelled" in page


def test_opening_links_changes_nothing(app, drawn, client_of):
    before = state(app)
    for path in links_of(app, "maya@example.com"):
        for client in (client_of(None), client_of(drawn.wei)):
            assert client.get(path).status_code == 200
            assert client.head(path).status_code == 200
            assert client.get(path).headers["Referrer-Policy"] == "no-referrer"
    assert state(app) == before


def test_skip_by_letter_acts_once(app, drawn, client_of):
    skip_path, _ = links_of(app, "ada@example.com")
    stranger = client_of(None)
    stranger.environ_base.pop("HTTP_X_CSRFTOKEN", None)
    assert stranger.post(skip_path).status_code == 200
    after = state(app)
    assert dict(skipped(app))["Ada"] == WEEK
    assert stranger.post(skip_path).status_code == 200
    assert state(app) == after


def skipped(app) -> list:
    with app.app_context():
        found = db.session.execute(sa.select(Person.name, Person.coffee_skipped_week)).all()
        db.session.rollback()
        return found


def test_one_click_unsubscribe_needs_no_cookie_and_does_not_redirect(app, drawn, client_of):
    with app.app_context():
        wei = next(letter for letter in received() if letter.to == "wei@example.com")
        leave_path = urlsplit(wei.link("/leave")).path
    for _ in range(2):
        answer = client_of(None).post(leave_path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.location) == (200, None)
    with app.app_context():
        assert person_named("Wei").coffee_in is False
        changed = db.session.scalars(sa.select(Event).where(Event.verb == "coffee.changed")).all()
        assert len(changed) == 1


def test_leaving_keeps_what_is_booked(app, drawn, client_of):
    _, leave_path = links_of(app, "maya@example.com")
    client_of(None).post(leave_path)
    with app.app_context():
        assert this_weeks_meeting(person_named("Maya"), clock.now()) is not None


def test_a_letter_of_a_past_week_skips_nothing(app, drawn, client_of, clock_at):
    skip_path, _ = links_of(app, "maya@example.com")
    clock_at(MONDAY + timedelta(days=7))
    before = state(app)
    answer = client_of(None).post(skip_path)
    assert "That week is over" in answer.text
    assert state(app) == before


@pytest.mark.parametrize("broken", ["x", "WyJjb2ZmZWUiLDEsIjIwMjYtVzQ4Il0.forged", "a.b.c", "%00"])
@pytest.mark.parametrize("what", ["skip", "leave"])
def test_forged_links_lead_nowhere(app, drawn, client_of, broken, what):
    before = state(app)
    path = f"/coffee/letters/{broken}/{what}"
    assert client_of(None).get(path).status_code == 404
    assert client_of(None).post(path).status_code == 404
    assert state(app) == before


def test_tokens_are_of_one_person_and_one_week(app, drawn):
    with app.app_context():
        made = {list_token("coffee", n, w) for n in (1, 2) for w in (WEEK, NEXT_WEEK)}
    assert len(made) == 4


def test_hostile_names_stay_text(app, drawn, client_of):
    with app.app_context(), transaction():
        person_named("Oliver").name = '<img src=x onerror="alert(1)">'
    page = client_of(drawn.maya).get("/coffee").text
    assert "<img src=x" not in page
    assert "&lt;img" in page


def test_the_page_costs_the_same_however_many_meet(app, drawn, clock_at, client_of):
    signed_in = client_of(drawn.wei)

    def queries() -> int:
        found = []
        with app.app_context():
            engine = db.engine

        def note(*args):
            found.append(args[2])

        sa.event.listen(engine, "before_cursor_execute", note)
        signed_in.get("/coffee")
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(found)

    clock_at(MONDAY + timedelta(days=7))
    with app.app_context():
        draw_and_tell(drawn.team, NEXT_WEEK)
    few = queries()
    with app.app_context():
        with transaction():
            from critique.accounts.models import Team

            juniper = db.session.get(Team, drawn.team)
            for number in range(20):
                person(f"More {number}", juniper, "author", zone="Europe/London")
        clock_at(MONDAY + timedelta(days=14))
        draw_and_tell(drawn.team, "2026-W50")
    assert queries() == few
