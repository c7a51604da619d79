"""The number the page tells is the one drawn in the picture: stepped to, sought, paused, linked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from critique.comments.models import Comment
from critique.comments.operations import add_comment
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.bench import Bench
from critique.walkthroughs.models import Step, Walkthrough
from critique.walkthroughs.preparing import WORK
from critique.walkthroughs.steps import Task
from tests.conftest import load_person
from tests.journeys.numbered import READ_NUMBER, RECORDINGS, Numbered, painted_number

pytestmark = [
    pytest.mark.journey,
    # A browser that seeks drops the connection of the range it no longer wants.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EVEN = [name for name in RECORDINGS if not name.startswith("uneven")]
UNEVEN = [name for name in RECORDINGS if name.startswith("uneven")]

# The told and the drawn one once both have come to rest: the same twice, with a repaint between. A
# key is pressed in that very instant: on a busy machine the last picture played may still come.
AT_REST = f"""async (key) => {{
  const read = {READ_NUMBER};
  const video = document.querySelector("[data-video]");
  const label = document.querySelector("[data-picture]");
  const look = () => [label.classList.contains("is-still") ? label.textContent : "", read()];
  const painted = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 5)));
  let before = [];
  for (let turn = 0; turn < 100; turn += 1) {{
    await painted();
    const now = look();
    const busy = video.seeking || label.getAttribute("aria-busy") === "true";
    if (!busy && now[0] && now.join() === before.join()) {{
      if (key) document.body.dispatchEvent(new KeyboardEvent("keydown", {{ key, bubbles: true }}));
      return now;
    }}
    before = now;
  }}
  throw new Error(`never at rest: ${{look()}}`);
}}"""


HOLD = """async ([key, times]) => {
  for (let at = 0; at < times; at += 1) {
    const press = { key, bubbles: true, repeat: at > 0 };
    document.body.dispatchEvent(new KeyboardEvent("keydown", press));
    await new Promise((next) => setTimeout(next, 10));
  }
}"""


# In the page alone, so that a busy machine does not play to the end.
PLAY = """async (ms) => {
  const video = document.querySelector("[data-video]");
  const k = { key: "k", bubbles: true };
  const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", k));
  const from = video.currentTime;
  press();
  while (video.seeking || video.currentTime === from) {
    await new Promise((next) => setTimeout(next, 10));
  }
  await new Promise((next) => setTimeout(next, ms));
  press();
}"""


@dataclass(frozen=True)
class Shown:
    """What the page tells of the picture on the screen, and the number that is drawn in it."""

    told: str
    drawn: int


@dataclass
class Stage:
    """A room with a version for each of some recordings; `made` is the one on the screen."""

    page: Page
    url: str
    versions: dict[str, Numbered]
    name: str = ""

    @property
    def made(self) -> Numbered:
        return self.versions[self.name]

    def each(self) -> Iterator[str]:
        """Open one recording after the other."""
        for name in self.versions:
            self.name = name
            self.open()
            yield name

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hold(self, key: str, times: int) -> None:
        """Hold a key down: it comes again and again, whatever the page has made of it by then."""
        self.page.evaluate(HOLD, [key, times])

    def at_rest(self, then: str = "") -> Shown:
        """What is told and drawn once nothing moves; `then` is a key pressed in that instant."""
        told, drawn = self.page.evaluate(AT_REST, then)
        return Shown(told, drawn)

    def shows(self, index: int) -> None:
        """Wait until the page tells the picture of that index, and find just that one drawn."""
        words = f"Frame {index}"
        expect(self.page.locator("[data-picture]"), self.name).to_have_text(words)
        assert self.at_rest() == Shown(words, self.made.numbers[index]), self.name

    def is_painted(self) -> None:
        """What the canvas reads is what the screen shows; browsers can disagree with themselves."""
        until, video = time.monotonic() + 30, self.page.locator("[data-video]")
        while (painted := painted_number(video.screenshot())) != self.at_rest().drawn:
            assert time.monotonic() < until, f"{self.name}: {painted} stays on the screen"

    def is_honest(self, then: str = "") -> int:
        """The index of the picture on the screen, which must be the one the page tells."""
        shown = self.at_rest(then)
        index = self.made.numbers.index(shown.drawn)
        assert shown.told == f"Frame {index}", self.name
        return index

    def open(self, more: str = "") -> None:
        version = list(self.versions).index(self.name) + 1
        self.page.goto(f"{self.url}?v={version}{more}")
        self.page.locator(".room--live").wait_for()
        poll(self.page, "document.querySelector('[data-video]').readyState >= 1")


def play(page: Page, ms: int) -> None:
    """Play for about that long."""
    page.evaluate(PLAY, ms)


def poll(page: Page, expression: str) -> None:
    """Wait until it is true in the page."""
    until = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"never came true: {expression}"
        page.wait_for_timeout(20)


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Numbered]:
    """Numbered recordings by name."""
    folder = tmp_path_factory.mktemp("numbered")
    return lambda name: RECORDINGS[name](folder)


@pytest.fixture
def stage(app, settings, cast, served, visit, numbered, tmp_path) -> Iterator[Callable[..., Stage]]:
    """Seat recordings as versions of one request, by the very steps an upload goes through."""
    visitors = []

    def opened(*names: str, steps: tuple[str, ...] = ("probe", "playable")) -> Stage:
        versions = {name: numbered(name) for name in names}
        storage = open_storage(settings)
        bench = Bench(tmp_path, storage, settings)
        with app.app_context(), transaction():
            review = seat(cast)
            for number, (name, made) in enumerate(versions.items(), 1):
                key = f"numbered/{name}"
                storage.put(key, made.path, "video/mp4")
                walkthrough = add_version(review, number, key)
                for step in steps:
                    task = Task(walkthrough.id, step, 1, 1, key, walkthrough.probe)
                    WORK[step](task, bench).apply(walkthrough)
            url = f"{served.url}/reviews/{review.id}"
        visitor = visit(cast.oliver)
        visitors.append(visitor)
        return Stage(visitor.page, url, versions)

    yield opened
    for visitor in visitors:
        assert visitor.troubles == []


def seat(cast) -> Review:
    """A request of Maya's."""
    now = clock.now()
    review = Review(
        team_id=cast.team, author_id=cast.maya, title="Numbers", brief="", created_at=now,
        review_by=now,
    )  # fmt: skip
    db.session.add(review)
    db.session.flush()
    return review


