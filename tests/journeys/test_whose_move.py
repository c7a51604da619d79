"""One request around the world: asked in Chicago, handed to Singapore, answered by mail in London.

The clock of the server is the test's; everything that a worker does by the clock is done when it
is moved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from critique.comments.models import Comment
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.log import record
from tests.conftest import load_person, on_one
from tests.journeys.conftest import Served, film_of, open_letter
from tests.letters.conftest import listen, standing_open

pytestmark = [pytest.mark.journey, on_one]


# A Tuesday: 15:00 in Chicago, 21:00 in London, 05:00 on Wednesday in Singapore.
POSTED = datetime(2026, 11, 24, 21, tzinfo=UTC)
HALF_GONE = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
SINGAPORE_COMES = datetime(2026, 11, 25, 1, 10, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 15, 5, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 11, 26, 15, 5, tzinfo=UTC)


@pytest.fixture
def mail_door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    listen(app, monkeypatch)
    with standing_open(app):
        yield


def ask(page: Page, url: str) -> None:
    page.goto(f"{url}/reviews/new")
    page.locator("[name=title]").fill("Checkout: the total")
    page.locator("[name=aims]").first.fill("Is the total found first?")
    page.get_by_label("In 4 working hours").check()
    expect(page.locator(".deadline__sentence")).to_contain_text("11:00")
    page.get_by_role("checkbox", name="Oliver").check()
    expect(page.locator(".clocks")).to_contain_text("Oliver")
    page.get_by_role("button", name="Post and add the walkthrough").click()
    page.wait_for_url("**/reviews/*")


def show_film(app: Flask, keys: dict[str, str]) -> int:
    """The walkthrough is there, as the uploads leave it; gives the request's id."""
    with app.app_context(), transaction():
        review = db.session.scalars(sa.select(Review)).one()
        walkthrough = film_of(review, keys)
        db.session.add(walkthrough)
        db.session.flush()
        record("walkthrough.posted", load_person(review.author_id), walkthrough)
        return review.id


def row_of(page: Page, url: str) -> Any:
    page.goto(f"{url}/queue")
    return page.locator("main li").filter(has_text="Checkout: the total")


def section_of(page: Page, url: str) -> str:
    row_of(page, url)
    part = page.locator(".queue__part").filter(has_text="Checkout: the total")
    return part.locator("h2.queue__name").inner_text()


def opens_and_plays(page: Page, url: str) -> None:
    """*Next* opens the room, and the work plays by itself; loaded again, it stands still."""
    page.goto(f"{url}/queue")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/reviews/*")
    began = "document.querySelector('video').currentTime > 0.2"
    until = time.monotonic() + 30
    while not page.evaluate(began):
        assert time.monotonic() < until, "Next did not play"
        page.wait_for_timeout(50)
    page.evaluate("document.querySelector('video').pause()")
    page.reload()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def say(app: Flask, page: Page, room: str, words: str) -> None:
    page.goto(room)
    field = page.locator("#composer-body")
    field.click()
    page.keyboard.insert_text(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#threads")).to_contain_text(words.rsplit(",", maxsplit=1)[-1].strip())
    # The page shows it at once; the clock may move when the server has it.
    until = time.monotonic() + 30
    while not is_kept(app, words):
        assert time.monotonic() < until, words
        page.wait_for_timeout(50)


def is_kept(app: Flask, words: str) -> bool:
    with app.app_context(), snapshot():
        return db.session.scalar(sa.select(Comment.id).where(Comment.body == words)) is not None


def test_asked_in_the_evening_answered_by_morning(
    app, served: Served, cast, desk, move_to, mail_door, film_keys
):
    move_to(POSTED)
    maya = desk("maya")
    ask(maya, served.url)
    room = f"{served.url}/reviews/{show_film(app, film_keys)}"

    # London was asked; in Singapore the row says so, and stands behind what is free.
    oliver, wei = desk("oliver"), desk("wei")
    assert section_of(oliver, served.url) == "Yours"
    expect(row_of(oliver, served.url)).to_contain_text("Maya asked you.")
    assert section_of(wei, served.url) == "Better left to others"
    opens_and_plays(oliver, served.url)

    # Half of the four hours is gone and London sleeps: it is offered to who is there soonest.
    move_to(HALF_GONE)
    move_to(SINGAPORE_COMES)
    wei.goto(served.url)
    expect(wei.locator("main")).to_contain_text("Oliver is off until later")
    wei.get_by_role("button", name="Take Checkout: the total").click()
    assert section_of(wei, served.url) == "Yours"
    assert section_of(oliver, served.url) == "With the author or with others"
    expect(row_of(oliver, served.url)).to_contain_text("Wei’s move")
    say(app, wei, room, "@Maya, why is the rule darker than the total?")

    # Nothing woke Maya; her morning tells of it.
    move_to(MORNING)
    letter = open_letter(maya, served.url, "Your move: ")
    expect(letter).to_contain_text("Wei commented")
    say(app, maya, room, "@Oliver, was that your idea?")
    # She leaves: a room that stands open reads what arrives in it, and what was read is not mailed.
    maya.goto(served.url)

    # Oliver is asked in his hours, and answers from his mail program.
    move_to(MORNING + timedelta(minutes=10))
    expect(open_letter(oliver, served.url, "Checkout: the total", exact=True)).to_contain_text(
        "was that your idea?"
    )
    oliver.get_by_label("Your answer").fill("Yes: it marks where the sum begins.")
    oliver.get_by_role("button", name="Send the answer").click()
    move_to(MORNING + timedelta(minutes=11))
    oliver.goto(room)
    expect(oliver.locator("#threads")).to_contain_text("it marks where the sum begins")

    move_to(NEXT_MORNING)
    letter = open_letter(maya, served.url, "Your move: ")
    expect(letter).to_contain_text("Oliver replied")
