"""Saying a reply instead of typing it: recorded, listened to, sent, heard by the other person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from critique.comments.operations import add_comment
from critique.media.speech.words import Transcript as Heard
from critique.media.speech.words import Word
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.walkthroughs import preparing
from critique.walkthroughs.models import Walkthrough
from tests import chromium
from tests.conftest import load_person
from tests.journeys.conftest import Room, Served, Visitor
from tests.people import Cast

# A browser that is closed while it loads media leaves the server a file to close later.
pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
Visit = Callable[..., Visitor]
SPOKEN = "marmalade goes above the button"
# A browser without a screen has none to share: a canvas that changes stands in for it.
SHARED = """
navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const pen = canvas.getContext("2d");
  let at = 0;
  const paint = () => { pen.fillStyle = `hsl(${at += 9} 80% 50%)`; pen.fillRect(0, 0, 320, 180); };
  setInterval(paint, 40);
  return canvas.captureStream(25);
};
"""
REFUSED = """
navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException("Permission denied", "NotAllowedError");
};
"""


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium that has a microphone, which beeps, and is allowed to use it."""
    found = chromium.path()
    assert found
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    launched = browser.browser_type.launch(executable_path=found, args=flags)
    yield launched
    launched.close()


@pytest.fixture(autouse=True)
def ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that hears the same in everything, at once."""
    words = [Word(w, at * 300, at * 300 + 250, 0.4) for at, w in enumerate(SPOKEN.split())]
    heard = Heard(words=words, language="en", engine="test", draft=True)
    monkeypatch.setattr(preparing, "transcribe", lambda *_: heard)


@pytest.fixture
def comment(app: Flask, cast: Cast, room: Room) -> int:
    """Oliver's remark, to be answered."""
    with app.app_context(), transaction():
        return add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="Why is it above?",
            start_ms=2000,
        ).id


@pytest.fixture
def maya(visit: Visit, served: Served, cast: Cast, room: Room, comment: int) -> Visitor:
    return visit(cast.maya)


def open_form(page: Page, served: Served, room: Room, comment: int) -> Any:
    page.goto(f"{served.url}/reviews/{room.review}#comment-{comment}")
    thread = page.locator(f"#comment-{comment}")
    press_reply(page, thread)
    return thread


def press_reply(page: Page, thread: Any) -> None:
    """Bring the form into the thread, once the modules of the room have started."""
    expect(page.locator(".room--live")).to_be_visible()
    thread.get_by_role("link", name="Reply", exact=True).click()
    expect(thread.locator(".recorder")).to_be_visible()


def record(thread: Any, button: str = "Record your voice", until: str = "0:01") -> None:
    thread.get_by_role("button", name=button).click()
    expect(thread.locator("[data-clock]")).to_have_text(until)
    thread.get_by_role("button", name="Stop").click()


def send(thread: Any) -> None:
    thread.locator("form[data-way=replies]").get_by_role("button", name="Reply").click()


def test_a_voice_is_recorded_heard_sent_and_heard_by_the_other(
    maya, visit, served, cast, room, comment, run_jobs
):
    oliver = visit(cast.oliver)
    oliver.page.goto(f"{served.url}/reviews/{room.review}")
    expect(oliver.page.locator(f"#comment-{comment}")).to_be_visible()
    thread = open_form(maya.page, served, room, comment)
    expect(thread.locator(".recorder__limit")).to_have_text("Up to 2 minutes and 100 MB.")
    thread.get_by_role("button", name="Record your voice").click()
    expect(thread.locator("[data-clock]")).to_have_text("0:01")
    thread.get_by_role("button", name="Pause").click()
    stood = thread.locator("[data-clock]").text_content()
    thread.get_by_role("button", name="Go on").click()
    expect(thread.locator("[data-clock]")).not_to_have_text(stood)
    thread.get_by_role("button", name="Stop").click()
    taken = thread.get_by_label("Your voice, not sent yet")
    expect(taken).to_be_visible()
    assert plays(maya.page, ".recorder audio")
    send(thread)
    expect(thread.locator(".recorded")).to_contain_text("is being made playable")
    expect(thread.locator("form[data-way=replies]")).to_have_count(0)
    theirs = oliver.page.locator(f"#comment-{comment} .recorded")
    expect(theirs).to_contain_text("is being made playable")
    run_jobs()
    expect(theirs.locator("audio")).to_be_visible()
    expect(theirs).to_contain_text("Words of this reply")
    expect(theirs).to_contain_text("Draft, many words will be wrong")
    expect(theirs).to_contain_text(SPOKEN)
    oliver.page.locator("[data-video]").evaluate("(video) => { video.muted = true; video.play(); }")
    assert plays(oliver.page, f"#comment-{comment} .recorded audio")
    assert oliver.page.locator("[data-video]").evaluate("(video) => video.paused")
    assert maya.troubles == oliver.troubles == []
    oliver.page.locator(f"#comment-{comment}").get_by_role("link", name="Reply").click()
    expect(oliver.page.locator(".recorder")).to_be_visible()
    # axe tries inline styles, which the policy refuses, so nothing is asked of this page later.
    found = Axe().run(oliver.page, context=f"#comment-{comment}").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