def add_version(review: Review, number: int, key: str) -> Walkthrough:
    """A version that has everything but what the steps make of its recording."""
    walkthrough = Walkthrough(
        review=review, version=number, uploaded_by_id=review.author_id, filename="numbers",
        state="ready", created_at=review.created_at, original_key=key,
        steps=[Step(name="probe", position=0, state="done")],
    )  # fmt: skip
    db.session.add(walkthrough)
    db.session.flush()
    return walkthrough


def test_the_told_number_is_the_drawn_number(stage):
    room = stage(*EVEN)
    for _ in room.each():
        last = len(room.made.numbers) - 1
        for index in (1, 2):
            room.press(".")
            room.shows(index)
        room.press(",")
        room.shows(1)
        room.hold(".", 25)  # nothing is counted twice or lost
        room.shows(26)
        room.is_painted()
        room.hold(",", 9)
        room.shows(17)

        room.press("0")
        room.shows(0)
        room.press(",")
        room.shows(0)
        for tenth in "375":
            room.press(tenth)
            index = room.is_honest(then=".")
            room.shows(min(index + 1, last))
        room.is_painted()
        room.press("9")
        room.hold(".", last // 10 + 10)
        room.shows(last)
        room.press(",")
        room.shows(last - 1)


def test_a_pause_at_any_speed_tells_the_picture_it_stopped_at(stage):
    room = stage("sixty_webm", "ntsc_late")
    for _ in room.each():
        room.press("<", "<")
        for speed in ("0.5×", "1×", "2×"):
            expect(room.page.locator("[data-speed]")).to_have_text(speed)
            room.press("4")
            play(room.page, 130)
            room.is_painted()
            index = room.is_honest(then=",")
            room.shows(index - 1)
            room.press(*[">"] * (2 if speed == "0.5×" else 4))


def test_a_comment_and_a_link_lead_to_the_very_picture(stage, served):
    room = stage("ntsc_cut", "uneven_mp4")
    page = room.page
    for name in room.each():
        room.press("2", ".")
        room.at_rest()
        play(page, 60)
        seen = room.at_rest()
        room.press("c")
        page.keyboard.type(f"This very picture of {name}.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#threads .thread").last).to_contain_text(name)
        expect(page.locator(".sending")).to_have_count(0)
        with served.app.app_context(), snapshot():
            said = sa.select(Comment).order_by(Comment.id.desc())
            found = db.session.scalars(said).first()
            anchor, start_ms = f"#comment-{found.id}", found.start_ms
        for more in (anchor, f"&t={start_ms}"):
            page.goto("about:blank")
            room.open(more)
            assert room.at_rest() == seen, name
            room.is_painted()


