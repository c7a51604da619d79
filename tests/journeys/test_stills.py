"""Pictures as the work: brought several at once, walked by keys, spoken about, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review, Reviewer
from critique.walkthroughs.queries import walkthroughs_of
from tests.journeys.conftest import Served, Visitor
from tests.media.conftest import run_ffmpeg
from tests.people import Cast

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="session")
def screens(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A wide one, a tall one, a photograph."""
    folder = tmp_path_factory.mktemp("screens")
    made = []
    for name, size in [
        ("checkout.png", "1440x900"),
        ("page.webp", "390x1600"),
        ("desk.jpg", "640x480"),
    ]:
        path = folder / name
        run_ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={size}", "-frames:v", "1", str(path))
        made.append(path)
    return made


@pytest.fixture
def review(served: Served, cast: Cast) -> int:
    """Maya's request, nothing posted yet."""
    now = clock.now()
    with served.app.app_context(), transaction():
        made = Review(
            team_id=cast.team, author_id=cast.maya, title="Checkout: the total", created_at=now,
            reviewers=[Reviewer(person_id=cast.oliver, asked_at=now)],
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        return made.id


@pytest.fixture
def enter(visit: Callable[..., Visitor], served: Served, review: int) -> Iterator[Any]:
    """Open the request as somebody; nothing may go wrong in any of the browsers."""
    visitors: list[Visitor] = []

    def go(person_id: int, more: str = "", **options: Any) -> Page:
        visitor = visit(person_id, **options)
        visitor.page.goto(f"{served.url}/reviews/{review}{more}")
        visitors.append(visitor)
        return visitor.page

    yield go
    for visitor in visitors:
        assert visitor.troubles == []


def choose(page: Page, files: list[Path]) -> None:
    """Choose files as soon as the page takes them."""
    field = page.locator("[data-file]:enabled").last
    field.wait_for(state="attached")
    field.set_input_files(files)


@pytest.fixture
def posted(enter, screens, cast, run_jobs) -> Page:
    """Maya has chosen three pictures at once and sees them."""
    page = enter(cast.maya)
    choose(page, screens)
    expect(page.locator("[data-invitation]")).to_contain_text("3 pictures")
    expect(page.locator(".upload__row")).to_have_count(3)
    page.locator("[data-start]").click()
    expect(page.locator(".waiting-wall")).to_contain_text("pictures are here")
    run_jobs()
    page.locator(".room--live").wait_for()
    return page


def picture(page: Page) -> str:
    return page.locator("[data-still-image]").get_attribute("alt") or ""


def test_pictures_are_brought_walked_and_spoken_about(posted, enter, cast, review):
    maya = posted
    assert picture(maya) == "Picture 1 of 3: checkout.png"
    oliver = enter(cast.oliver)
    oliver.locator(".room--live").wait_for()
    oliver.keyboard.press("ArrowRight")
    expect(oliver.locator("[data-still-image]")).to_have_attribute(
        "alt", "Picture 2 of 3: page.webp"
    )
    expect(oliver.locator("[data-still-link][aria-current]")).to_have_attribute("data-number", "2")
    assert "still=" in oliver.url
    expect(oliver.locator("[data-anchor-time]")).to_have_text("Picture 2")
    oliver.keyboard.press("c")
    oliver.keyboard.type("Too long a way down.")
    # What is being written stays with its picture, though the eye wanders.
    oliver.locator("[data-still-link]").first.click()
    expect(oliver.locator("[data-anchor-time]")).to_have_text("Picture 2")
    oliver.locator("#composer-body").press("Control+Enter")
    thread = maya.locator("#threads .thread")
    expect(thread).to_contain_text("Too long a way down.")
    expect(thread.locator(".chip")).to_have_text("Picture 2 of 3")
    expect(maya.locator("[data-still-link]").nth(1)).to_contain_text("1")
    thread.locator(".chip").click()
    assert picture(maya) == "Picture 2 of 3: page.webp"
    wait(maya, "document.querySelector('[data-still-image]').naturalWidth === 390")
    maya.keyboard.press("ArrowRight")
    maya.keyboard.press("ArrowRight")
    assert picture(maya) == "Picture 3 of 3: desk.jpg"


def test_a_drawing_belongs_to_its_picture(posted, run_jobs):
    page = posted
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    box = page.locator(".region-layer").last.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    page.keyboard.press("Escape")
    page.locator("#composer-body").fill("Here.")
    page.locator("#composer-body").press("Control+Enter")
    thread = page.locator("#threads .thread[data-region]")
    thread.wait_for()
    assert thread.get_attribute("data-picture") == "2"
    layer = "[...document.querySelectorAll('.region-layer')].at(-1)"
    shapes = f"{layer}.querySelector('g').childElementCount"
    page.locator("[data-still-link]").first.click()
    page.mouse.move(5, 5)
    wait(page, f"{shapes} === 0")
    page.locator("[data-still-link]").nth(1).click()
    page.mouse.move(5, 5)
    wait(page, f"{shapes} > 0")


def wait(page: Page, script: str) -> None:
    """Poll until a script says true: the page's policy forbids Playwright's own waiting."""
    for _ in range(300):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(script)


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), ((390, 844), "dark")])
def test_everybody_can_use_the_pictures(posted, visit, served, review, cast, size, scheme):
    viewport = {"width": size[0], "height": size[1]}
    # Not by `enter`: the checker writes styles of its own, which the page's policy refuses.
    visitor = visit(cast.oliver, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.page
    page.goto(f"{served.url}/reviews/{review}")
    page.locator(".room--live").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_without_scripts_links_lead_from_picture_to_picture(posted, enter, cast):
    page = enter(cast.oliver, java_script_enabled=False)
    page.locator("[data-still-after]").click()
    assert picture(page) == "Picture 2 of 3: page.webp"
    page.locator("#composer-body").fill("Said without scripts.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#threads .chip")).to_have_text("Picture 2 of 3")


