"""A review written in private and sent at once: with keys, without scripts, in two windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from critique.comments.models import Comment, Draft, Verdict
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot
from tests.journeys.conftest import Room, Served, Visitor

pytestmark = [
    pytest.mark.journey,
    # A browser that seeks drops the connection of the range it no longer wants.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Enter = Callable[..., Visitor]


@pytest.fixture
def enter(visit: Enter, served: Served, room: Room) -> Iterator[Enter]:
    """Open the room as somebody; at the end nothing may have gone wrong in any of the browsers."""
    visitors: list[Visitor] = []

    def open_room(person_id: int, more: str = "", **options: object) -> Visitor:
        visitor = visit(person_id, **options)
        visitors.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{room.review}{more}")
        if options.get("java_script_enabled", True):
            visitor.page.locator(".room--live").wait_for()
        return visitor

    yield open_room
    for visitor in visitors:
        assert visitor.troubles == []


def counts(served: Served) -> tuple[int, int, int]:
    """How many drafts, comments and verdicts there are."""
    with served.app.app_context(), snapshot():
        found = [db.session.query(kind).count() for kind in (Draft, Comment, Verdict)]
        return found[0], found[1], found[2]


def draft(page: Page, words: str) -> None:
    page.locator("#composer-body").fill(words)
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator(".draft-card", has_text=words)).to_be_visible()


def again(page: Page) -> None:
    page.reload()
    page.locator(".room--live").wait_for()


def test_drafts_are_written_by_keys_and_sent_at_once_with_a_verdict(enter, served, room, cast):
    maya, oliver = enter(cast.maya).page, enter(cast.oliver).page
    bar = oliver.locator("[data-review-bar]")
    draft(oliver, "The rule is heavy.")
    draft(oliver, "The day comes too late.")
    draft(oliver, "Praise the total.")
    expect(bar).to_contain_text("Your review: 3 comments, not sent yet")
    expect(oliver.get_by_role("button", name="Add to my review")).to_have_class(
        "button button--small button--primary"
    )
    expect(oliver.locator(".draft-card").first).to_contain_text("Only you see this")
    expect(oliver.locator("[data-thread-count]").first).to_be_empty()
    assert counts(served) == (3, 0, 0)

    last = oliver.locator(".draft-card", has_text="Praise")
    last.get_by_role("link", name="Edit").click()
    last.locator("textarea").fill("Praise, for the total.")
    last.get_by_role("button", name="Save the draft").click()
    expect(oliver.locator(".draft-card", has_text="Praise, for the total.")).to_be_visible()
    second = oliver.locator(".draft-card", has_text="too late")
    second.get_by_role("link", name="Discard").click()
    second.get_by_role("button", name="Remove these words").click()
    expect(bar).to_contain_text("Your review: 2 comments, not sent yet")

    again(oliver)
    expect(oliver.locator(".draft-card")).to_have_count(2)
    oliver.get_by_role("link", name="Send review").click()
    dialog = oliver.get_by_role("dialog", name="Send your review")
    dialog.get_by_label("Another round").check()
    dialog.get_by_label("In a few words").fill("Nearly there.")
    assert maya.locator("#threads .thread").count() == 0
    oliver.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(oliver.locator("#toasts")).to_contain_text("Your review is sent, with 2 comments.")

    for page in (maya, oliver):
        threads = page.locator("#threads article[id^=comment]")
        expect(threads).to_have_count(2)
        expect(page.locator("[data-verdicts]")).to_contain_text("Oliver: Another round, 2 comments")
    expect(maya.locator("[data-move]")).to_contain_text("Your move since ")
    expect(maya.locator("[data-move]")).to_contain_text("Oliver asked for another round.")
    expect(oliver.locator(".draft-card")).to_have_count(0)
    expect(bar).not_to_contain_text("not sent yet")
    assert counts(served) == (0, 2, 1)


def test_the_form_that_sends_it_can_be_used_by_everybody(visit, served, room, cast):
    # Not watched for troubles: axe itself tries inline styles, and the policy refuses them.
    page = visit(cast.oliver).page
    page.goto(f"{served.url}/reviews/{room.review}")
    page.locator(".room--live").wait_for()
    draft(page, "The rule is heavy.")
    page.get_by_role("link", name="Send review").click()
    expect(page.get_by_role("dialog", name="Send your review")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_what_waits_stands_at_its_place_and_can_go_alone(enter, served, room, cast):
    oliver = enter(cast.oliver).page
    seek = "ms => { document.querySelector('[data-video]').currentTime = ms / 1000; }"
    for ms, words, key in [
        (9000, "Late", "Control+Enter"), (5000, "Between", "Control+Shift+Enter"),
        (1000, "Early", "Control+Enter"),
    ]:  # fmt: skip
        oliver.evaluate(seek, ms)
        expect(oliver.locator("[data-anchor-time]")).to_have_text(f"0:0{ms // 1000}")
        oliver.locator("#composer-body").fill(words)
        oliver.keyboard.press(key)
        expect(oliver.locator("#threads article:not(.sending)", has_text=words)).to_be_visible()
    cards = oliver.locator("#threads article")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("Early")
    expect(cards.nth(1)).to_contain_text("Between")
    expect(cards.nth(2)).to_contain_text("Late")
    oliver.get_by_role("button", name="Post it now").click()
    expect(oliver.locator("#threads article[id^=comment]").nth(1)).to_contain_text("Between")
    expect(oliver.locator(".draft-card")).to_have_count(0)
    assert counts(served) == (0, 3, 0)


def test_another_window_that_was_faster_is_said_and_nothing_is_lost(enter, served, room, cast):
    one, two = enter(cast.oliver).page, enter(cast.oliver).page
    draft(one, "Said once.")
    again(two)
    two.get_by_role("link", name="Send review").click()
    dialog = two.get_by_role("dialog")
    dialog.get_by_label("Looks good").check()
    dialog.get_by_label("In a few words").fill("My summary.")
    one.get_by_role("button", name="Post it now").click()
    expect(one.locator("#threads article[id^=comment]")).to_have_count(1)
    send, problem = dialog.get_by_role("button", name="Send review"), dialog.locator("[role=alert]")
    held: list[Route] = []

    def hold_what_is_left(route: Route) -> None:
        if route.request.method == "GET":
            held.append(route)
        else:
            route.continue_()

    two.route("**/verdicts", hold_what_is_left)
    with two.expect_request(lambda asked: asked.method == "GET" and "verdicts" in asked.url):
        send.click()
    expect(problem).to_be_hidden()  # it would ask to choose from what cannot be chosen from yet
    held.pop().continue_()
    expect(problem).to_contain_text("Not among your drafts")
    expect(dialog.get_by_label("In a few words")).to_have_value("My summary.")
    assert counts(served) == (0, 1, 0)
    send.click()
    expect(dialog).to_be_hidden()
    assert counts(served) == (0, 1, 1)


def test_without_scripts_a_review_is_written_and_sent(enter, served, room, cast):
    page = enter(cast.oliver, java_script_enabled=False).page
    for words in ("Plain words.", "More of them."):
        page.locator("#composer-body").fill(words)
        page.get_by_role("button", name="Add to my review").click()
        expect(page.locator(".draft-card", has_text=words)).to_be_visible()
    page.get_by_role("link", name="Send review").click()
    page.get_by_label("Let’s talk").check()
    page.locator("label", has_text="More of them.").locator("input").uncheck()
    page.get_by_role("button", name="Send review").click()
    expect(page.locator("[data-verdicts]")).to_contain_text("Oliver: Let’s talk, 1 comment")
    expect(page.locator(".draft-card")).to_contain_text("More of them.")
    assert counts(served) == (1, 1, 1)
