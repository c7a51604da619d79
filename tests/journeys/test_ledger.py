"""The ledger as its people walk it: by key, two at once, without JavaScript, on paper."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from critique.comments.models import Comment, Placement, Verdict
from critique.comments.operations import add_comment, resolve_comment
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Step, Walkthrough
from tests.conftest import load_person
from tests.journeys.conftest import Room, Served, Visitor
from tests.journeys.held import hold
from tests.people import Cast

pytestmark = [
    pytest.mark.journey,
    # A browser that seeks drops the connection of the range it no longer wants.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SAID = (
    ("The rule is **heavier** than the total. On a phone it wins.", 6, 8, "problem", "must_fix"),
    ("Could the button stay in view?", 12, 14, "question", "take_it_or_leave_it"),
    ("Gray alone says nothing to me either.", 24, 27, "suggestion", "take_it_or_leave_it"),
    ("The new order reads well.", 0, 4, "praise", "take_it_or_leave_it"),
)
# Where they lie in the second version: state, start and end in ms.
LIES = (("moved", 9000, 10_500), ("exact", 7000, 8000), ("removed", None, None), ("exact", 0, 2000))


@dataclass(frozen=True)
class Sheet:
    """A request with two versions, and Oliver's comments on the first."""

    review: int
    second: int
    comments: list[int]


@pytest.fixture
def sheet(served: Served, room: Room, cast: Cast) -> Sheet:
    """Four comments, placed in a second version."""
    with served.app.app_context(), transaction():
        first = db.session.get_one(Walkthrough, room.walkthrough)
        copied = (
            "filename", "state", "duration_ms", "width", "height", "has_video", "has_audio",
            "playable_key", "playable_type", "original_key", "poster_key",
        )  # fmt: skip
        second = Walkthrough(
            review_id=room.review, version=2, uploaded_by_id=cast.maya, created_at=clock.now(),
            steps=[Step(name="probe", position=0, state="done")],
            **{name: getattr(first, name) for name in copied},
        )  # fmt: skip
        db.session.add(second)
        db.session.flush()
        made = []
        for (body, begin, end, kind, weight), lies in zip(SAID, LIES, strict=True):
            comment = add_comment(
                by=load_person(cast.oliver), walkthrough=first, body=body, kind=kind,
                weight=weight, words=(room.words[begin][0], room.words[end][0]),
            )  # fmt: skip
            made.append(comment.id)
            state, start_ms, end_ms = lies
            db.session.add(
                Placement(
                    comment_id=comment.id, walkthrough_id=second.id, state=state, start_ms=start_ms,
                    end_ms=end_ms, confidence=0.9, how="words", at=clock.now(),
                )
            )  # fmt: skip
        return Sheet(room.review, second.id, made)


@pytest.fixture
def enter(visit: Callable[..., Visitor], served: Served, sheet: Sheet) -> Iterator[Callable]:
    """Open the ledger as somebody; at the end nothing may have gone wrong in any browser."""
    visitors: list[Visitor] = []

    def open_ledger(person_id: int, **options: object) -> Page:
        visitor = visit(person_id, **options)
        visitors.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{sheet.review}/ledger")
        if options.get("java_script_enabled", True):
            visitor.page.locator(".ledger--live").wait_for()
            becomes(visitor.page, "document.querySelector('[data-video]').readyState >= 1")
        return visitor.page

    open_ledger.visitors = visitors
    yield open_ledger
    for visitor in visitors:
        assert visitor.troubles == []


def becomes(page: Page, expression: str) -> None:
    """Poll the page: `wait_for_function` needs eval, which the content security policy forbids."""
    deadline = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(30)


def stands_at(page: Page, ms: int) -> None:
    becomes(
        page, f"Math.abs(document.querySelector('[data-video]').currentTime * 1000 - {ms}) < 80"
    )


def answers(served: Served, sheet: Sheet) -> list[tuple | None]:
    """How, note, moment and yes of what is in force about each comment."""
    with served.app.app_context(), snapshot():
        found = [db.session.get_one(Comment, one).resolution for one in sheet.comments]
        return [
            row and (row.how, row.note, row.version_id, row.at_ms, row.confirmed_at is not None)
            for row in found
        ]


