"""The room as two people live in it: words, keys, a cut line, an ended session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from critique.accounts.models import SignIn
from critique.comments.models import Comment
from critique.comments.operations import add_comment, give_verdict, resolve_comment
from critique.mentoring.operations import claim_review
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.journeys.arriving import new_page
from tests.journeys.conftest import Room, Served, Visitor, film_of, session_cookie
from tests.people import Cast

pytestmark = [
    pytest.mark.journey,
    # A browser that seeks drops the connection of the range it no longer wants.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Visit = Callable[..., Visitor]


@pytest.fixture
def enter(visit: Visit, served: Served, room: Room) -> Iterator[Callable[..., Visitor]]:
    """Open the room as somebody; at the end nothing may have gone wrong in any of the browsers."""
    visitors: list[Visitor] = []

    def open_room(person_id: int, more: str = "", **options: object) -> Visitor:
        visitor = visit(person_id, **options)
        visitors.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{room.review}{more}")
        visitor.page.locator(".room--live").wait_for()
        # The strip is ready, and the length of the video known.
        visitor.page.wait_for_function("document.querySelector('[data-video]').readyState >= 1")
        return visitor

    yield open_room
    for visitor in visitors:
        assert visitor.troubles == []


@pytest.fixture
def say(served: Served, room: Room, cast: Cast) -> Callable[..., int]:
    """Let Oliver say something about words (by place) or a moment; gives the comment's id."""

    def speak(body: str, first: int | None = None, last: int | None = None, at: int = 0) -> int:
        words = (room.words[first][0], room.words[last or first][0]) if first is not None else None
        with served.app.app_context(), transaction():
            return add_comment(
                by=load_person(cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
                body=body,
                start_ms=None if words else at,
                words=words,
            ).id

    return speak


def comments_in(served: Served) -> list[tuple[str, str, int]]:
    """Body, quote and start of every comment, in the order they were written."""
    with served.app.app_context(), snapshot():
        rows = db.session.scalars(sa.select(Comment).order_by(Comment.id))
        return [(row.body, row.quote, row.start_ms) for row in rows]


def at_ms(page: Page) -> int:
    """Where the video stands."""
    found: int = page.evaluate(
        "Math.round(document.querySelector('[data-video]').currentTime * 1000)"
    )
    return found


def stands_at(page: Page, ms: int, slack: int = 60) -> None:
    """Wait until the video stands there."""
    page.wait_for_function(
        "([ms, slack]) => Math.abs(document.querySelector('[data-video]').currentTime * 1000 - ms)"
        " <= slack",
        arg=[ms, slack],
    )


def test_three_words_chosen_by_keyboard_reach_the_other_person_while_she_types(
    enter, served, room, cast
):
    maya, oliver = enter(cast.maya).page, enter(cast.oliver).page
    maya.locator("#composer-body").fill("I wonder whether")
    maya.evaluate("document.querySelector('#composer-body').setSelectionRange(4, 4)")

    oliver.keyboard.press("w")
    for _ in range(2):
        oliver.keyboard.press("Shift+ArrowRight")
    expect(oliver.locator("[data-anchor-quote]")).to_have_text("“The total sits”")
    oliver.keyboard.press("c")
    oliver.keyboard.type("It **works**.")
    asked: list[str] = []
    maya.on("request", lambda one: asked.append(one.url) if "/threads?" in one.url else None)
    with oliver.expect_response(lambda answer: answer.request.method == "POST"):
        oliver.keyboard.press("Control+Enter")
    before = len(asked)
    thread = maya.locator("#threads .thread")
    expect(thread).to_contain_text("It works.")
    # One question may be under way while it is posted; the next, 1.5 s later, brings it.
    assert len(asked) - before <= 2
    expect(thread.locator(".quote")).to_contain_text("The total sits")
    expect(maya.locator("#announce-polite")).to_contain_text("Oliver commented at 0:00")

    assert maya.evaluate(
        "[document.activeElement.name, document.activeElement.selectionStart]"
    ) == ["body", 4]
    expect(maya.locator("#composer-body")).to_have_value("I wonder whether")
    expect(maya.locator(".mark--tick")).to_have_count(1)
    expect(maya.locator(".pencil-note")).to_contain_text("Oliver It works.")
    expect(oliver.locator("#threads .thread")).to_have_count(1)
    expect(oliver.locator(".sending")).to_have_count(0)
    assert comments_in(served) == [("It **works**.", "The total sits", 0)]


def test_what_is_typed_survives_a_reload(enter, served, room, cast):
    page = enter(cast.oliver).page
    stands_at(page, 0)
    page.keyboard.press("5")
    page.keyboard.press("i")
    page.keyboard.press("l")
    page.keyboard.press("o")
    page.locator("#composer-body").fill("Half a thought")
    page.locator("input[value=problem]").check(force=True)
    page.reload()
    expect(page.locator("#composer-body")).to_have_value("Half a thought")
    expect(page.locator("input[value=problem]")).to_be_checked()
    expect(page.locator("[data-anchor-time]")).to_have_text("0:10–0:19")
    page.locator("#composer-body").press("Control+Enter")
    expect(page.locator("#threads .thread")).to_contain_text("Half a thought")
    page.reload()
    expect(page.locator("#composer-body")).to_have_value("")
    assert [body for body, _, _ in comments_in(served)] == ["Half a thought"]


def test_an_ended_session_keeps_the_text_and_sends_it_after_a_new_sign_in(
    enter, served, room, cast
):
    visitor = enter(cast.oliver)
    page = visitor.page
    with served.app.app_context(), transaction():
        db.session.execute(sa.update(SignIn).values(ended_at=clock.now()))
    page.locator("#composer-body").fill("Said too late")
    page.locator("#composer-body").press("Control+Enter")
    card = page.locator(".sending")
    expect(card).to_contain_text("You were signed out. Your text is kept; sign in in a new tab")
    visitor.context.add_cookies([session_cookie(served, cast.oliver)])
    card.get_by_role("button", name="Try again").click()
    expect(page.locator("#threads .thread")).to_contain_text("Said too late")
    expect(card).to_have_count(0)
    assert [body for body, _, _ in comments_in(served)] == ["Said too late"]


def test_a_cut_line_is_said_honestly_and_sending_again_posts_once(enter, served, room, cast):
    visitor = enter(cast.oliver)
    page = visitor.page
    visitor.context.set_offline(True)
    page.locator("#composer-body").fill("From the train")
    page.locator("#composer-body").press("Control+Enter")
    expect(page.locator(".sending")).to_contain_text("Not sent, kept here.")
    visitor.context.set_offline(False)
    page.reload()
    card = page.locator(".sending")
    expect(card).to_contain_text("From the train")
    # The answer is lost on its way back: the server has it, the page does not know.
    page.route("**/comments", lambda route: (route.fetch(), route.abort()))
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("Not sent, kept here. Critique cannot be reached.")
    page.unroute("**/comments")
    card.get_by_role("button", name="Try again").click()
    expect(card).to_have_count(0)
    expect(page.locator("#threads .thread")).to_have_count(1)
    assert [body for body, _, _ in comments_in(served)] == ["From the train"]
    visitor.troubles.clear()


def test_two_tabs_keep_what_each_could_not_send(enter, served, room, cast):
    visitor = enter(cast.oliver)
    tabs = [visitor.page, new_page(visitor.context)]
    tabs[1].goto(visitor.page.url)
    tabs[1].locator(".room--live").wait_for()
    visitor.context.set_offline(True)
    for tab, words in zip(tabs, ("From the train", "From the bus"), strict=True):
        tab.locator("#composer-body").fill(words)
        tab.locator("#composer-body").press("Control+Enter")
        expect(tab.locator(".sending", has_text=words)).to_contain_text("Not sent, kept here.")
    visitor.context.set_offline(False)
    for tab in tabs:
        tab.reload()
        expect(tab.locator(".sending")).to_have_count(2)
    for words in ("From the train", "From the bus"):
        card = tabs[0].locator(".sending", has_text=words)
        card.get_by_role("button", name="Try again").click()
        expect(card).to_have_count(0)
    expect(tabs[1].locator(".sending")).to_have_count(0)
    assert sorted(body for body, _, _ in comments_in(served)) == ["From the bus", "From the train"]
    visitor.troubles.clear()


def test_links_open_at_a_moment_and_at_a_comment(enter, say, room, cast):
    number = say("Lighter is right here.", 14, 16)
    page = enter(cast.maya, "?t=7000").page
    stands_at(page, 7000)
    page = enter(cast.maya, f"#comment-{number}").page
    stands_at(page, room.words[14][2])
    thread = page.locator(f"#comment-{number}")
    expect(thread).to_be_focused()
    expect(thread).to_have_class("thread is-lit")


def test_the_keys_people_know(enter, say, room, cast):
    first, second = say("Early", at=2000), say("Late", at=16_000)
    page = enter(cast.maya).page
    press = page.keyboard.press
    for key, there in [
        ("5", 10_000), ("l", 19_999), ("j", 9999), ("ArrowLeft", 4999), ("ArrowRight", 9999),
        ("0", 0), ("]", 2000), ("]", 16_000), ("[", 2000),
    ]:  # fmt: skip
        press(key)
        stands_at(page, there, 40)
    expect(page.locator(f"#comment-{first}")).to_be_focused()
    press("]")
    expect(page.locator(f"#comment-{second}")).to_be_focused()
    press("5")
    press(".")
    stands_at(page, 10_052, 12)
    press(",")
    stands_at(page, 10_012, 12)
    press(">")
    expect(page.locator("[data-speed]")).to_have_text("1.25×")
    press("m")
    expect(page.locator("[data-mute]")).to_have_attribute("aria-pressed", "true")
    press("k")
    page.wait_for_function("!document.querySelector('[data-video]').paused")
    press("k")
    page.wait_for_function("document.querySelector('[data-video]').paused")
    press("c")
    expect(page.locator("#composer-body")).to_be_focused()
    page.keyboard.type("jkl05")
    expect(page.locator("#composer-body")).to_have_value("jkl05")
    press("Escape")
    expect(page.locator("[data-slider]")).to_be_focused()
    press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("One frame back")
    page.locator("#keys-on").uncheck()
    press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    before = at_ms(page)
    page.locator("[data-talk-scroll]").click(position={"x": 2, "y": 2})
    press("0")
    press("j")
    assert at_ms(page) == before


def test_the_spoken_word_follows_and_a_word_brings_the_video_there(enter, room, cast):
    page = enter(cast.maya).page
    words = page.locator(".w")
    words.nth(20).click()
    stands_at(page, room.words[20][2])
    expect(words.nth(20)).to_have_class("w is-spoken")
    expect(page.locator("[data-slider]")).to_have_attribute(
        "aria-valuetext", f"{room.words[20][2] // 1000} s"
    )


def test_a_thread_is_answered_edited_and_settled_in_place(enter, say, served, room, cast):
    number = say("Thin the rule.", 3, 5)
    maya, oliver = enter(cast.maya).page, enter(cast.oliver).page
    maya.locator("#composer-body").fill("My own words")
    thread = maya.locator(f"#comment-{number}")
    thread.get_by_text("Reply", exact=True).first.click()
    thread.get_by_placeholder("Answer Oliver").fill("I will.")
    thread.get_by_placeholder("Answer Oliver").press("Control+Enter")
    expect(thread.locator(".thread__reply")).to_contain_text("I will.")
    expect(oliver.locator(f"#comment-{number} .thread__reply")).to_contain_text("I will.")

    theirs = oliver.locator(f"#comment-{number}")
    theirs.get_by_role("link", name="Edit").first.click()
    theirs.locator(".thread__edit textarea").fill("Thin the rule to 1 px.")
    theirs.get_by_role("button", name="Save").click()
    expect(thread).to_contain_text("Thin the rule to 1 px.")

    thread.get_by_text("Resolve", exact=True).click()
    thread.get_by_role("button", name="Done").click()
    expect(thread.locator(".thread__outcome")).to_contain_text("Done")
    expect(oliver.locator(".mark--tick.mark--resolved")).to_have_count(1)
    thread.get_by_role("button", name="Reopen").click()
    expect(thread.locator(".thread__outcome")).to_have_count(0)
    expect(maya.locator("#composer-body")).to_have_value("My own words")


def test_by_key_the_lit_comment_is_answered_and_settled(enter, say, room, cast):
    number = say("Thin the rule.", at=3000)
    say("Another.", at=12_000)
    page = enter(cast.maya).page
    thread = page.locator(f"#comment-{number}")
    press = page.keyboard.press
    press("]")
    expect(thread).to_have_class("thread is-lit")
    press("r")
    expect(thread.get_by_placeholder("Answer Oliver")).to_be_focused()
    page.keyboard.type("er, I will.")
    press("Control+Enter")
    expect(thread.locator(".thread__reply")).to_contain_text("er, I will.")
    expect(thread.locator("form")).to_have_count(0)
    expect(thread).to_be_focused()
    press("e")
    expect(thread.get_by_placeholder("Why, or what you changed")).to_be_focused()
    thread.get_by_role("button", name="Done").click()
    expect(thread.locator(".thread__outcome")).to_contain_text("Done")
    press("Escape")
    press("?")
    expect(page.locator("#keys")).to_contain_text("Resolve the lit comment")


def test_removed_words_leave_both_pages(enter, say, served, room, cast):
    number, stays = say("Unkind.", at=3000), say("Kind.", at=9000)
    maya, oliver = enter(cast.maya).page, enter(cast.oliver).page
    mine = oliver.locator(f"#comment-{number}")
    mine.get_by_role("link", name="Remove").click()
    mine.get_by_role("button", name="Remove these words").click()
    for page in (maya, oliver):
        expect(page.locator(f"#comment-{number}")).to_have_count(0)
        expect(page.locator(f"#comment-{stays}")).to_have_count(1)
        expect(page.locator(".mark--tick")).to_have_count(1)
    between = say("Between.", at=6000)
    last = say("At last.", at=15_000)
    expect(maya.locator(f"#comment-{last}")).to_have_count(1)
    order = maya.locator("#threads .thread").evaluate_all("all => all.map((one) => one.id)")
    assert order == [f"comment-{number}" for number in (between, stays, last)]


def test_a_claim_is_renewed_while_its_holder_types_once_a_minute(enter, served, room, cast):
    with served.app.app_context(), transaction():
        claim_review(by=load_person(cast.oliver), review_id=room.review)
    holder, other = enter(cast.oliver).page, enter(cast.wei).page
    renewals: list[str] = []
    for page in (holder, other):
        page.on("request", lambda r: renewals.append(r.url) if "renewal" in r.url else None)
    other.locator("#composer-body").press_sequentially("Me too")
    with holder.expect_response("**/claim/renewal") as answer:
        holder.locator("#composer-body").press_sequentially("It works")
    assert answer.value.ok
    assert len(renewals) == 1


def test_a_reply_being_written_is_never_swapped_away(enter, say, room, cast):
    number = say("Look here.", at=3000)
    maya, oliver = enter(cast.maya).page, enter(cast.oliver).page
    thread = maya.locator(f"#comment-{number}")
    thread.get_by_text("Reply", exact=True).first.click()
    area = thread.get_by_placeholder("Answer Oliver")
    area.fill("Half a reply")
    theirs = oliver.locator(f"#comment-{number}")
    theirs.get_by_text("Reply", exact=True).first.click()
    theirs.get_by_placeholder("Answer Oliver").fill("One more thing.")
    theirs.get_by_role("button", name="Reply").click()
    say("Something new", at=9000)
    expect(maya.locator("#threads .thread")).to_have_count(2)
    expect(area).to_be_focused()
    expect(area).to_have_value("Half a reply")
    area.press("Control+Enter")
    expect(thread.locator(".thread__reply")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(enter, say, room, cast, scheme, width):
    say("Thin the rule.", 3, 5)
    say("And here?", at=9000)
    viewport = {"width": width, "height": 900 if width > 1000 else 844}
    visitor = enter(cast.maya, color_scheme=scheme, viewport=viewport)
    page = visitor.page
    expect(page.locator(".mark--tick")).to_have_count(2)
    assert visitor.troubles == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.troubles.clear()  # axe itself tries inline styles, and the policy refuses them


def test_on_a_phone_talk_words_and_about_take_turns(enter, say, room, cast):
    say("Thin the rule.", 3, 5)
    viewport = {"width": 390, "height": 844}
    page = enter(cast.oliver, viewport=viewport, has_touch=True, is_mobile=True).page
    expect(page.locator(".talk")).to_be_visible()
    expect(page.locator(".manuscript")).to_be_hidden()
    page.get_by_role("button", name="Words", exact=True).tap()
    expect(page.locator(".manuscript")).to_be_visible()
    page.get_by_role("button", name="About").tap()
    expect(page.locator(".aims")).to_be_visible()
    page.locator("#composer-body").tap()
    page.locator("#composer-body").fill("From the bus")
    frame = page.locator("[data-video]").bounding_box()
    composer = page.locator("[data-composer]").bounding_box()
    assert frame is not None
    assert composer is not None
    assert composer["y"] >= frame["y"] + frame["height"]
    page.get_by_role("button", name="Comment", exact=True).tap()
    expect(page.locator("#threads .thread")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_javascript_it_reads_and_takes_a_comment(say, visit, served, room, cast):
    say("Thin the rule.", 3, 5)
    page = visit(cast.maya, java_script_enabled=False).page
    page.goto(f"{served.url}/reviews/{room.review}?t=4000")
    expect(page.locator("video[controls]")).to_be_visible()
    expect(page.locator(".passage").first).to_contain_text("The total sits above the button")
    expect(page.locator("#threads .thread")).to_contain_text("Thin the rule.")
    page.locator("#composer-body").fill("Written by hand")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#threads .thread")).to_have_count(2)
    assert ("Written by hand", "", 4000) in comments_in(served)


def test_without_javascript_a_thread_is_answered_and_settled(say, visit, served, room, cast):
    number = say("Thin the rule.", 3, 5)
    page = visit(cast.maya, java_script_enabled=False).page
    page.goto(f"{served.url}/reviews/{room.review}")
    page.get_by_role("link", name="Reply").click()
    page.get_by_placeholder("Answer Oliver").fill("By hand.")
    page.get_by_role("button", name="Reply").click()
    thread = page.locator(f"#comment-{number}")
    expect(thread.locator(".thread__reply")).to_contain_text("By hand.")
    thread.get_by_role("link", name="Resolve").click()
    page.get_by_role("button", name="Done").click()
    expect(thread.locator(".thread__outcome")).to_contain_text("Done")
    thread.get_by_role("button", name="Reopen").click()
    expect(thread.get_by_role("link", name="Resolve")).to_be_visible()


def test_a_room_with_all_its_lines_leaves_the_composer_its_place(
    enter, served, room, cast, film_keys
):
    with served.app.app_context(), transaction():
        review = db.session.get_one(Review, room.review)
        second = film_of(review, film_keys)
        second.version, second.note = 2, "A darker button, a louder note, and the focus goes on."
        db.session.add(second)
        first = db.session.get_one(Walkthrough, room.walkthrough)
        give_verdict(by=load_person(cast.oliver), walkthrough=first, verdict="another_round")
        for one in (cast.oliver, cast.wei):
            note = add_comment(
                by=load_person(one), walkthrough=first, body="Why is it there?", start_ms=0
            )
            resolve_comment(by=load_person(cast.maya), comment=note, how="done")
    for person in (cast.maya, cast.oliver):
        page = enter(person).page
        page.set_viewport_size({"width": 1280, "height": 900})
        box = page.locator(".composer__send").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 900
