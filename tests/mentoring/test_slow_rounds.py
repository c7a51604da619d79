"""Two slow rounds, and a request offers to be talked about: by itself, once, to who takes part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from critique.comments.models import Comment
from critique.comments.operations import add_comment, add_reply
from critique.events.models import Event
from critique.events.record import record_event
from critique.mentoring.slow_rounds import day_minutes, rounds_of, slow_rounds
from critique.plumbing.calendar import working_minutes
from critique.plumbing.db import db
from critique.plumbing.hours import DEFAULT_HOURS, WorkingHours
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.conftest import load_person

# A Monday, 9:00 in Chicago, where Maya works from nine to five.
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.lists(
    st.integers(0, 90_000).map(lambda minutes: MONDAY + timedelta(minutes=minutes)), max_size=12
)


@given(moments, moments)
def test_rounds_follow_one_another_and_each_is_of_an_ask_and_the_first_answer_after(asks, answers):
    found = rounds_of(asks, answers)
    for asked, answered in found:
        assert asked in asks
        assert answered in answers
        assert asked < answered
        assert not any(asked < at < answered for at in answers)
    flat = [moment for one in found for moment in one]
    assert flat == sorted(flat)
    # What no round holds was answered before it was asked, or never.
    assert bool(found) is any(ask < at for ask in asks for at in answers)


@given(moments, moments)
def test_slow_is_more_than_one_working_day_of_the_author(asks, answers):
    slow = slow_rounds(asks, answers, DEFAULT_HOURS)
    for one in rounds_of(asks, answers):
        assert (one in slow) is (working_minutes(DEFAULT_HOURS, *one) > day_minutes(DEFAULT_HOURS))


def test_a_working_day_is_what_its_author_says_it_is():
    half = WorkingHours("UTC", {0: ((540, 660), (720, 840)), 2: ((540, 780),)})
    assert day_minutes(half) == 240
    assert day_minutes(WorkingHours("UTC", {})) == 480
    monday, friday = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert slow_rounds([friday], [monday + 7 * DAY], half) == []
    assert slow_rounds([monday], [friday], half) == [(monday, friday)]


@pytest.fixture
def now():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room(app, cast, now):
    """Maya's request, its first version posted on Monday morning."""
    with app.app_context(), transaction():
        made = make_room(cast.team, cast.maya)
    post_version(app, cast, made)
    return made


def post_version(app, cast, room) -> None:
    with app.app_context(), transaction():
        record_event(
            "walkthrough.posted",
            by_id=cast.maya,
            subject="walkthrough",
            subject_id=room.walkthrough,
            team_id=cast.team,
            review_id=room.review,
            details={"version": 1},
        )


def comment(app, person_id: int, room) -> int:
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        return add_comment(
            by=load_person(person_id), walkthrough=walkthrough, body="Hm.", start_ms=1000
        ).id


def reply(app, person_id: int, comment_id: int, body: str) -> None:
    with app.app_context(), transaction():
        found = db.session.get_one(Comment, comment_id)
        add_reply(by=load_person(person_id), comment=found, body=body)


def offers(app) -> list[dict]:
    with app.app_context():
        chosen = sa.select(Event).where(Event.verb == "session.offered")
        return [event.details for event in db.session.scalars(chosen)]


def test_after_the_second_slow_round_it_offers_once(app, cast, room, now):
    now.move_to(MONDAY + 2 * DAY)
    first = comment(app, cast.oliver, room)
    assert offers(app) == []
    reply(app, cast.maya, first, "Like this?")
    # A holiday in Chicago would be none of Maya's: she stated none.
    now.move_to(MONDAY + 4 * DAY)
    reply(app, cast.oliver, first, "Yes.")
    assert offers(app) == [{"slow_rounds": 2}]
    reply(app, cast.maya, first, "And this?")
    now.move_to(MONDAY + 10 * DAY)
    reply(app, cast.wei, first, "No.")
    assert len(offers(app)) == 1


def test_what_is_answered_by_the_next_morning_offers_nothing(app, cast, room, now):
    for day in range(1, 5):
        now.move_to(MONDAY + day * DAY)
        comment(app, cast.oliver, room)
        post_version(app, cast, room)
    assert offers(app) == []


def test_thanks_are_no_question_and_ones_own_words_no_answer(app, cast, room, now):
    now.move_to(MONDAY + 2 * DAY)
    first = comment(app, cast.oliver, room)
    reply(app, cast.maya, first, "Thanks, done.")
    now.move_to(MONDAY + 4 * DAY)
    comment(app, cast.maya, room)
    comment(app, cast.oliver, room)
    assert offers(app) == []


def test_it_is_offered_to_the_author_and_to_who_reviews(app, cast, room, now, client_of):
    words = "Two rounds have each taken longer than a working day"

    def sees(person_id: int) -> bool:
        return words in client_of(person_id).get(f"/reviews/{room.review}").text

    now.move_to(MONDAY + 2 * DAY)
    comment(app, cast.oliver, room)
    post_version(app, cast, room)
    now.move_to(MONDAY + 4 * DAY)
    assert not sees(cast.maya)
    comment(app, cast.oliver, room)
    assert [sees(one) for one in (cast.maya, cast.oliver, cast.wei)] == [True, True, False]
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
        assert db.session.get_one(Review, room.review).closed
    assert not sees(cast.maya)