def test_open_comments_are_walked_with_one_key_each_and_confirmed_with_one(
    enter, served, sheet, cast
):
    maya = enter(cast.maya)
    rule, button, gray, _ = (maya.locator(f"#comment-{one}") for one in sheet.comments)
    chosen = maya.locator(".entry[aria-current]")
    # The first open one by its place in the second version: the button, at 7 s.
    expect(chosen).to_have_attribute("id", f"comment-{sheet.comments[1]}")
    stands_at(maya, 7000)
    expect(button.get_by_role("button", name="Done here, 0:07")).to_be_visible()
    maya.keyboard.press("ArrowRight")
    stands_at(maya, 8000)
    maya.keyboard.press("d")
    expect(button).to_contain_text("Done, waiting for Oliver")
    expect(button.get_by_role("link", name="See it at 0:08 in v2")).to_be_visible()

    expect(chosen).to_have_attribute("id", f"comment-{sheet.comments[0]}")
    stands_at(maya, 9000)
    expect(rule).to_contain_text("moved to 0:09")
    maya.keyboard.press("w")
    maya.keyboard.press("Enter")
    expect(maya.locator(".toast")).to_contain_text("Why not?")
    maya.keyboard.type("Brand says 2 px.")
    maya.keyboard.press("Enter")
    expect(rule).to_contain_text("Won’t do, waiting for Oliver")

    expect(chosen).to_have_attribute("id", f"comment-{sheet.comments[2]}")
    expect(gray).to_contain_text("this passage is gone")
    maya.keyboard.press("a")
    maya.keyboard.type("Which gray?")
    maya.keyboard.press("Enter")
    expect(gray).to_contain_text("Asked, Oliver’s move")
    expect(maya.locator("[data-progress]")).to_have_text(
        "2 of 3 answered, 0 confirmed, 1 asked back. 1 praised"
    )
    maya.keyboard.press("z")
    expect(gray.locator(".entry__state")).to_have_text("Open")
    maya.keyboard.press("u")
    maya.keyboard.press("Enter")
    expect(gray).to_contain_text("Unclear, Oliver’s move")

    oliver = enter(cast.oliver)
    expect(oliver.locator(".entry[aria-current]")).to_contain_text("Done, waiting for Oliver")
    oliver.keyboard.press("y")
    expect(oliver.locator(f"#comment-{sheet.comments[1]}")).to_contain_text("Confirmed by Oliver")
    expect(button).to_contain_text("Confirmed by Oliver")
    oliver.keyboard.press("n")
    oliver.keyboard.type("On a phone it cannot stay.")
    oliver.keyboard.press("Enter")
    expect(rule).to_contain_text("Oliver reopened it")
    assert answers(served, sheet) == [
        None,
        ("done", "", sheet.second, 8000, True),
        ("unclear", "", None, None, False),
        None,
    ]


def test_j_k_space_and_a_click_go_there(enter, sheet, cast):
    page = enter(cast.maya)
    chosen = page.locator(".entry[aria-current]")
    page.keyboard.press("j")
    expect(chosen).to_have_attribute("id", f"comment-{sheet.comments[0]}")
    stands_at(page, 9000)
    page.keyboard.press(" ")
    becomes(page, "!document.querySelector('[data-video]').paused")
    becomes(page, "document.querySelector('[data-video]').paused")
    stands_at(page, 10_500 + 40)
    page.keyboard.press("k")
    stands_at(page, 7000)
    page.locator(f"#comment-{sheet.comments[3]} .entry__words").click()
    expect(chosen).to_have_attribute("id", f"comment-{sheet.comments[3]}")
    stands_at(page, 0)
    page.keyboard.press("d")
    expect(page.locator(".toast")).to_contain_text("Praise needs no answer")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Done, at the moment where the player stands")


def test_what_somebody_else_answered_meanwhile_stands_beside_ones_own(enter, served, sheet, cast):
    maya = enter(cast.maya)
    number = sheet.comments[1]
    maya.keyboard.press("w")
    maya.keyboard.type("It covers the keyboard.")
    # The page does not know of Wei's answer yet when Maya sends hers.
    with served.app.app_context(), transaction():
        row = db.session.get_one(Comment, number)
        resolve_comment(by=load_person(cast.wei), comment=row, note="Did it on Friday.")
    maya.keyboard.press("Enter")
    line = maya.locator(f"#comment-{number}")
    expect(line.locator("[data-theirs]")).to_contain_text("Wei has answered this meanwhile")
    expect(line.locator("[data-theirs]")).to_contain_text("Did it on Friday.")
    expect(line.locator("textarea")).to_have_value("It covers the keyboard.")
    assert answers(served, sheet)[1][:2] == ("done", "Did it on Friday.")
    line.get_by_role("button", name="Replace theirs").click()
    expect(line).to_contain_text("Won’t do, waiting for Oliver")
    assert answers(served, sheet)[1][:2] == ("wont_do", "It covers the keyboard.")


def test_a_reason_that_was_not_sent_is_still_there(enter, sheet, cast):
    page = enter(cast.maya)
    page.keyboard.press("w")
    page.keyboard.type("Because of the")
    page.reload()
    page.locator(".ledger--live").wait_for()
    page.keyboard.press("w")
    expect(page.locator(".entry[aria-current] textarea")).to_have_value("Because of the")


def test_without_javascript_it_is_answered_and_confirmed_by_forms(enter, served, sheet, cast):
    maya = enter(cast.maya, java_script_enabled=False)
    line = f"#comment-{sheet.comments[0]}"
    maya.locator(line).get_by_role("link", name="Answer").click()
    maya.get_by_placeholder("Why, or what you changed").fill("Thinner.")
    maya.get_by_label("It can be seen in").select_option("v2")
    maya.get_by_role("button", name="Done", exact=True).click()
    expect(maya.locator(line)).to_contain_text("Done, waiting for Oliver")
    oliver = enter(cast.oliver, java_script_enabled=False)
    oliver.locator(line).get_by_role("link", name="Confirm or reopen").click()
    oliver.get_by_role("button", name="Confirm").click()
    expect(oliver.locator(line)).to_contain_text("Confirmed by Oliver")
    assert answers(served, sheet)[0] == ("done", "Thinner.", sheet.second, None, True)


