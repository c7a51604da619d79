"""Naming somebody, looking before sending, nodding, answering an aim: in two real browsers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from critique.comments.models import Comment, Mention, Reaction
from critique.comments.operations import add_comment
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.journeys.conftest import Room, Served, Visitor
from tests.people import Cast

pytestmark = [
    pytest.mark.journey,
    # A browser that seeks drops the connection of the range it no longer wants.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def enter(
    visit: Callable[..., Visitor], served: Served, room: Room
) -> Iterator[Callable[..., Page]]:
    """Open the room as somebody; at the end nothing may have gone wrong in any of the browsers."""
    visitors: list[Visitor] = []

    def open_room(person_id: int, more: str = "", **options: object) -> Page:
        visitor = visit(person_id, **options)
        visitors.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{room.review}{more}")
        visitor.page.locator(".room--live").wait_for()
        return visitor.page

    yield open_room
    for visitor in visitors:
        ours = [one for one in visitor.troubles if not one.startswith("Applying inline style")]
        assert ours == []


def nothing_in_the_way(page: Page) -> None:
    """Nothing that axe calls an obstacle. It tries inline styles, which the policy refuses."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def say(served: Served, room: Room, cast: Cast) -> Callable[..., int]:
    """Let Oliver say something about a moment; gives the comment's id."""

    def speak(body: str, at: int = 0, **more: object) -> int:
        with served.app.app_context(), transaction():
            return add_comment(
                by=load_person(cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
                body=body,
                start_ms=at,
                **more,
            ).id

    return speak


def stored(served: Served, column: sa.ColumnElement) -> list:
    """All values of a column, in the order they were written."""
    with served.app.app_context(), snapshot():
        return list(db.session.scalars(sa.select(column)))


def stands_at(page: Page, ms: int) -> None:
    """Wait until the video stands there."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        now = page.evaluate("document.querySelector('[data-video]').currentTime * 1000")
        if abs(now - ms) < 80:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"The video stands at {now}, not at {ms}")


def test_somebody_is_named_by_keyboard_looked_at_before_sending_and_told(
    enter, visit, served, room, cast
):
    page = enter(cast.oliver)
    field = page.locator("#composer-body")
    field.click()
    page.keyboard.type("Look at 0:07, @")
    people = page.locator(".naming [role=option]")
    expect(people).to_have_count(4)
    assert people.all_text_contents() == ["Ada", "Maya", "Oliver", "Wei"]
    page.keyboard.type("zzz")
    expect(people).to_have_count(0)
    for _ in "zzz":
        page.keyboard.press("Backspace")
    expect(people).to_have_count(4)
    page.keyboard.press("ArrowUp")
    expect(page.locator(".naming [aria-selected=true]")).to_have_text("Wei")
    nothing_in_the_way(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Look at 0:07, @Maya ")
    page.keyboard.type("and @w")
    page.keyboard.press("Escape")
    expect(people).to_have_count(0)
    expect(field).to_be_focused()
    page.keyboard.type("e")
    expect(people).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.type("in `@Ada` **now**")
    expect(field).to_have_value("Look at 0:07, @Maya and @Wei in `@Ada` **now**")

    page.get_by_role("button", name="Preview").click()
    written = page.get_by_role("region", name="Preview")
    expect(written.locator(".mention")).to_have_text(["@Maya", "@Wei"])
    expect(written.locator("strong")).to_have_text("now")
    expect(field).to_be_hidden()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    assert stored(served, Comment.id) == []
    page.keyboard.press("Control+Enter")
    thread = page.locator("#threads .thread")
    expect(thread.locator(".mention")).to_have_text(["@Maya", "@Wei"])
    assert sorted(stored(served, Mention.person_id)) == [cast.maya, cast.wei]

    # A moment in it plays without loading anything anew.
    page.evaluate("window.stillHere = true")
    thread.locator("a.moment").click()
    stands_at(page, 7000)
    assert page.evaluate("window.stillHere") is True

    wei = visit(cast.wei).page
    wei.goto(served.url)
    row = wei.get_by_role("list", name="What waits for you").get_by_role("listitem")
    expect(row).to_contain_text("Checkout: the total")
    expect(row).to_contain_text("Oliver mentioned you.")
    wei.get_by_role("button", name="Open the thread").click()
    expect(wei.locator(".mention--mine")).to_have_text("@Wei")
    wei.goto(served.url)
    expect(wei.get_by_text("mentioned you")).to_have_count(0)
    # Following a plain link to it is a look as well.
    maya = enter(cast.maya, f"?v=1#comment-{stored(served, Comment.id)[0]}")
    expect(maya.locator(".mention--mine")).to_be_visible()
    until = time.monotonic() + 30
    while None in stored(served, Mention.seen_at) and time.monotonic() < until:
        maya.wait_for_timeout(50)
    assert None not in stored(served, Mention.seen_at)


def test_by_touch_a_name_is_taken_without_losing_the_caret(enter, cast):
    page = enter(
        cast.oliver, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    field = page.locator("#composer-body")
    field.tap()
    page.keyboard.type("Hi @ma")
    option = page.get_by_role("option", name="Maya")
    expect(option).to_be_visible()
    box = option.bounding_box()
    assert box["x"] >= 0
    assert 0 <= box["y"] <= 844 - box["height"]
    assert box["height"] >= 40
    option.tap()
    expect(field).to_have_value("Hi @Maya ")
    expect(field).to_be_focused()


def test_a_nod_is_with_the_others_by_itself_and_says_whose_it_is(enter, served, cast, say):
    comment = say("The rule is heavy.", 1000)
    maya, wei = enter(cast.maya), enter(cast.wei)
    maya.get_by_role("link", name="React").click()
    maya.get_by_role("button", name="Agree").press("ArrowRight")
    maya.get_by_role("button", name="Agree").press("Enter")
    theirs = wei.locator(f"#comment-{comment} .reaction")
    expect(theirs).to_have_attribute("aria-label", "Agree: Maya")
    own = maya.locator(f"#comment-{comment} .reactions:not(form) .reaction")
    expect(own).to_have_attribute("aria-pressed", "true")
    expect(maya.locator(f"#comment-{comment} form")).to_have_count(0)

    theirs.press("Enter")
    expect(theirs).to_have_attribute("aria-label", "Agree: You and Maya")
    expect(theirs).to_be_focused()
    expect(own).to_have_attribute("aria-label", "Agree: You and Wei")
    nothing_in_the_way(wei)
    theirs.press("Enter")
    expect(theirs).to_have_attribute("aria-pressed", "false")
    own.click()
    expect(own).to_have_count(0)
    assert stored(served, Reaction.id) == []


def test_a_problem_without_a_why_is_asked_for_one_and_goes_out_all_the_same(enter, served, cast):
    page = enter(cast.oliver)
    body, asked = page.locator("#composer-body"), page.locator(".nudge")
    body.fill("The total is too small.")
    page.get_by_role("radio", name="Problem").check()
    expect(asked).to_contain_text("What makes it a problem?")
    # Where the why is there, nothing is asked.
    body.fill("The total is too small, because nobody sees it.")
    expect(asked).to_be_hidden()
    body.fill("The total is too small.")
    expect(asked).to_be_visible()
    body.press("Control+Enter")
    expect(page.locator("#threads .thread")).to_contain_text("The total is too small.")
    expect(asked).to_be_hidden()
    assert stored(served, Comment.kind) == ["problem"]


def test_an_aim_waits_above_the_talk_until_it_is_answered(enter, served, cast):
    maya = enter(cast.maya, viewport={"width": 390, "height": 844})
    waiting = maya.locator(".aims__one--open")
    expect(waiting).to_be_visible()
    expect(waiting).to_contain_text("Not answered yet")
    oliver = enter(cast.oliver)
    oliver.get_by_role("link", name="Answer: Is the total found first?").click()
    expect(oliver.locator("#composer-body")).to_be_focused()
    oliver.keyboard.type("Yes, at once.")
    oliver.keyboard.press("Control+Enter")
    expect(oliver.locator("#threads .thread")).to_contain_text("on aim 1")
    expect(oliver.locator(".aims__one--open")).to_have_count(0)
    expect(waiting).to_have_count(0)
    assert stored(served, Comment.aim_id) != [None]
