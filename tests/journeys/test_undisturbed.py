"""A page that does something by itself, or is still at it, leaves alone what a person is at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from critique.comments.models import Comment, Reply
from critique.comments.operations import add_comment, add_reply, give_verdict, resolve_comment
from critique.comments.operations.reactions import add_reaction
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Step, Transcript, Walkthrough
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


@pytest.fixture
def enter(
    visit: Callable[..., Visitor], served: Served, room: Room
) -> Iterator[Callable[..., Page]]:
    """Open the room as somebody; at the end nothing may have gone wrong in any of the browsers."""
    visitors: list[Visitor] = []

    def open_room(person_id: int, more: str = "") -> Page:
        visitor = visit(person_id)
        visitors.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{room.review}{more}")
        visitor.page.locator(".room--live").wait_for()
        return visitor.page

    yield open_room
    for visitor in visitors:
        assert visitor.troubles == []


@pytest.fixture
def remark(served: Served, room: Room, cast: Cast) -> int:
    """What Oliver said."""
    with served.app.app_context(), transaction():
        return add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="Why is it above?",
            start_ms=2000,
        ).id


def bodies(served: Served, column: Any) -> list[str]:
    """Everything that was written, in order."""
    with served.app.app_context(), snapshot():
        return list(db.session.scalars(sa.select(column).order_by(column.class_.id)))


def test_a_reply_on_its_way_takes_no_more_words_and_goes_once(enter, served, cast, remark):
    maya = enter(cast.maya)
    thread = maya.locator(f"#comment-{remark}")
    thread.get_by_role("link", name="Reply", exact=True).click()
    area = thread.locator("textarea")
    area.fill("Because it is read first.")
    sent = hold(maya, "**/replies")
    with sent.come():
        maya.keyboard.press("Control+Enter")
    expect(area).not_to_be_editable()
    maya.keyboard.press("Control+Enter")
    thread.get_by_role("button", name="Reply", exact=True).click()
    assert sent.count == 1
    sent.let_go()
    expect(thread.locator(".thread__reply")).to_contain_text("Because it is read first.")
    expect(thread.locator("textarea")).to_have_count(0)
    assert bodies(served, Reply.body) == ["Because it is read first."]


def test_a_preview_that_comes_late_does_not_take_the_field_away(enter, cast):
    maya = enter(cast.maya)
    area = maya.locator("#composer-body")
    area.fill("The **rule**")
    button = maya.locator(".composer").get_by_role("button", name="Preview")
    drawn = hold(maya, "**/preview*")
    with drawn.come():
        button.click()
    area.press_sequentially(" is heavy")
    expect(button).to_have_attribute("aria-busy", "true")
    drawn.let_go()
    expect(button).not_to_have_attribute("aria-busy", "true")
    expect(area).to_be_focused()
    expect(area).to_have_value("The **rule** is heavy")


def test_words_to_be_rewritten_come_once_and_call_nobody_back(enter, served, cast, remark):
    oliver = enter(cast.oliver)
    thread = oliver.locator(f"#comment-{remark}")
    link = thread.get_by_role("link", name="Edit")
    coming = hold(oliver, "**/edit", "GET")
    with coming.come():
        link.press("Enter")
    link.press("Enter")
    assert coming.count == 1
    # The thread is another one by then, and its writer is at something else.
    with served.app.app_context(), transaction():
        add_reaction(
            by=load_person(cast.maya), to=db.session.get_one(Comment, remark), kind="agree"
        )
    expect(thread.locator(".reaction")).to_have_count(1)
    composer = oliver.locator("#composer-body")
    composer.fill("Something else.")
    coming.let_go()
    expect(thread.locator(".thread__edit textarea")).to_have_value("Why is it above?")
    expect(composer).to_be_focused()


def test_a_choice_that_is_being_made_is_not_swapped_away(enter, served, cast, remark):
    maya = enter(cast.maya)
    thread = maya.locator(f"#comment-{remark}")

    def somebody_answers(words: str) -> None:
        with served.app.app_context(), transaction():
            add_reply(
                by=load_person(cast.wei), comment=db.session.get_one(Comment, remark), body=words
            )
        # The first tells of it; by the second question the first answer has been dealt with.
        for _ in range(2):
            with maya.expect_response(lambda answer: "after=" in answer.url):
                pass

    thread.get_by_role("link", name="React").click()
    somebody_answers("I see it, too.")
    thread.get_by_role("button", name="Thanks").click()
    expect(thread.locator(".thread__reply")).to_contain_text("I see it, too.")
    expect(thread.locator("form[data-way]")).to_have_count(0)

    thread.get_by_role("link", name="Resolve").click()
    thread.locator("form[data-way] input[name=note]").fill("It is lighter now.")
    maya.locator("#composer-body").focus()
    somebody_answers("So do I.")
    expect(thread.locator("form[data-way] input[name=note]")).to_have_value("It is lighter now.")
    thread.get_by_role("button", name="Done", exact=True).click()
    expect(thread).to_contain_text("It is lighter now.")
    expect(thread).to_contain_text("So do I.")


def test_a_button_that_is_down_is_not_swapped_away(enter, served, cast, remark):
    maya = enter(cast.maya)
    thread = maya.locator(f"#comment-{remark}")
    thread.get_by_role("link", name="React").hover()
    maya.mouse.down()
    with served.app.app_context(), transaction():
        add_reply(
            by=load_person(cast.wei), comment=db.session.get_one(Comment, remark), body="Look."
        )
    for _ in range(2):
        with maya.expect_response(lambda answer: "after=" in answer.url):
            pass
    maya.mouse.up()
    thread.get_by_role("button", name="Thanks").click()
    expect(thread.locator(".reaction")).to_have_count(1)
    expect(thread.locator(".thread__reply")).to_contain_text("Look.")


def test_a_review_is_opened_once_however_often_it_is_pressed(enter, cast):
    oliver = enter(cast.oliver)
    oliver.locator("#composer-body").fill("Later.")
    oliver.keyboard.press("Control+Shift+Enter")
    expect(oliver.locator(".draft-card")).to_contain_text("Later.")
    link = oliver.get_by_role("link", name="Send review")
    form = hold(oliver, "**/verdicts", "GET")
    with form.come():
        link.press("Enter")
    link.press("Enter")
    assert form.count == 1
    form.let_go()
    dialog = oliver.get_by_role("dialog")
    dialog.get_by_label("Looks good").check()
    dialog.get_by_label("In a few words").fill("Fine.")
    sent = hold(oliver, "**/verdicts")
    with sent.come():
        oliver.keyboard.press("Control+Enter")
    expect(dialog.get_by_label("In a few words")).not_to_be_editable()
    sent.let_go()
    expect(dialog).to_have_count(0)


def test_words_chosen_before_the_transcript_was_redone_are_those_spoken_then(
    enter, served, room, cast
):
    oliver = enter(cast.oliver)
    oliver.locator(".words").focus()
    oliver.keyboard.press("ArrowRight")
    for key in ("ArrowRight", "Shift+ArrowRight"):
        oliver.keyboard.press(key)
    chosen = oliver.locator("[data-anchor-quote]").text_content()
    oliver.locator("#composer-body").fill("Is it?")
    with served.app.app_context(), transaction():
        old = db.session.scalars(sa.select(Transcript)).one()
        # It was heard better: one word more before everything else.
        words = [[901, "So,", 0, 1, 0.9], *old.words]
        db.session.add(
            Transcript(
                walkthrough_id=room.walkthrough, revision=2, engine="test", draft=False,
                language="en", words=words, created_at=clock.now(),
            )
        )  # fmt: skip
    oliver.reload()
    oliver.locator(".room--live").wait_for()
    expect(oliver.locator("#composer-body")).to_have_value("Is it?")
    expect(oliver.locator("[data-anchor-quote]")).to_have_text(chosen)
    oliver.locator("#composer-body").press("Control+Enter")
    expect(oliver.locator("#threads .thread .quote__words")).to_have_text(chosen.strip("“”"))


@pytest.fixture
def under_way(served: Served, room: Room) -> int:
    """A second step of the version that is still at work, and one that failed."""
    with served.app.app_context(), transaction():
        made = [
            Step(walkthrough_id=room.walkthrough, name="sprite", position=1, state="failed",
                 reason="It stopped."),
            Step(walkthrough_id=room.walkthrough, name="peaks", position=2, state="running"),
        ]  # fmt: skip
        db.session.add_all(made)
        db.session.flush()
        return made[1].id


def test_steps_that_are_asked_for_again_keep_the_focus_and_the_finger(
    enter, served, cast, under_way
):
    maya = enter(cast.maya)
    steps = maya.locator("[data-steps-of]")
    again = steps.get_by_role("button", name="Try again")
    again.focus()
    again.evaluate("one => { one.marked = true; }")
    for _ in range(2):
        with maya.expect_response("**/steps*"):
            pass
    # What looks the same is the same.
    assert again.evaluate("one => one.marked") is True
    again.hover()
    maya.mouse.down()
    with served.app.app_context(), transaction():
        db.session.get_one(Step, under_way).state = "done"
    for _ in range(2):
        with maya.expect_response("**/steps*"):
            pass
    assert again.evaluate("one => one.marked") is True
    maya.mouse.move(0, 0)
    maya.mouse.up()
    expect(steps.get_by_text("at work")).to_have_count(0)
    expect(again).to_be_focused()


def test_a_version_that_arrives_while_its_author_writes_waits_to_be_looked_at(
    enter, served, cast, recording
):
    maya = enter(cast.maya)
    was = maya.url
    maya.get_by_label("What you can do with this request").click()
    maya.get_by_role("button", name="Post a new version").click()
    dialog = maya.get_by_role("dialog")
    dialog.locator("[data-file]").set_input_files(recording / "playable.mp4")
    note = dialog.get_by_label("What changed since v1?")
    note.fill("The total is first.")
    sent = hold(maya, "**/uploads/*", "PATCH")
    with sent.come():
        dialog.get_by_role("button", name="Upload").click()
    # It went along with the first bytes: what were written now would be lost.
    expect(note).not_to_be_editable()
    maya.keyboard.press("Escape")
    composer = maya.locator("#composer-body")
    composer.press_sequentially("And in v1")
    sent.let_go()
    toast = maya.locator("#toasts .toast")
    expect(toast).to_contain_text("Your new version is here.")
    composer.press_sequentially(" it was last.")
    expect(composer).to_have_value("And in v1 it was last.")
    assert maya.url == was
    toast.get_by_role("button", name="Go to it").click()
    expect(maya.get_by_role("heading", name="Your video is here.")).to_be_visible()
    assert bodies(served, Walkthrough.note) == ["", "The total is first."]


# The first file is read slowly.
SLOW = """
const slice = File.prototype.slice;
File.prototype.slice = function (...from) {
  const part = slice.apply(this, from);
  const read = part.arrayBuffer.bind(part);
  if (this.name === "first.mp4") part.arrayBuffer = () => new Promise((done) => {
    window.readOn = () => { done(read()); return read(); };
  });
  return part;
};
"""


def test_what_is_chosen_last_is_what_is_uploaded(visit, served, cast, room, recording, tmp_path):
    page = visit(cast.maya).page
    page.add_init_script(SLOW)
    page.goto(f"{served.url}/reviews/{room.review}")
    page.locator(".room--live").wait_for()
    field = page.locator("#new-version [data-file]")
    for name in ("first.mp4", "second.mp4"):
        (tmp_path / name).write_bytes((recording / "playable.mp4").read_bytes())
        field.set_input_files(tmp_path / name)
    invitation = page.locator("#new-version [data-invitation]")
    expect(invitation).to_contain_text("second.mp4")
    # Then the first one's length is known, and nobody asks any more.
    page.evaluate("() => window.readOn().then(() => new Promise(requestAnimationFrame))")
    minutes = page.evaluate_handle("() => document.createElement('video')")
    minutes.evaluate(
        "(video, from) => new Promise((seen) => {"
        "video.onloadedmetadata = seen; video.src = from; })",
        f"{served.url}/walkthroughs/{room.walkthrough}/media/playable",
    )
    expect(invitation).to_contain_text("second.mp4")


def test_whose_move_it_is_is_not_swapped_away_from_who_is_about_to_press(
    enter, served, cast, room, remark
):
    with served.app.app_context(), transaction():
        said = db.session.get_one(Comment, remark)
        resolve_comment(by=load_person(cast.maya), comment=said, how="done")
    oliver = enter(cast.oliver)
    done = oliver.get_by_role("button", name="I am done here")
    standing = hold(oliver, "**/standing", "GET")
    with standing.come(), served.app.app_context(), transaction():
        give_verdict(
            by=load_person(cast.wei),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            verdict="looks_good",
        )
    done.focus()
    standing.let_go()
    expect(oliver.locator("[data-verdicts]")).to_contain_text("Wei: Looks good")
    expect(done).to_be_focused()


# What would be sent is counted, and the page stands still as if it were on its way.
COUNTED = """() => {
  window.sent = 0;
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) window.sent += 1;
    event.preventDefault();
  });
}"""


def test_a_pressed_button_stays_pressed_whatever_else_is_answered(visit, served, cast):
    page = visit(cast.maya).page
    page.goto(f"{served.url}/reviews/new")
    page.evaluate(COUNTED)
    page.get_by_label("What is it about?").fill("Checkout")
    preview = hold(page, "**/deadline*", "GET")
    with preview.come():
        page.get_by_label("In 4 working hours").check()
    button = page.get_by_role("button", name="Post and add the walkthrough")
    button.click()
    preview.let_go()
    expect(page.locator("#deadline-preview")).not_to_be_empty()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    assert page.evaluate("() => window.sent") == 1


def test_a_claim_is_pressed_though_the_queue_is_asked_for_meanwhile(visit, served, cast, room):
    page = visit(cast.wei).page
    page.clock.install()
    page.goto(f"{served.url}/queue")
    page.get_by_role("button", name="Claim Checkout: the total").hover()
    page.mouse.down()
    with page.expect_response("**/queue*"):
        page.clock.fast_forward(31_000)
    with page.expect_response("**/queue*"):
        page.clock.fast_forward(31_000)
    page.mouse.up()
    page.wait_for_url("**/reviews/*")


def test_a_draw_that_is_waited_for_takes_nothing_out_of_a_hand(visit, served, cast, run_jobs):
    page = visit(cast.wei).page
    page.goto(f"{served.url}/coffee")
    page.get_by_role("button", name="Draw now").click()
    expect(page.get_by_text("It is being drawn now.")).to_be_visible()
    away = page.get_by_label("Away until")
    away.fill("2026-12-24")
    run_jobs()
    for _ in range(2):
        with page.expect_response("**/coffee?drawing=*"):
            pass
    expect(away).to_have_value("2026-12-24")
    expect(away).to_be_focused()
    away.fill("")
    page.get_by_role("heading", name="Coffee groups").click()
    expect(page.get_by_text("It is being drawn now.")).to_have_count(0)
