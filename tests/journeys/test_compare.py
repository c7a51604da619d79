"""Two versions played together: the same sentence at once, whatever its place and speed."""

from __future__ import annotations

import subprocess
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from critique.comments.operations import add_comment
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Step, Transcript, Walkthrough
from tests.conftest import load_person
from tests.journeys.conftest import Served, Visitor
from tests.people import Cast

pytestmark = [
    pytest.mark.journey,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HELLO = "Welcome to another quiet morning of our plant shop checkout."
PRICE = "Nobody found the delivery price before paying, which made people angry."
STEPS = "Three folded steps replace that endless form nobody ever finished."
PHONES = "Small phones get a drawer below, pulled upward with one thumb."
GONE = "My earlier sketch with eleven yellow badges looked rather loud."
FRESH = "Every error message explains itself beside the field it concerns."
THANKS = "Please tell me whether this green button feels strong enough."
# Section two and three changed places, one sentence went, one came; at another, uneven speed.
OLD = (HELLO, PRICE, STEPS, PHONES, GONE, THANKS)
NEW = (HELLO, STEPS, PHONES, PRICE, FRESH, THANKS)
OLD_PACE, NEW_PACE = (240,), (170, 210)
PAUSE = 450
NEAR_MS = 150
FRAME_MS = 40
RATE = 1000 // FRAME_MS


def spoken(sentences: tuple[str, ...], pace: tuple[int, ...]) -> list[list[Any]]:
    """The words of a recording, as a transcript keeps them."""
    rows: list[list[Any]] = []
    at = 300
    for number, sentence in enumerate(sentences):
        each = pace[number % len(pace)]
        for word in sentence.split():
            rows.append([len(rows) + 1, word, at, at + each - 40, 0.9])
            at += each
        at += PAUSE
    return rows


@dataclass
class Pair:
    """A request with two versions; times of sentences in both, in ms."""

    review: int
    walkthroughs: list[int]
    words: list[list[list[Any]]]

    def begin(self, side: int, sentence: str) -> int:
        told = (OLD, NEW)[side]
        place = sum(len(one.split()) for one in told[: told.index(sentence)])
        return int(self.words[side][place][2])

    def end(self, side: int, sentence: str) -> int:
        told = (OLD, NEW)[side]
        place = sum(len(one.split()) for one in told[: told.index(sentence) + 1])
        return int(self.words[side][place - 1][3])

    def truth(self, ms: float, of: int) -> float | None:
        """Where the word said at a moment of one version is said in the other; None for nowhere."""
        words, others = self.words[of], self.words[1 - of]
        place = bisect_right(words, ms, key=lambda row: row[2]) - 1
        if place < 0 or ms > words[place][3]:
            return None
        same = [row for row in others if row[1] == words[place][1]]
        if len(same) != 1 or sum(row[1] == same[0][1] for row in words) != 1:
            return None
        share = (ms - words[place][2]) / (words[place][3] - words[place][2])
        return float(same[0][2] + share * (same[0][3] - same[0][2]))


@pytest.fixture(scope="session")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two short recordings with pictures of other shapes, and sound."""
    folder = tmp_path_factory.mktemp("takes")
    made = []
    for name, size, words in (
        ("one", "320x180", spoken(OLD, OLD_PACE)), ("two", "240x180", spoken(NEW, NEW_PACE)),
    ):  # fmt: skip
        seconds = words[-1][3] / 1000 + 1
        made.append(folder / f"{name}.mp4")
        subprocess.run(
            [
                imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
                "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={RATE}:duration={seconds}",
                "-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}",
                "-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-pix_fmt", "yuv420p",
                "-c:a", "aac", "-movflags", "+faststart", str(made[-1]),
            ],
            check=True,
        )  # fmt: skip
    return made


@pytest.fixture
def pair(app: Flask, settings: Any, cast: Cast, takes: list[Path], tmp_path: Path) -> Pair:
    """Maya's request with both versions, and a comment of Oliver's on each."""
    storage = open_storage(settings)
    for number, file in enumerate(takes, 1):
        copied = tmp_path / f"v{number}.mp4"
        copied.write_bytes(file.read_bytes())
        storage.put(f"compare/v{number}.mp4", copied, "video/mp4")
    words = [spoken(OLD, OLD_PACE), spoken(NEW, NEW_PACE)]
    with app.app_context(), transaction():
        review = Review(
            team_id=cast.team, author_id=cast.maya, title="Checkout", created_at=clock.now()
        )
        db.session.add(review)
        db.session.flush()
        made = [_version(review, number, words[number - 1]) for number in (1, 2)]
        seated = Pair(review.id, [one.id for one in made], words)
        oliver = load_person(cast.oliver)
        add_comment(
            by=oliver, walkthrough=made[0], body="Say how angry.",
            words=_ids(words[0], "made", "angry."),
        )  # fmt: skip
        add_comment(
            by=oliver, walkthrough=made[0], body="I liked the badges.",
            words=_ids(words[0], "yellow", "badges"),
            region=[{"shape": "rectangle", "from": [0.1, 0.1], "to": [0.4, 0.5]}],
        )  # fmt: skip
        return seated


def _version(review: Review, number: int, words: list[list[Any]]) -> Walkthrough:
    key = f"compare/v{number}.mp4"
    made = Walkthrough(
        review=review, version=number, uploaded_by_id=review.author_id, filename="take.mp4",
        state="ready", duration_ms=words[-1][3] + 1000, width=320 if number == 1 else 240,
        height=180, rate_numerator=RATE, rate_denominator=1, has_video=True, has_audio=True,
        original_key=key, playable_key=key, playable_type="video/mp4", created_at=clock.now(),
        steps=[Step(name="probe", position=0, state="done")],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.add(
        Transcript(
            walkthrough_id=made.id, revision=1, engine="test", draft=False, language="en",
            words=words, next_word_id=len(words) + 1, created_at=clock.now(),
        )
    )  # fmt: skip
    db.session.flush()
    return made


def _ids(words: list[list[Any]], first: str, last: str) -> tuple[int, int]:
    places = {row[1]: row[0] for row in words}
    return places[first], places[last]


@pytest.fixture
def open_pair(visit: Callable[..., Visitor], served: Served, cast: Cast, pair: Pair):
    """Open the page of both as Oliver; nothing may have gone wrong in the browser at the end."""
    opened: list[Visitor] = []

    def enter(more: str = "", **options: Any) -> Page:
        visitor = visit(cast.oliver, **options)
        opened.append(visitor)
        visitor.page.goto(f"{served.url}/reviews/{pair.review}/compare{more}")
        visitor.page.locator(".compare--live").wait_for()
        until(visitor.page, lambda seen: seen["ready"])
        return visitor.page

    yield enter
    for visitor in opened:
        assert visitor.troubles == []


# So many looks tell whether two videos run together.
ENOUGH = 5


def see(page: Page) -> dict[str, Any]:
    """Where both stand now (ms), and what is heard."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const found = (side) => document.querySelector(`[data-video=${side}]`);
          const [one, two] = [found("old"), found("new")];
          return {
            at: [one.currentTime * 1000, two.currentTime * 1000], paused: [one.paused, two.paused],
            muted: [one.muted, two.muted], seeking: one.seeking || two.seeking,
            ready: one.readyState >= 2 && two.readyState >= 2,
          };
        }"""
    )
    return found


def until(
    page: Page, holds: Callable[[dict[str, Any]], bool], seconds: float = 30
) -> dict[str, Any]:
    """Poll until it holds; gives what was seen then."""
    end = time.monotonic() + seconds
    while not holds(seen := see(page)):
        assert time.monotonic() < end, seen
    return seen


def follows(page: Page, pair: Pair, *, leader: int, seconds: float) -> list[float]:
    """How far (ms) the follower was off the word the leader said, many times while both play.

    A busy machine looks less often, so it looks longer: until it has seen enough to judge.
    """
    off: list[float] = []
    begun = time.monotonic()
    while (lasted := time.monotonic() - begun) < seconds or (len(off) < ENOUGH and lasted < 10):
        seen = see(page)
        truth = pair.truth(seen["at"][leader], leader)
        if truth is not None and not seen["seeking"]:
            off.append(abs(seen["at"][1 - leader] - truth))
        page.evaluate("new Promise((done) => setTimeout(done, 60))")
    return off


def together(off: list[float]) -> bool:
    """Whether nearly all of it was near; a machine that is busy may stumble now and then."""
    return len(off) >= ENOUGH and sum(one <= NEAR_MS for one in off) >= 0.85 * len(off)


def test_both_say_the_same_sentence_at_another_speed_and_across_a_swap(open_pair, pair):
    page = open_pair()
    assert see(page)["muted"] == [True, False], "the newer one is heard"
    page.keyboard.press("k")
    assert together(follows(page, pair, leader=1, seconds=2.5))
    # STEPS stands after PRICE in v1, and before it in v2: the follower jumps over, and back.
    until(page, lambda seen: seen["at"][1] > pair.begin(1, STEPS) + 600)
    assert see(page)["at"][0] > pair.begin(0, STEPS)
    page.keyboard.press("n")
    page.keyboard.press("n")
    seen = until(page, lambda seen: seen["at"][1] >= pair.begin(1, PRICE) and not seen["seeking"])
    assert together(follows(page, pair, leader=1, seconds=1.5)), seen
    assert pair.begin(0, PRICE) <= see(page)["at"][0] < pair.begin(0, STEPS)
    expect(page.locator(".is-now [data-words=old]")).to_contain_text("Nobody found")


def test_each_press_goes_to_the_next_sentence_wherever_in_its_picture_it_begins(open_pair, pair):
    page = open_pair()
    begins = [pair.begin(1, sentence) for sentence in NEW]
    assert any(begin % FRAME_MS > FRAME_MS / 2 + 1 for begin in begins), "no picture is sought so"
    for keys, told in (("n", NEW), ("p", NEW[-2::-1])):
        for sentence in told:
            page.keyboard.press(keys)
            expect(page.locator(".is-now [data-words=new]")).to_contain_text(sentence)
            until(page, lambda seen: not seen["seeking"])


def test_what_is_gone_stands_still_says_so_and_goes_on(open_pair, pair):
    page = open_pair(f"?from=1&to=2&t={pair.begin(0, GONE) - 900}")
    page.keyboard.press("x")
    assert see(page)["muted"] == [False, True], "now the older one is heard"
    page.keyboard.press("k")
    state = page.locator("[data-state=new]")
    expect(state).to_have_text("Not in v2")
    seen = until(page, lambda seen: seen["at"][0] > pair.begin(0, GONE) + 700)
    assert seen["paused"] == [False, True]
    stood = seen["at"][1]
    assert abs(stood - pair.end(1, PHONES)) < 700, "on its last picture"
    assert until(page, lambda seen: seen["at"][0] > pair.end(0, GONE) - 300)["at"][1] == stood
    until(page, lambda seen: seen["at"][0] > pair.begin(0, THANKS) + 700)
    expect(state).to_have_text("")
    assert together(follows(page, pair, leader=0, seconds=1.2))


def test_sound_changes_sides_without_a_jump_and_a_stop_shows_the_same_word(open_pair, pair):
    page = open_pair()
    page.keyboard.press("k")
    until(page, lambda seen: seen["at"][1] > 1200)
    before = see(page)
    page.keyboard.press("x")
    after = see(page)
    assert (before["muted"], after["muted"]) == ([True, False], [False, True])
    assert after["at"][1] - before["at"][1] < 800
    assert together(follows(page, pair, leader=0, seconds=1.2))
    page.keyboard.press("k")
    until(page, lambda seen: all(seen["paused"]) and not seen["seeking"])
    for _ in range(3):
        page.keyboard.press(".")
    seen = until(page, lambda seen: not seen["seeking"] and _near(pair, seen, 0, 60))
    assert all(seen["paused"])


def _near(pair: Pair, seen: dict[str, Any], leader: int, ms: float) -> bool:
    truth = pair.truth(seen["at"][leader], leader)
    return truth is None or abs(seen["at"][1 - leader] - truth) <= ms


def test_a_comment_plays_its_passage_in_both_and_leads_where_the_other_lacks_it(open_pair, pair):
    page = open_pair()
    angry = page.locator(".remark", has_text="Say how angry.")
    expect(angry.locator(".remark__there")).to_contain_text("in v2")
    angry.locator("[data-moment]").click()
    seen = until(page, lambda seen: seen["at"][0] > pair.begin(0, PRICE) and not seen["paused"][1])
    assert seen["muted"] == [True, False]
    badges = page.locator(".remark", has_text="I liked the badges.")
    expect(badges.locator(".remark__there")).to_have_text("not in v2")
    badges.locator("[data-moment]").click()
    until(page, lambda seen: seen["muted"] == [False, True])
    expect(page.locator("[data-state=new]")).to_have_text("Not in v2")
    page.keyboard.press("k")
    expect(page.locator(".take--old .region-layer g g")).not_to_have_count(0)


def test_the_wipe_goes_by_keyboard_over_pictures_of_one_size(open_pair):
    page = open_pair()
    page.keyboard.press("w")
    line = page.locator("[data-divider]")
    expect(line).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuenow", "48")
    page.keyboard.press("Shift+ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "58 % v1, 42 % v2")
    boxes = [page.locator(f"[data-video={side}]").bounding_box() for side in ("old", "new")]
    assert boxes[0] == boxes[1]
    cut = page.evaluate("getComputedStyle(document.querySelector('.take--new')).clipPath")
    assert "58%" in cut
    box = line.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(boxes[0]["x"] + boxes[0]["width"] * 0.25, box["y"] + 40)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "25")
    page.keyboard.press("v")
    expect(line).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Hear the other version")


@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_and_can_be_used_by_everybody(visit, served, cast, pair, width):
    colours = "light" if width > 1000 else "dark"
    page = visit(cast.oliver, viewport={"width": width, "height": 844}, color_scheme=colours).page
    page.goto(f"{served.url}/reviews/{pair.review}/compare")
    page.locator(".compare--live").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_it_can_be_read_and_played(visit, served, cast, pair):
    page = visit(cast.oliver, java_script_enabled=False).page
    page.goto(f"{served.url}/reviews/{pair.review}/compare")
    expect(page.locator("video[controls]")).to_have_count(2)
    expect(page.locator("[data-row]")).to_have_count(7)
    expect(page.get_by_role("button", name="Show")).to_be_visible()
