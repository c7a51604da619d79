"""Nobody's move for two working days of the author: then it is the author's, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.events.models import Event
from critique.mentoring import jobs as _jobs  # noqa: F401 - registers the job
from critique.mentoring.falling import fall_at, let_fall
from critique.mentoring.jobs import enqueue_moving
from critique.plumbing import clock, jobs
from critique.plumbing.calendar import DEFAULT_HOURS, WorkingHours
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review
from tests.conftest import load_person
from tests.mentoring.story import Story

# 09:00 to 17:00 from Monday to Friday, as the cast has it.
THURSDAY = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)


@pytest.fixture
def story(app, cast):
    """In Chicago it is Thursday, 09:00: the author's day begins."""
    told = Story(app, cast, at=THURSDAY)
    with app.app_context(), transaction():
        load_person(cast.maya).hours = DEFAULT_HOURS.to_json()
    return told


def sweep(story: Story, at: datetime) -> int:
    story.at = at
    with time_machine.travel(at, tick=False), story.app.app_context():
        return let_fall(clock.now())


def test_what_nobody_took_in_two_working_days_is_the_authors_and_free_still(story, cast):
    story.post()
    story.show()
    assert story.moves() == {}
    # Friday evening in Chicago is two working days less two minutes after Thursday 09:02.
    assert sweep(story, datetime(2026, 11, 20, 22, 59, tzinfo=UTC)) == 0
    assert sweep(story, datetime(2026, 11, 22, 22, 0, tzinfo=UTC)) == 0
    assert story.moves() == {}
    monday = datetime(2026, 11, 23, 15, 3, tzinfo=UTC)
    assert sweep(story, monday) == 1
    assert story.moves() == {"maya": "fell_back"}
    assert sweep(story, monday + timedelta(days=7)) == 0
    assert story.since() == {"maya": monday}
    story.claim(cast.oliver)
    assert story.moves() == {"oliver": "claimed"}


def test_naming_somebody_or_extending_answers_it_and_the_days_begin_anew(story, cast):
    story.post()
    story.show()
    monday = datetime(2026, 11, 23, 15, 3, tzinfo=UTC)
    sweep(story, monday)
    story.edit(review_by="in 3 working days")
    assert story.moves() == {}
    assert sweep(story, monday + timedelta(days=1)) == 0
    assert sweep(story, monday + timedelta(days=2, hours=1)) == 1
    assert story.moves() == {"maya": "fell_back"}
    story.edit(reviewers=[str(cast.wei)])
    assert story.moves() == {"wei": "requested"}


def test_what_somebody_is_at_never_falls_and_a_claim_that_ran_out_is_written_down(story, cast):
    story.post()
    story.show()
    story.claim(cast.oliver)
    ended = story.at + timedelta(minutes=30)
    assert sweep(story, story.at + timedelta(hours=1)) == 0
    assert story.endings()[-1] == ("oliver", "claimed", "lapsed")
    with story.read():
        lapsed = db.session.scalars(sa.select(Event).where(Event.verb == "turn.ended")).all()[-1]
        assert lapsed.actor_id is None
        assert lapsed.details["how"] == "lapsed"
    assert sweep(story, ended + timedelta(hours=23)) == 0
    assert sweep(story, ended + timedelta(days=5)) == 1
    assert story.moves() == {"maya": "fell_back"}


def test_a_request_of_an_author_who_left_falls_to_a_lead_and_a_closed_one_to_nobody(story, cast):
    story.post()
    story.show()
    story.leave(cast.maya)
    assert story.moves() == {}
    assert sweep(story, datetime(2026, 11, 24, 15, 3, tzinfo=UTC)) == 1
    assert story.moves() == {"wei": "fell_back"}
    with story.step():
        close_review(by=load_person(cast.wei), review_id=story.review)
    assert sweep(story, datetime(2026, 12, 24, 15, 3, tzinfo=UTC)) == 0
    assert story.moves() == {}


def test_two_working_days_follow_the_calendar_of_the_author():
    hours = WorkingHours("UTC", dict.fromkeys(range(5), ((540, 1020),)))
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert fall_at(hours, friday) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    short = WorkingHours("UTC", {0: ((540, 600),), 2: ((540, 1020),)})
    assert fall_at(short, friday) == datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    away = replace(hours, away=((friday.date(), date(2027, 6, 1)),))
    assert fall_at(away, friday) == friday + timedelta(days=14)
    never = WorkingHours("UTC", {})
    assert fall_at(never, friday) == friday + timedelta(days=4)
    night_and_day = WorkingHours("UTC", dict.fromkeys(range(7), ((0, 1440),)))
    assert fall_at(night_and_day, friday) == friday + timedelta(days=2)


def test_it_is_looked_at_once_a_quarter_of_an_hour(app):
    at = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
    with app.app_context(), transaction():
        enqueue_moving(at)
        enqueue_moving(at - timedelta(minutes=13))
        enqueue_moving(at + timedelta(minutes=1))
    with app.app_context(), snapshot():
        keys = [job.key for job in jobs.unfinished() if job.name == "keep_moving"]
    assert sorted(keys) == ["keep-moving-2026-11-23T09:00", "keep-moving-2026-11-23T09:15"]