def test_nothing_bars_anybody_and_nothing_runs_over_the_edge(enter, served, sheet, cast):
    with served.app.app_context(), transaction():
        row = db.session.get_one(Comment, sheet.comments[0])
        resolve_comment(by=load_person(cast.maya), comment=row, how="wont_do", note="Brand.")
    # Colours that are still on their way to the other scheme are no fault of it.
    page = enter(cast.oliver, reduced_motion="reduce")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    for width, height in ((1440, 900), (1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    # axe itself tries inline styles, and the policy refuses them
    enter.visitors[-1].troubles.clear()


def test_on_paper_it_is_a_clean_sheet(enter, served, sheet, cast):
    with served.app.app_context(), transaction():
        db.session.add(
            Verdict(
                review_id=sheet.review, walkthrough_id=sheet.second, by_id=cast.oliver,
                verdict="another_round", body="Nearly there.", at=clock.now(),
            )
        )  # fmt: skip
        row = db.session.get_one(Comment, sheet.comments[0])
        resolve_comment(by=load_person(cast.maya), comment=row, how="wont_do", note="Brand.")
    page = enter(cast.maya, color_scheme="dark")
    page.emulate_media(media="print")
    for words in (
        "Checkout: the total", "Is the total found first?", "Another round", "Nearly there.",
        "Won’t do, waiting for Oliver", "Brand.", "this passage is gone",
    ):  # fmt: skip
        expect(page.locator("main").get_by_text(words).first).to_be_visible()
    for chrome in (".topbar", "[data-video]", "[data-keys-line]", ".entry__bar", ".request-tabs"):
        expect(page.locator(chrome)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 255, 255)"
    exact = "getComputedStyle(document.querySelector('.entry .when'), '::after').content"
    assert page.evaluate(exact) == page.evaluate(
        "JSON.stringify(document.querySelector('.entry .when').dataset.exact)"
    )
    expect(page.locator(".entry time").first).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_on_a_slow_line_every_key_counts_and_what_is_being_written_stays(
    enter, served, sheet, cast
):
    maya = enter(cast.maya)
    rule, button, gray, _ = (maya.locator(f"#comment-{one}") for one in sheet.comments)
    expect(button).to_have_attribute("aria-current", "true")
    sent = hold(maya, "**/resolution")
    with sent.come():
        maya.keyboard.press("d")
    maya.keyboard.press("d")
    expect(maya.locator("#toasts")).to_contain_text("still on its way")
    # The next answer waits for the first, and a reason is begun for a third.
    rule.click(position={"x": 5, "y": 5})
    expect(rule).to_have_attribute("aria-current", "true")
    maya.keyboard.press("d")
    gray.click(position={"x": 5, "y": 5})
    maya.keyboard.press("w")
    note = gray.get_by_label("Why not?")
    note.fill("It is off limits.")
    sent.let_go()
    for entry in (button, rule):
        expect(entry).to_contain_text("Done, waiting for Oliver")
    expect(note).to_have_value("It is off limits.")
    expect(note).to_be_focused()
    maya.keyboard.press("Enter")
    expect(gray).to_contain_text("Won’t do, waiting for Oliver")
    assert [row and row[0] for row in answers(served, sheet)] == ["done", "done", "wont_do", None]
    assert answers(served, sheet)[2][1] == "It is off limits."


def test_an_answer_is_taken_back_after_it_has_arrived(enter, served, sheet, cast):
    maya = enter(cast.maya)
    button = maya.locator(f"#comment-{sheet.comments[1]}")
    sent = hold(maya, "**/resolution")
    with sent.come():
        maya.keyboard.press("d")
    maya.keyboard.press("z")
    taken = hold(maya, "**/resolution/end")
    with taken.come():
        sent.let_go()
    expect(button).to_contain_text("Done, waiting for Oliver")
    taken.let_go()
    expect(button).not_to_contain_text("Done, waiting for Oliver")
    assert answers(served, sheet)[1] is None


def test_a_button_that_is_down_is_pressed_though_somebody_answers_meanwhile(
    enter, served, sheet, cast
):
    maya = enter(cast.maya)
    button = maya.locator(f"#comment-{sheet.comments[1]}")
    button.get_by_role("button", name="Done here").hover()
    maya.mouse.down()
    with served.app.app_context(), transaction():
        gray = db.session.get_one(Comment, sheet.comments[2])
        resolve_comment(by=load_person(cast.maya), comment=gray, how="done")
    for _ in range(2):
        with maya.expect_response(lambda answer: "after=" in answer.url):
            pass
    maya.mouse.up()
    expect(button).to_contain_text("Done, waiting for Oliver")
