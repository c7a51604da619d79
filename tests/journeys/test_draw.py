"""Drawing on the frame by mouse, finger, pen and keys, and what others see of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from critique.comments.models import Comment
from critique.comments.operations import add_comment
from critique.comments.region import region_of
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.journeys.conftest import Served

# The room is entered as in its own stories.
from tests.journeys.test_room import enter, stands_at

__all__ = ["enter"]

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PAD = ".region-layer--drawing"
# What is drawn over the frame now and can be seen; the pad of the composer is a layer too.
SEEN = ".region-layer:not(.region-layer--away) .ink"


@pytest.fixture
def drawn(served: Served, room: Any, cast: Any) -> Callable[..., int]:
    """Let Oliver say something with a rectangle on the frame; gives the comment's id."""

    def draw(start_ms: int, end_ms: int) -> int:
        region = region_of([{"shape": "rectangle", "from": [0.25, 0.25], "to": [0.75, 0.5]}])
        with served.app.app_context(), transaction():
            return add_comment(
                by=load_person(cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
                body="This box.",
                start_ms=start_ms,
                end_ms=end_ms,
                region=region,
            ).id

    return draw


def go_to(page: Page, ms: int) -> None:
    """Let the video stand there, as a click on the strip does."""
    page.evaluate(
        "(ms) => { document.querySelector('[data-video]').currentTime = (ms + 10) / 1000; }", ms
    )
    stands_at(page, ms)


def begin(page: Page) -> None:
    page.keyboard.press("d")
    expect(page.locator(PAD)).to_be_focused()


def pixels(page: Page, x: float, y: float) -> tuple[float, float]:
    box = page.locator(PAD).bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def stroke(page: Page, *points: tuple[float, float]) -> None:
    (left, top), (right, bottom) = pixels(page, 0, 0), pixels(page, 1, 1)
    places = [(left + x * (right - left), top + y * (bottom - top)) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def marks(page: Page) -> int:
    """How many shapes are drawn for the comment that is being written."""
    kept = page.evaluate("Object.entries(localStorage).find(([name]) => name.includes('.room-'))")
    region = json.loads(json.loads(kept[1])["text"])["region"] if kept else None
    return len(region["shapes"]) if region else 0


def expect_marks(page: Page, count: int) -> None:
    """Wait until so many shapes are drawn, and kept on the device."""
    for _ in range(300):
        if marks(page) == count:
            return
        page.wait_for_timeout(40)
    assert marks(page) == count


def regions(served: Served) -> list[list[dict[str, Any]] | None]:
    with served.app.app_context(), snapshot():
        return list(db.session.scalars(sa.select(Comment.region).order_by(Comment.id)))


def near(found: list[float], wanted: tuple[float, ...]) -> bool:
    return all(abs(one - other) < 0.01 for one, other in zip(found, wanted, strict=True))


def test_every_shape_is_drawn_undone_erased_and_sent_and_stands_on_the_frame_for_others(
    enter, served, room, cast
):
    oliver = enter(cast.oliver).page
    go_to(oliver, 5000)
    oliver.locator("[data-draw]").click()
    circle = [(0.3 + 0.1 * math.cos(t / 8), 0.4 + 0.2 * math.sin(t / 8)) for t in range(50)]
    stroke(oliver, *circle)
    oliver.keyboard.press("a")
    stroke(oliver, (0.8, 0.8), (0.5, 0.5))
    oliver.get_by_role("button", name="Rectangle").click()
    stroke(oliver, (0.9, 0.4), (0.6, 0.1))
    oliver.keyboard.press("n")
    stroke(oliver, (0.2, 0.8))
    stroke(oliver, (0.1, 0.9))
    oliver.keyboard.press("t")
    stroke(oliver, (0.6, 0.6))
    oliver.keyboard.type("too light <b>")
    oliver.keyboard.press("Enter")
    expect_marks(oliver, 6)

    oliver.keyboard.press("Control+z")
    oliver.keyboard.press("Control+z")
    expect_marks(oliver, 4)
    oliver.keyboard.press("Control+Shift+z")
    oliver.get_by_role("button", name="Redo").click()
    expect_marks(oliver, 6)
    oliver.keyboard.press("e")
    stroke(oliver, (0.1, 0.9))
    expect_marks(oliver, 5)
    oliver.get_by_role("button", name="Erase everything").click()
    expect_marks(oliver, 0)
    oliver.get_by_role("button", name="Undo").click()
    expect_marks(oliver, 5)
    oliver.get_by_role("button", name="Done").click()
    expect(oliver.locator("#composer-body")).to_be_focused()
    expect(oliver.locator("[data-drawn]")).to_be_visible()
    oliver.keyboard.type("The rule shouts.")
    oliver.keyboard.press("Control+Enter")
    thread = oliver.locator("#threads .thread")
    expect(thread).to_contain_text("With a drawing on the frame.")

    [[pen, arrow, rectangle, pin, text]] = [kept or [] for kept in regions(served)]
    assert 12 < len(pen["points"]) <= 50
    assert near(pen["points"][0][:2], circle[0])
    assert near(arrow["from"] + arrow["to"], (0.8, 0.8, 0.5, 0.5))
    assert near(rectangle["from"] + rectangle["to"], (0.6, 0.1, 0.9, 0.4))
    assert (pin["number"], text["text"]) == (1, "too light <b>")

    maya = enter(cast.maya).page
    expect(maya.locator(SEEN)).to_have_count(0)
    go_to(maya, 5000)
    expect(maya.locator(SEEN)).to_have_count(7)
    expect(maya.locator(f"{SEEN}--words")).to_have_text("too light <b>")
    # It lies there and takes no click: the frame still plays.
    maya.locator("[data-video]").click()
    expect(maya.locator(".screen--playing")).to_have_count(1)


def test_a_drawing_is_seen_in_its_range_and_wherever_its_thread_is_pointed_at(
    enter, drawn, cast, served, room
):
    comment = drawn(4000, 8000)
    drawn(12_000, 12_000)
    page = enter(cast.maya, f"#comment-{comment}").page
    stands_at(page, 4000)
    expect(page.locator(SEEN)).to_have_count(2)
    page.locator("[data-slider]").focus()
    # A range is seen while it lasts, a moment for two seconds around it.
    at = [(3000, 0), (4200, 2), (7900, 2), (9000, 0), (11_700, 2), (13_300, 2), (14_000, 0)]
    for ms, seen in at:
        go_to(page, ms)
        expect(page.locator(SEEN)).to_have_count(seen)
    page.locator("#threads .thread").first.hover()
    expect(page.locator(SEEN)).to_have_count(2)
    page.mouse.move(5, 5)
    expect(page.locator(SEEN)).to_have_count(0)


def test_a_drawing_not_sent_yet_survives_a_reload_on_its_frame_and_can_be_left_out(
    enter, served, cast, room
):
    page = enter(cast.oliver).page
    go_to(page, 6000)
    begin(page)
    stroke(page, (0.2, 0.2), (0.5, 0.5), (0.8, 0.2))
    expect_marks(page, 1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-draw]")).to_be_focused()
    page.reload()
    page.locator(".room--live").wait_for()
    expect(page.locator("[data-drawn]")).to_be_visible()
    expect(page.locator("[data-anchor-time]")).to_have_text("0:06")
    expect(page.locator(SEEN)).to_have_count(0)
    begin(page)
    stands_at(page, 6000)
    expect(page.locator(SEEN)).to_have_count(1)
    # On another frame nothing can be drawn any more.
    page.keyboard.press("l")
    expect(page.locator(PAD)).to_have_count(0)
    expect(page.locator(SEEN)).to_have_count(0)
    page.get_by_role("button", name="Leave it out").click()
    expect(page.locator("[data-drawn]")).to_be_hidden()
    go_to(page, 6000)
    expect(page.locator(SEEN)).to_have_count(0)
    begin(page)
    stroke(page, (0.2, 0.2), (0.5, 0.5), (0.8, 0.2))
    page.keyboard.press("Escape")
    page.locator("#composer-body").fill("Kept.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#threads .thread")).to_have_count(1)
    expect(page.locator("[data-drawn]")).to_be_hidden()
    with served.app.app_context(), snapshot():
        kept = db.session.scalars(sa.select(Comment)).one()
        assert abs(kept.start_ms - 6000) <= 40
        assert [shape["shape"] for shape in kept.region or []] == ["pen"]


def test_keys_alone_draw_an_arrow_and_words_and_a_draft_keeps_them(visit, cast, served, room):
    visitor = visit(cast.oliver)
    page = visitor.page
    page.goto(f"{served.url}/reviews/{room.review}")
    page.locator(".room--live").wait_for()
    begin(page)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    for key in ["ArrowRight"] * 5 + ["ArrowUp"] * 5:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.keyboard.type("here")
    page.keyboard.press("Enter")
    expect(page.locator(PAD)).to_be_focused()
    # axe tries inline styles, which the policy refuses, so nothing is asked of this page later.
    assert visitor.troubles == []
    found = Axe().run(page, ".work")
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("Escape")
    page.locator("#composer-body").fill("By keys.")
    page.get_by_role("button", name="Add to my review").click()
    draft = page.locator("#threads [data-draft-card]")
    expect(draft).to_contain_text("With a drawing on the frame.")
    expect(page.locator(SEEN)).to_have_count(3)
    draft.get_by_role("button", name="Post it now").click()
    expect(page.locator("#threads .thread:not(.draft-card)")).to_have_count(1)
    expect(page.locator(SEEN)).to_have_count(3)
    assert regions(served) == [
        [
            {"shape": "arrow", "from": [0.5, 0.5], "to": [0.6, 0.4]},
            {"shape": "text", "at": [0.6, 0.4], "text": "here"},
        ]
    ]


def test_a_pen_presses_and_a_finger_draws_without_scrolling(enter, cast, served):
    page = enter(cast.oliver, has_touch=True, viewport={"width": 390, "height": 844}).page
    page.locator("[data-draw]").tap()
    wire = page.context.new_cdp_session(page)

    def pen(kind: str, x: float, y: float, force: float) -> None:
        px, py = pixels(page, x, y)
        wire.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": px, "y": py, "button": "left", "buttons": 1, "clickCount": 1,
             "pointerType": "pen", "force": force},
        )  # fmt: skip

    pen("mousePressed", 0.2, 0.2, 0.2)
    for step in range(1, 9):
        pen("mouseMoved", 0.2 + step / 20, 0.2, 0.2 + step / 12)
    pen("mouseReleased", 0.6, 0.2, 0)
    expect_marks(page, 1)

    def finger(kind: str, *at: float) -> None:
        points = [dict(zip(("x", "y"), pixels(page, *at), strict=True))] if at else []
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.evaluate("scrollY")
    finger("touchStart", 0.5, 0.9)
    for step in range(1, 8):
        finger("touchMove", 0.5 + 0.03 * (step % 2), 0.9 - step / 10)
    finger("touchEnd")
    expect_marks(page, 2)
    assert page.evaluate("scrollY") == before
    page.get_by_role("button", name="Done").tap()
    page.locator("#composer-body").fill("Two strokes.")
    page.get_by_role("button", name="Comment", exact=True).tap()
    expect(page.locator("#threads .thread")).to_have_count(1)
    [[pressed, touched]] = [kept or [] for kept in regions(served)]
    assert pressed["points"][0][2] < 0.4 < 0.7 < pressed["points"][-1][2]
    assert {point[2] for point in touched["points"]} == {0.5}
    assert len(touched["points"]) >= 7


