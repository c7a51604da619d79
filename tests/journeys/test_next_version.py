"""Feedback that follows the work, as one story against `critique run`: say, cut, answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import DEMO, PATIENCE_MS, becomes, critique, sign_in

__all__ = ["critique", "sign_in"]

pytestmark = [pytest.mark.journey, pytest.mark.slow]

# The demo's own times (s): the refused card comes first now, the weekend before the order; where
# people felt tricked was cut.
CUT = ((52.6, 59.2), (35.9, 41.6), (16.6, 26.8))
LOST, TRICKED = (168, 172), (41, 43)
NOTE = "The refused card comes first; the old page is gone."


@pytest.fixture
def second_take(tmp_path: Path) -> Path:
    """The demo again in another order, with a passage less."""
    parts = "".join(
        f"[0:v]trim={a}:{b},setpts=PTS-STARTPTS[v{n}];[0:a]atrim={a}:{b},asetpts=PTS-STARTPTS[a{n}];"
        for n, (a, b) in enumerate(CUT)
    )
    joined = "".join(f"[v{n}][a{n}]" for n in range(len(CUT)))
    target = tmp_path / "second take.mp4"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(DEMO), "-filter_complex",
            f"{parts}{joined}concat=n={len(CUT)}:v=1:a=1[v][a]", "-map", "[v]", "-map", "[a]",
            "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(target),
        ],
        check=True,
    )  # fmt: skip
    return target


def test_comments_follow_the_work_and_are_answered(critique, sign_in, second_take):
    oliver = sign_in("oliver")
    room = enter_the_demo(oliver, critique)
    say_about_words(oliver, LOST, "Say it before the card is refused, too.")
    draw_a_box(oliver)
    keep_for_the_review(oliver, "Here the sum jumps: hold it still.")
    say_about_words(oliver, TRICKED, "Which people? Say how many.")
    send_the_review(oliver)

    maya = sign_in("maya")
    maya.goto(room)
    expect(maya.locator("main")).to_contain_text("Another round")
    post_next_version(maya, second_take)
    each_comment_is_where_it_belongs(maya)
    the_same_sentence_plays_in_both(maya, room)
    answer_by_keyboard(maya, room)

    oliver.goto(f"{room}/ledger")
    oliver.locator(".ledger--live").wait_for()
    oliver.keyboard.press("y")
    expect(maya.locator(".ledger--live")).to_contain_text(
        "Confirmed by Oliver", timeout=PATIENCE_MS
    )


def enter_the_demo(page: Page, critique) -> str:
    page.goto(f"{critique.url}/queue")
    page.get_by_role("link", name="The new checkout").first.click()
    page.locator(".room--live").wait_for()
    page.get_by_role("navigation", name="Versions").get_by_text("v1").click()
    page.locator(".room--live").wait_for()
    expect(page.locator(".words .w").first).to_be_visible(timeout=PATIENCE_MS)
    becomes(page, "document.querySelector('video').readyState >= 2")
    return page.url.split("?")[0].split("#")[0]


def select_words(page: Page, which: tuple[int, int]) -> str:
    words = page.locator(".words .w")
    words.nth(which[0]).scroll_into_view_if_needed()
    first, last = (words.nth(at).bounding_box() for at in which)
    assert first
    assert last
    page.mouse.move(first["x"] + 1, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 1, last["y"] + last["height"] / 2, steps=8)
    page.mouse.up()
    return " ".join(words.nth(at).inner_text().strip() for at in range(which[0], which[1] + 1))


def say_about_words(page: Page, which: tuple[int, int], text: str) -> None:
    quote = select_words(page, which)
    body = page.locator("#composer-body")
    body.fill(text)
    body.press("Control+Enter")
    thread = page.locator("[data-threads] article").filter(has_text=text)
    expect(thread).to_contain_text(quote)


def draw_a_box(page: Page) -> None:
    page.evaluate("document.querySelector('video').currentTime = 22.5")
    becomes(page, "!document.querySelector('video').seeking")
    page.locator("#composer-body").blur()
    page.keyboard.press("d")
    pad = page.locator(".region-layer--drawing")
    expect(pad).to_be_focused()
    page.keyboard.press("r")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()


def keep_for_the_review(page: Page, text: str) -> None:
    page.locator("#composer-body").fill(text)
    page.locator("#composer-body").press("Control+Shift+Enter")
    expect(page.locator(".draft-card", has_text=text)).to_contain_text("Only you see this")


def send_the_review(page: Page) -> None:
    page.locator("[data-review-bar]").get_by_text("Send review").click()
    form = page.locator("form[data-send]")
    form.get_by_label("Another round").check()
    form.get_by_role("button", name="Send").click()
    expect(page.locator("[data-threads] article").filter(has_text="hold it still")).to_contain_text(
        "With a drawing on the frame."
    )


def post_next_version(page: Page, take: Path) -> None:
    page.get_by_label("What you can do with this request").click()
    page.get_by_role("button", name="Post a new version").click()
    form = page.get_by_role("dialog", name="Post a new version")
    form.get_by_label("What changed since v2?").fill(NOTE)
    form.locator("input[type=file][data-file]").set_input_files(take)
    form.get_by_role("button", name="Upload", exact=True).click()
    shown = page.get_by_role("navigation", name="Versions").locator("[aria-current=page]")
    expect(shown).to_have_text("v3", timeout=PATIENCE_MS)
    expect(page.locator(".thread__place").first).to_be_visible(timeout=PATIENCE_MS)


def thread(page: Page, text: str):
    return page.locator("[data-threads] article").filter(has_text=text)


def each_comment_is_where_it_belongs(page: Page) -> None:
    lost = thread(page, "before the card is refused")
    expect(lost.locator(".thread__place")).to_contain_text("from v1, where it was at 0:57")
    assert abs(int(lost.get_attribute("data-start") or "-1") - 4300) <= 1500
    still = thread(page, "hold it still")
    # 22.5 s of v1, whose passage begins at 16.6 s, stands 12.3 s into v3.
    assert abs(int(still.get_attribute("data-start") or "-1") - 18_200) <= 1500
    expect(thread(page, "Which people?").locator(".thread__place")).to_have_text(
        "This passage is gone from v3."
    )


def the_same_sentence_plays_in_both(page: Page, room: str) -> None:
    page.goto(f"{room}/compare?from=1&to=3")
    page.locator("video").nth(1).wait_for()
    becomes(page, "[...document.querySelectorAll('video')].every((v) => v.readyState >= 2)")
    # The newer one is heard and leads: its sentence at 1.4 s is said at 54 s of v1.
    page.evaluate("document.querySelector('[data-video=new]').currentTime = 1.4")
    becomes(page, "Math.abs(document.querySelector('[data-video=old]').currentTime - 54) < 0.8")
    expect(page.locator(".is-now [data-words=old]")).to_contain_text("If the bank refuses")


def answer_by_keyboard(page: Page, room: str) -> None:
    page.goto(f"{room}/ledger")
    page.locator(".ledger--live").wait_for()
    becomes(page, "document.querySelector('[data-video]').readyState >= 1")
    for _ in range(8):
        if "before the card" in (page.locator(".entry[aria-current]").inner_text()):
            break
        page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator(".entry", has_text="before the card")).to_contain_text(
        "Done, waiting for Oliver"
    )
