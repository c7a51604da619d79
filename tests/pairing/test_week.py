"""The week page, and saying afterwards whether a meeting happened."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from critique.comments.operations import add_comment, add_reply, remove_comment, resolve_comment
from critique.comments.operations.reactions import add_reaction
from critique.events.models import Event
from critique.pairing.memory import remembered
from critique.pairing.models import Meeting, Seating
from critique.pairing.pooling import sittings_of
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import book_session, open_block
from critique.pairing.week.ground import question_for
from critique.pairing.week.words import report_url
from critique.pairing.weeks import spoken_week, week_number
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.conftest import load_person
from tests.pairing.conftest import (
    NEXT_WEEK,
    WEEK,
    draw_and_tell,
    everyone,
    tables,
)

SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def table(app, clock_at, cast) -> Meeting:
    """The table of Maya, Oliver and Ada, drawn and told."""
    with app.app_context():
        draw_and_tell(cast.team, WEEK)
        (meeting,) = tables().values()
        db.session.expunge_all()
        return meeting


def asked_about(app, meeting_id: int) -> str:
    with app.app_context():
        found = question_for(db.session.get_one(Meeting, meeting_id), clock.now()).words
        db.session.rollback()
        return found


def pairs(app, cast) -> tuple[set, set]:
    """Who counts as met and who as proposed, in the draw of the next week."""
    number = week_number(NEXT_WEEK)
    with app.app_context():
        group_id = everyone(cast.team)
        memory = remembered(sittings_of(group_id, number), number)
        db.session.rollback()
        return set(memory.met), set(memory.proposed)


def test_the_page_says_whom_when_why_and_what_to_begin_with(app, cast, table, client_of, clock_at):
    page = client_of(cast.maya).get("/week").text
    assert "This week" in page
    assert "23 to 29 Nov" in page
    assert "Oliver and Ada" in page
    assert "in London" in page
    assert "first time together" in page
    assert asked_about(app, table.id) in page
    assert "Skip 23 to 29 Nov" in page
    assert "happen?" not in page
    assert "Oliver" not in client_of(cast.rival).get("/week").text
    assert client_of(cast.nia).get("/week").status_code == 200
    skipped = client_of(cast.maya).post(
        "/coffee/skip", data={"week": WEEK, "skip": "1", "back": "week"}
    )
    assert urlsplit(skipped.location).path == "/week"
    assert "You sit 23 to 29 Nov out" in client_of(cast.maya).get("/week").text


def test_at_the_weekend_the_coming_week_is_named_by_its_days(app, cast, table, client_of, clock_at):
    clock_at(SATURDAY)
    with app.app_context():
        draw_and_tell(cast.team, NEXT_WEEK)
    page = client_of(cast.maya).get("/week").text
    assert "The coming week" in page
    assert "30 Nov to 6 Dec" in page
    assert "Skip 30 Nov to 6 Dec" in page
    coffee = client_of(cast.maya).get("/coffee").text
    assert "Juniper, 30 Nov to 6 Dec" in coffee
    assert "this week" not in coffee
    assert (spoken_week("2026-W53"), spoken_week("2026-W50")) == ("28 Dec to 3 Jan", "7 to 13 Dec")


def test_the_question_is_of_what_both_worked_on_and_everybody_may_see(app, cast, table):
    general = asked_about(app, table.id)
    with app.app_context(), transaction():
        oliver = load_person(cast.oliver)
        elsewhere = make_room(cast.other_team, cast.maya, title="Hidden plans")
        walkthrough = db.session.get_one(Walkthrough, elsewhere.walkthrough)
        db.session.add(add_comment_as(oliver, walkthrough, "Secret words"))
    assert asked_about(app, table.id) == general
    with app.app_context(), transaction():
        oliver = load_person(cast.oliver)
        room = make_room(cast.team, cast.maya, title="Checkout")
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        comment = add_comment(
            by=oliver, walkthrough=walkthrough, body="Too **quiet**.", start_ms=100
        )
    asked = asked_about(app, table.id)
    assert all(part in asked for part in ("Oliver", "“Too quiet”", "“Checkout”"))
    with app.app_context(), transaction():
        long = "Too quiet, because the eye goes from the days straight to the button."
        db.session.merge(comment).body = long
    # Never half a word.
    assert "“Too quiet, because the eye goes from the days straight to…”" in asked_about(
        app, table.id
    )
    with app.app_context(), transaction():
        comment = db.session.merge(comment)
        resolve_comment(by=load_person(cast.maya), comment=comment)
    asked = asked_about(app, table.id)
    assert "Too quiet" not in asked
    assert all(part in asked for part in ("Oliver", "“Checkout”"))
    with app.app_context(), transaction():
        remove_comment(by=load_person(cast.oliver), comment=db.session.merge(comment))
    assert "Checkout" not in asked_about(app, table.id)


def add_comment_as(person, walkthrough, body):
    """A comment where its author may not write (any more)."""
    from critique.comments.models import Comment

    return Comment(
        walkthrough_id=walkthrough.id, author_id=person.id, body=body, start_ms=0, end_ms=0,
        created_at=clock.now(),
    )  # fmt: skip


def test_what_helped_stands_there_with_the_line_of_why(app, cast, clock_at, client_of):
    with app.app_context(), transaction():
        oliver = load_person(cast.oliver)
        room = make_room(cast.team, cast.maya)
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        comment = add_comment(by=oliver, walkthrough=walkthrough, body="Total first.", start_ms=9)
        add_reaction(by=oliver, to=comment, kind="insight")
    assert "Total first" not in client_of(cast.wei).get("/week").text
    with app.app_context(), transaction():
        comment, maya = db.session.merge(comment), load_person(cast.maya)
        add_reaction(by=maya, to=comment, kind="thanks")
        add_reply(by=maya, comment=comment, body="Now _I_ see it too.")
    page = client_of(cast.wei).get("/week").text
    assert "it helped Maya" in page
    assert "Now I see it too." in page
    assert "Total first" not in client_of(cast.rival).get("/week").text
    clock_at(clock.now() + timedelta(days=8))
    assert "Total first" not in client_of(cast.wei).get("/week").text


def test_whether_it_happened_is_one_click_and_feeds_the_pool(app, cast, table, client_of, clock_at):
    path = f"/week/meetings/{table.id}/report"
    three = {(1, 2), (1, 4), (2, 4)}
    assert client_of(cast.maya).post(path, data={"happened": "1"}).status_code == 409
    clock_at(table.ends_at + timedelta(minutes=1))
    maya, oliver, ada = (client_of(one) for one in (cast.maya, cast.oliver, cast.ada))
    assert pairs(app, cast) == (three, set())
    assert "Did your coffee with Oliver and Ada happen?" in maya.get("/week").text
    assert client_of(cast.wei).post(path, data={"happened": "0"}).status_code == 404
    assert maya.post(path, data={}).status_code == 422
    assert maya.post(path, data={"happened": "0"}).status_code == 303
    assert "happen?" not in maya.get("/week").text
    assert pairs(app, cast) == (set(), three)
    # Of three, who says alone that it did not happen was not there.
    assert oliver.post(path, data={"happened": "1"}).status_code == 303
    assert pairs(app, cast) == ({(2, 4)}, {(1, 2), (1, 4)})
    # One yes is enough.
    ada.post(path, data={"happened": "0"})
    assert pairs(app, cast) == (three, set())
    with app.app_context():
        told = db.session.scalars(sa.select(Event).where(Event.verb == "meeting.reported")).all()
        assert [row.details["happened"] for row in told] == [False, True, False]
        db.session.rollback()


def test_who_declined_was_proposed_and_did_not_meet(app, cast, table, clock_at):
    clock_at(table.ends_at + timedelta(minutes=1))
    with app.app_context(), transaction():
        seat = db.session.get_one(Seating, (table.id, cast.ada))
        seat.answer = "declined"
    assert pairs(app, cast) == ({(1, 2)}, {(1, 4), (2, 4)})
    with app.app_context(), transaction():
        seat = db.session.get_one(Seating, (table.id, cast.ada))
        seat.happened, seat.happened_at = True, clock.now()
    assert pairs(app, cast) == ({(1, 2), (1, 4), (2, 4)}, set())


def test_the_link_in_a_letter_asks_and_only_a_press_says_it(app, cast, table, client_of, clock_at):
    with app.app_context():
        url = report_url(load_person(cast.oliver), db.session.get_one(Meeting, table.id))
        db.session.rollback()
    link, guest = urlsplit(url).path, client_of(None)
    assert "still to come" in guest.get(link).text
    clock_at(table.ends_at + timedelta(minutes=1))
    asked = guest.get(link)
    assert "Did your coffee with Maya and Ada happen?" in asked.text
    assert asked.headers["Referrer-Policy"] == "no-referrer"
    assert pairs(app, cast)[1] == set()
    assert "Noted: it did not happen" in guest.post(link, data={"happened": "0"}).text
    assert guest.post(link, data={"happened": "0"}).status_code == 200
    assert pairs(app, cast)[0] == set()
    assert guest.get(link[:-12] + "/report").status_code == 404
    with app.app_context():
        seat = db.session.get_one(Seating, (table.id, cast.oliver))
        # A sign of life, and nobody is asked again.
        assert seat.happened_at == clock.now()
        assert len(db.session.scalars(
            sa.select(Event).where(Event.verb == "meeting.reported")
        ).all()) == 1  # fmt: skip
        db.session.rollback()


def test_fast_feedback_is_booked_from_here_by_one_press(app, cast, clock_at, client_of):
    maya = client_of(cast.maya)
    assert "15 minutes with a mentor" not in maya.get("/week").text
    with app.app_context(), transaction():
        room = make_room(cast.team, cast.maya, title="Checkout")
    page = maya.get("/week").text
    assert "No mentor has a block open" in page
    assert "One press books it" not in page
    with app.app_context(), transaction():
        start = clock.now() + timedelta(hours=9)
        open_block(
            by=load_person(cast.oliver), block=Block(once=(start, start + timedelta(hours=3)))
        )
        review_id = room.review
    page = maya.get("/week").text
    assert "15 minutes with a mentor" in page
    assert f'action="/reviews/{review_id}/sessions"' in page
    sent = dict(re.findall(r'name="(host|minutes|starts_at)" value="([^"]+)"', page))
    booked = maya.post(f"/reviews/{review_id}/sessions", data=sent)
    assert booked.status_code == 303, booked.text
    page = maya.get("/week").text
    assert "Join the call" in page
    assert "Oliver asked" not in page
    assert "About" in page
    [planned] = maya.get("/api/v1/me/week").json["planned"]
    assert (planned["kind"], planned["week"]) == ("feedback", WEEK)
    assert planned["question"] in html.unescape(page)
    assert "“Checkout”" in planned["question"]
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        add_comment(by=load_person(cast.wei), walkthrough=walkthrough, body="Why?", start_ms=1)
    [planned] = maya.get("/api/v1/me/week").json["planned"]
    assert "“Why”" in planned["question"]
    # The coffee page has its history, and knows what is no coffee.
    assert maya.get("/coffee").status_code == 200


def test_another_meeting_costs_two_questions_to_the_database(app, cast, clock_at, client_of):
    maya, counted = client_of(cast.maya), list[str]()
    with app.app_context(), transaction():
        room = make_room(cast.team, cast.maya, title="Checkout")
        start = clock.now() + timedelta(hours=9)
        oliver, author = load_person(cast.oliver), load_person(cast.maya)
        open_block(by=oliver, block=Block(once=(start, start + timedelta(hours=3))))

    def book(number: int) -> None:
        with app.app_context(), transaction():
            at = start.replace(minute=0) + timedelta(minutes=60 + 15 * number)
            book_session(
                by=None, guest=db.session.merge(author), host=db.session.merge(oliver),
                team_id=cast.team, starts_at=at, minutes=15,
                review=db.session.get_one(Review, room.review),
            )  # fmt: skip

    def count() -> int:
        counted.clear()
        assert maya.get("/week").text.count("To begin with") == 1 + asked
        return len(counted)

    with app.app_context():
        engine = db.engine

    def note(*said: str) -> None:
        counted.append(said[2])

    asked = 0
    book(0)
    sa.event.listen(engine, "before_cursor_execute", note)
    one = count()
    for asked in (1, 2, 3):
        book(asked)
    four = count()
    sa.event.remove(engine, "before_cursor_execute", note)
    assert four - one <= 3 * 2
