"""A notice arrives while somebody works elsewhere, is read, and the rest comes with the morning."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from critique.activity.letters import write_digest_of
from critique.activity.models import Notice
from critique.activity.mornings import morning_of
from critique.comments.operations import add_comment
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.conftest import load_person, on_one

pytestmark = [pytest.mark.journey, on_one]


def test_a_notice_arrives_is_read_and_what_is_left_comes_with_the_digest(
    served, cast, visit, monkeypatch
):
    # Without a film: whoever leaves a room at once would hang up on it.
    with served.app.app_context(), transaction():
        first = make_room(cast.team, cast.maya, title="Checkout").review
        second = make_room(cast.team, cast.maya, title="Onboarding").review

    def say(review_id, body):
        with served.app.app_context(), transaction():
            chosen = sa.select(Walkthrough).where(Walkthrough.review_id == review_id)
            add_comment(
                by=load_person(cast.oliver), walkthrough=db.session.scalars(chosen).one(),
                body=body, start_ms=1000,
            )  # fmt: skip

    maya = visit(cast.maya)
    page = maya.page
    page.goto(f"{served.url}/library")
    bell = page.locator(".bell")
    expect(bell.locator("[data-bell]")).to_be_hidden()
    say(first, "The rule is heavier than the total.")
    say(second, "@Maya, where does this begin?")
    page.reload()
    expect(bell).to_contain_text("2")
    expect(bell.locator(".bell__count--asks")).to_be_visible()
    bell.click()
    expect(page.get_by_role("heading", name="Two things are new.")).to_be_visible()
    page.get_by_role("link", name="Oliver commented").click()
    expect(page.locator(".room")).to_be_visible()
    expect(bell.locator("[data-bell]").first).to_have_text(re.compile("^1 new"))
    page.goto(f"{served.url}/notices")
    expect(page.get_by_role("heading", name="One thing is new.")).to_be_visible()

    with served.app.app_context():
        hours = load_person(cast.maya).working_hours
        coming = (morning_of(hours, clock.now() + timedelta(days=days)) for days in range(1, 8))
        morning = next(one for one in coming if one)
        db.session.rollback()
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: morning.starts_at)
            write_digest_of(cast.maya, morning.day)
        unseen = db.session.scalars(sa.select(Notice.id).where(Notice.seen_at.is_(None))).all()
        db.session.rollback()
    assert len(unseen) == 1
    page.goto(f"{served.url}/outbox")
    # In a week's first one the weekly letter tells it.
    page.get_by_role("link", name=re.compile("^Your (move: |week, )")).click()
    letter = page.locator("pre.letter")
    expect(letter).to_contain_text("Oliver mentioned you")
    expect(letter).to_contain_text("Your move ")
    expect(letter).not_to_contain_text("- “Checkout”: Oliver commented")
    assert maya.troubles == []