# Where frames of 30000/1001 meet: 30 begins at just 1001 ms, and 33 ms is where WebM rounds the
# beginning of the second one to.
MEETING_MS = [33, 34, 66, 67, 500, 501, 1001, 1034, 1035, 1534, 1535]


def test_a_moment_is_the_same_picture_in_every_file(stage, served, cast):
    room = stage("ntsc_webm", "ntsc_encoded")
    with served.app.app_context(), transaction():
        for version in db.session.scalars(sa.select(Walkthrough)):
            for at in MEETING_MS:
                by = load_person(cast.maya)
                add_comment(by=by, walkthrough=version, body=f"At {at}", start_ms=at)
    for _ in room.each():
        expect(room.page.locator("#threads .thread")).to_have_count(len(MEETING_MS))
        for at in MEETING_MS:
            room.press("]")
            room.shows(at * 30 // 1001)
    # The ledger's player comes to the same pictures, here in the newest version.
    ledger = room.page
    ledger.goto(f"{room.url}/ledger?v=2")
    own = ledger.locator(".ledger [data-start]").filter(has_text="v2")
    for at in (34, 1001, 1535):
        own.and_(ledger.locator(f"[data-start='{at}']")).first.click()
        poll(ledger, f"({READ_NUMBER})() === {at * 30 // 1001}")


def test_who_stops_to_write_sees_that_moment_and_not_the_poster(stage):
    room = stage("pal_webm", steps=("probe", "playable", "poster"))
    next(room.each())
    expect(room.page.locator("[data-video]")).to_have_attribute("poster", re.compile("/poster"))
    expect(room.page.locator("[data-picture]")).not_to_have_class(re.compile("is-still"))
    room.press("c", "Escape")
    room.shows(0)


def test_uneven_pictures_are_stepped_one_by_one_and_counted_in_ms(stage):
    room = stage(*UNEVEN)
    for _ in room.each():
        expect(room.page.get_by_role("button", name="One frame on")).to_have_attribute(
            "title", "To the next picture (.). Pictures come at uneven times here, so moments are "
            "counted in milliseconds",
        )  # fmt: skip
        last = len(room.made.numbers) - 1
        for index in [*range(1, last + 1), last]:
            step_uneven(room, ".", index)
        for index in [*range(last - 1, -1, -1), 0]:
            step_uneven(room, ",", index)
        room.hold(".", 6)  # none is counted twice or lost
        poll(room.page, f"({READ_NUMBER})() === {room.made.numbers[6]}")
        assert room.at_rest().drawn == room.made.numbers[6]


def step_uneven(room: Stage, key: str, index: int) -> None:
    """Press the key and find the picture of that index, told by a moment inside it."""
    made = room.made
    room.press(key)
    poll(room.page, f"({READ_NUMBER})() === {made.numbers[index]}")
    shown = room.at_rest()
    assert shown.drawn == made.numbers[index], room.name
    minutes, seconds = shown.told.split(":")
    ms = int(minutes) * 60_000 + round(float(seconds) * 1000)
    # Times in WebM are whole milliseconds, so a picture may begin half of one early.
    room.is_painted()
    assert made.begins[index] - 0.5 <= ms < [*made.begins, 1e9][index + 1], room.name


def test_arrows_turn_the_volume_and_leave_choices_alone(stage):
    room = stage("ntsc_late")
    next(room.each())
    page = room.page
    volume = "Math.round(document.querySelector('[data-video]').volume * 100)"
    room.press("ArrowDown", "ArrowDown", "ArrowDown")
    assert page.evaluate(volume) == 85
    expect(page.locator("[data-level]")).to_have_text("85 %")
    room.press("m", "ArrowUp")
    assert page.evaluate(volume) == 90
    expect(page.locator("[data-mute]")).to_have_attribute("aria-pressed", "false")
    room.press(*["ArrowUp"] * 4)
    assert page.evaluate(volume) == 100
    chosen = page.locator("[data-composer] input[name=kind]:checked")
    before = chosen.input_value()
    chosen.focus()
    room.press("ArrowDown")
    assert chosen.input_value() != before
    assert page.evaluate(volume) == 100