LAYING = """() => {
  const video = document.querySelector('[data-video]');
  const box = video.getBoundingClientRect();
  const layer = document.querySelector('.region-layer').getBoundingClientRect();
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  const left = box.left + (box.width - width) / 2;
  const top = box.top + (box.height - height) / 2;
  const off = [layer.left - left, layer.top - top, layer.width - width, layer.height - height];
  return [Math.max(...off.map(Math.abs)), Math.max(box.width - width, box.height - height)];
}"""


def bars_around(page: Page) -> float:
    """How much black lies beside the picture (px), once the drawing lies on the picture alone."""
    for _ in range(300):
        off, bars = page.evaluate(LAYING)
        if off < 1:
            break
        page.wait_for_timeout(40)
    assert off < 1
    return float(bars)


def test_the_drawing_lies_on_the_picture_and_not_on_its_black_bars(enter, drawn, cast):
    drawn(0, 20_000)
    page = enter(cast.maya).page
    expect(page.locator(SEEN)).to_have_count(2)
    bars = []
    for width, height in [(1440, 900), (1440, 620), (820, 1100), (390, 844), (1440, 900)]:
        page.set_viewport_size({"width": width, "height": height})
        bars.append(bars_around(page))
    assert max(bars) > 50
    page.locator('[data-do="full"]').click()
    expect(page.locator(".screen:fullscreen")).to_have_count(1)
    bars_around(page)


FITTING = """async () => {
  const { fitted, simplified } = await import('app/draw_fit.js');
  const noise = (at, by) => Math.abs(Math.sin(at * by));
  const many = Array.from({ length: 20000 }, (_, at) => at);
  const wild = simplified(many.map((at) => [noise(at, 12.9), noise(at, 7.7), 0.5]), 1.6);
  const straight = simplified(many.map((at) => [at / 20000, 0.5, 0.5]), 1.6);
  const all = fitted(Array(50).fill({ shape: 'pen', points: wild }), 1.6);
  return [wild, straight, all];
}"""


def test_a_stroke_that_goes_on_and_on_is_made_smaller_instead_of_refused(enter, cast):
    wild, straight, drawn = enter(cast.oliver).page.evaluate(FITTING)
    assert len(wild) > 1000
    assert straight == [[0, 0.5, 0.5], [1, 0.5, 0.5]]
    kept = region_of(drawn)
    assert kept
    assert all(len(shape["points"]) > 10 for shape in kept)
