"""A thread becomes a session: booked from the room, held in two browsers, ended with an outcome."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from critique.comments.operations import add_comment
from critique.pairing.models import Meeting
from critique.pairing.sessions.models import SessionOutcome
from critique.pairing.sessions.openings import Block
from critique.pairing.sessions.operations import open_block
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.journeys.conftest import open_letter, seat_room

pytestmark = pytest.mark.journey

# A Tuesday: 08:00 in Chicago, 14:00 in London, where Oliver lets himself be booked from 15 to 17.
BOOKED = datetime(2026, 11, 24, 14, tzinfo=UTC)
BLOCK = Block(weekday=1, span=(15 * 60, 17 * 60))


@pytest.fixture
def thread(app, cast, move_to, film_keys) -> int:
    """What Oliver said about Maya's work, while he can be booked."""
    move_to(BOOKED)
    with app.app_context(), transaction():
        room = seat_room(cast, film_keys)
        open_block(by=load_person(cast.oliver), block=BLOCK)
        return add_comment(
            by=load_person(cast.oliver), body="The rule is heavier than the total.", start_ms=3000,
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
        ).id  # fmt: skip


def becomes(page: Page, expression: str) -> None:
    """Poll the page: `wait_for_function` needs eval, which the content security policy forbids."""
    until = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"never came true: {expression}"
        page.wait_for_timeout(50)


def enter(page: Page, session: str) -> None:
    page.goto(session)
    page.get_by_role("link", name="Open the live room").click()
    becomes(page, "document.querySelector('video').readyState >= 2")
    page.evaluate("document.querySelector('video').muted = true")


def test_a_thread_is_talked_over_in_two_browsers_that_follow_each_other(
    app, served, cast, desk, move_to, thread
):
    maya, oliver = desk("maya"), desk("oliver")
    maya.goto(f"{served.url}/reviews/1#comment-{thread}")
    maya.locator(f"#comment-{thread}").get_by_role("link", name="Take it live").click()
    expect(maya.locator("main")).to_contain_text("beginning with “The rule is heavier")
    maya.get_by_role("button", name="Book 15 minutes with Oliver").first.click()
    expect(maya.get_by_role("heading", level=1)).to_contain_text("with Oliver")
    session = maya.url
    letter = open_letter(oliver, served.url, "15 minutes with Maya")
    expect(letter).to_contain_text("accept the invitation")
    # The link of the mail asks, the press answers; it needs no sign-in.
    link = letter.get_by_role("link", name="/meetings/answers/").get_attribute("href")
    oliver.goto(served.url + urlsplit(link).path)
    oliver.get_by_role("button", name="Accept").click()
    expect(oliver.get_by_role("heading", level=1)).to_have_text("You come.")

    # Maya finds another time that suits both; calendars get an update of the same entry.
    maya.goto(session)
    expect(maya.locator(".answers__one", has_text="Oliver")).to_contain_text("Comes")
    maya.get_by_role("button", name="Move to").first.click()
    expect(open_letter(oliver, served.url, "15 minutes with Maya")).to_contain_text("Maya moved")
    entry = oliver.locator("pre.letter").last
    expect(entry).to_contain_text("SEQUENCE:1")
    expect(entry).to_contain_text("METHOD:REQUEST")

    with app.app_context(), snapshot():
        starts_at = db.session.scalars(sa.select(Meeting.starts_at)).one()
    move_to(starts_at + timedelta(minutes=1))
    enter(maya, session)
    enter(oliver, session)
    expect(maya.locator("[data-there]")).to_have_text("Oliver is here")
    expect(oliver.locator("[data-timer]")).to_contain_text("left")
    expect(oliver.locator(".session__agenda")).to_contain_text("The rule is heavier")

    # Whoever plays, pauses or seeks does it for both.
    oliver.evaluate("document.querySelector('video').play()")
    becomes(maya, "!document.querySelector('video').paused")
    maya.evaluate("document.querySelector('video').pause()")
    becomes(oliver, "document.querySelector('video').paused")
    oliver.evaluate("document.querySelector('video').currentTime = 12")
    becomes(maya, "Math.abs(document.querySelector('video').currentTime - 12) < 0.1")

    # Each sees where the other points and what the other draws.
    screen = oliver.locator("[data-screen]").bounding_box()
    oliver.mouse.move(screen["x"] + screen["width"] / 2, screen["y"] + screen["height"] / 2)
    oliver.mouse.move(screen["x"] + screen["width"] / 2 + 9, screen["y"] + screen["height"] / 2)
    expect(maya.locator(".hand")).to_have_text("Oliver")
    maya.get_by_role("button", name="Draw for both").click()
    mine = maya.locator("[data-screen]").bounding_box()
    maya.mouse.move(mine["x"] + 60, mine["y"] + 60)
    maya.mouse.down()
    maya.mouse.move(mine["x"] + 160, mine["y"] + 90, steps=6)
    maya.mouse.up()
    expect(oliver.get_by_role("button", name="Wipe it")).to_be_visible()
    oliver.get_by_role("button", name="Wipe it").click()
    expect(maya.get_by_role("button", name="Wipe it")).to_be_hidden()

    # What is to stay is a comment, for both at once; playing alone is one press away.
    maya.get_by_label("Play together").uncheck()
    oliver.evaluate("document.querySelector('video').currentTime = 4")
    oliver.locator("#composer-body").fill("Agreed: the total goes first.")
    oliver.locator("#composer-body").press("Control+Enter")
    expect(maya.locator("#threads")).to_contain_text("Agreed: the total goes first.")
    assert maya.evaluate("document.querySelector('video').currentTime") > 11

    for page, words in ((maya, "The total first, the rule lighter."), (oliver, "She leads now.")):
        page.get_by_role("link", name="End with an outcome").click()
        page.get_by_label("In a sentence").fill(words)
        page.get_by_role("button", name="Note it").click()
    expect(oliver.locator("main")).to_contain_text("The total first, the rule lighter.")
    with app.app_context(), snapshot():
        assert len(db.session.scalars(sa.select(SessionOutcome)).all()) == 2