def test_what_is_no_picture_is_told_before_anything_is_sent(enter, cast, screens, tmp_path):
    page = enter(cast.maya)
    odd = tmp_path / "moving.gif"
    odd.write_bytes(b"GIF89a" + bytes(30))
    choose(page, [screens[0], odd])
    expect(page.locator("[data-notice]")).to_contain_text("moving.gif is a GIF")
    odd = tmp_path / "renamed.png"
    odd.write_bytes(b"hello")
    choose(page, [screens[0], odd])
    expect(page.locator("[data-notice]")).to_contain_text("renamed.png is no PNG")


def test_pictures_that_were_cut_off_go_on_where_they_stopped(
    enter, cast, screens, run_jobs, served, review
):
    page = enter(cast.maya)
    page.route(
        "**/uploads/*",
        lambda route: route.abort() if "2" in sent(route) else route.continue_(),
    )
    begun: list[str] = []

    def sent(route: Any) -> str:
        if route.request.method == "PATCH" and route.request.url not in begun:
            begun.append(route.request.url)
        return str(begun.index(route.request.url) + 1) if route.request.url in begun else ""

    choose(page, screens)
    page.locator("[data-start]").click()
    expect(page.locator(".upload__row").first).to_contain_text("Here")
    page.reload()
    expect(page.locator("[data-notice]")).to_contain_text("2 of 3 pictures did not arrive")
    held: list[Route] = []
    page.unroute("**/uploads/*")

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/uploads/*", hold, times=1)
    with page.expect_request("**/uploads/*"):
        choose(page, screens)
    # The first can be looked at now, so the page would open it; not while the others are coming.
    with page.expect_response(lambda answer: "playable" in answer.headers.get("hx-trigger", "")):
        run_jobs()
    held.pop().continue_()
    expect(page.locator(".stills__one")).to_have_count(3)
    with served.app.app_context(), snapshot():
        found = [len(version.stills) for version in walkthroughs_of(review)]
    assert found == [3]


def test_a_version_is_removed_after_a_question_and_what_was_said_stays(
    posted, enter, cast, run_jobs, served, review
):
    page = posted
    page.locator("#room-menu summary").click()
    page.get_by_role("link", name="Remove v1").click()
    expect(page.locator("main")).to_contain_text("3 pictures, as sent and as shown")
    expect(page.locator("main")).to_contain_text("Every comment and reply")
    page.get_by_role("button", name="Remove version 1").click()
    expect(page.locator("body")).to_contain_text("Version 1 is removed")
    expect(page.locator(".upload")).to_be_visible()
    page.goto(f"{served.url}/reviews/{review}?v=1")
    expect(page.locator(".room-head__told")).to_contain_text("Maya removed v1")