def plays(page: Page, where: str) -> bool:
    """Press play, and wait until it has sounded for a moment."""
    return page.evaluate(
        """(where) => new Promise((resolve) => {
            const one = document.querySelector(where);
            one.addEventListener("timeupdate", () => { if (one.currentTime > 0.2) resolve(true); });
            one.addEventListener("error", () => resolve(false));
            one.currentTime = 0;
            one.play().catch(() => resolve(false));
        })""",
        where,
    )


def test_a_screen_is_recorded_with_a_voice(maya, served, room, comment, run_jobs):
    maya.page.add_init_script(SHARED)
    thread = open_form(maya.page, served, room, comment)
    record(thread, "Record your screen")
    expect(thread.get_by_label("Your screen, not sent yet")).to_be_visible()
    thread.locator("textarea").fill("Here:")
    send(thread)
    expect(thread.locator(".recorded")).to_contain_text("is being made playable")
    run_jobs()
    screen = thread.locator(".recorded video")
    expect(screen).to_be_visible()
    expect(screen).to_have_attribute("poster", "/walkthroughs/2/media/poster")
    expect(thread.locator(".recorded")).to_contain_text(SPOKEN)
    expect(thread.locator(".thread__reply")).to_contain_text("Here:")
    assert plays(maya.page, ".recorded video")
    assert maya.troubles == []


def test_a_refused_microphone_leaves_the_words(maya, served, room, comment):
    maya.page.add_init_script(REFUSED)
    thread = open_form(maya.page, served, room, comment)
    thread.locator("textarea").fill("Then I write it.")
    thread.get_by_role("button", name="Record your voice").click()
    expect(thread.locator(".recorder__words")).to_contain_text("The microphone was not allowed.")
    expect(thread.locator("textarea")).to_have_value("Then I write it.")
    send(thread)
    expect(thread.locator(".thread__reply")).to_contain_text("Then I write it.")
    assert maya.troubles == []


def test_what_could_not_be_sent_is_kept_over_a_reload(maya, served, room, comment):
    thread = open_form(maya.page, served, room, comment)
    record(thread)
    maya.page.route("**/uploads/**", lambda route: route.abort())
    send(thread)
    words = thread.locator(".recorder__words")
    expect(words).to_contain_text("Not sent: Critique cannot be reached.")
    expect(thread.get_by_role("link", name="Download it")).to_have_attribute(
        "download", "voice-reply.webm"
    )
    maya.page.unroute("**/uploads/**")
    maya.page.reload()
    press_reply(maya.page, thread)
    expect(words).to_contain_text("it was kept on this device")
    send(thread)
    expect(thread.locator(".recorded")).to_contain_text("is being made playable")
    maya.page.reload()
    press_reply(maya.page, thread)
    expect(thread.get_by_role("button", name="Record your voice")).to_be_visible()


def test_it_ends_by_itself_and_can_be_thrown_away(maya, served, room, comment):
    thread = open_form(maya.page, served, room, comment)
    thread.locator(".recorder").evaluate("(one) => { one.dataset.longest = '1000'; }")
    assert thread.locator(".recorder").get_attribute("data-longest") == "1000"
    thread.get_by_role("button", name="Record your voice").click()
    expect(thread.locator(".recorder__words")).to_contain_text("as long as a reply can be")
    thread.get_by_role("button", name="Discard").click()
    expect(thread.get_by_role("button", name="Record your voice")).to_be_visible()
    maya.page.reload()
    press_reply(maya.page, thread)
    expect(thread.locator(".recorder__words")).to_have_text("")


def test_on_the_page_of_a_reply_it_leads_back_to_the_room(maya, served, room, comment):
    maya.page.goto(f"{served.url}/comments/{comment}/replies")
    form = maya.page.locator("form[data-way=replies]")
    expect(form.locator(".recorder")).to_be_visible()
    record(form)
    form.get_by_role("button", name="Reply").click()
    expect(maya.page.locator(f"#comment-{comment} .recorded")).to_contain_text("made playable")
    assert maya.troubles == []
