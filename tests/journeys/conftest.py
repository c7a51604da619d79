"""Stories in a real browser: a served application on a real SQLite file, one context per person."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from werkzeug.serving import make_server

from critique import schedule, static_build
from critique.accounts.login import COOKIE_KEY, digest
from critique.accounts.models import SignIn
from critique.media import probe, render
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import transaction
from critique.reviews.models import Aim, Review, Reviewer
from critique.walkthroughs.models import Step, Transcript, Walkthrough
from tests import chromium
from tests.conftest import clean_database
from tests.journeys.arriving import new_page
from tests.people import Cast

# How long a busy machine may take. What has come is seen at once, so that nothing waits in vain.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

SPOKEN = (
    "The total sits above the button now, so it is read first. The rule below it is lighter than "
    "before. I am not sure about the delivery day, because gray alone says nothing."
)
SECONDS = 20


@dataclass
class Served:
    """A running application: its address and the application itself."""

    url: str
    app: Flask


@dataclass
class Visitor:
    """Somebody's browser, and everything in it that should not have happened."""

    page: Page
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)


@pytest.fixture(scope="session", autouse=True)
def built_static_files() -> None:
    """The vendored parts, as every start builds them."""
    static_build.build()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium a run."""
    found = chromium.path()
    assert found, "There is no Chromium here; `make test` brings one."
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite unless a story names another: what happens in the page does not know what is behind.

    Every slice has its tests on both.
    """
    yield from clean_database(getattr(request, "param", "sqlite"), request, tmp_path)


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """The application behind a real socket, several requests at a time."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # What is still being answered is waited for, not dropped with its connection to the database.
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture
def visit(served: Served, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open a browser as a person (by id; None for a guest), watched for troubles."""
    contexts: list[BrowserContext] = []

    def open_as(person_id: int | None, **options: Any) -> Visitor:
        wanted = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", **options}
        context = browser.new_context(**wanted)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if person_id is not None:
            context.add_cookies([session_cookie(served, person_id)])
        page = new_page(context, scripts=wanted.get("java_script_enabled", True))
        visitor = Visitor(page, context)
        watch(visitor, served.url)
        return visitor

    yield open_as
    for context in contexts:
        context.close()


ZONES = {"maya": "America/Chicago", "oliver": "Europe/London", "wei": "Asia/Singapore"}


@pytest.fixture
def desk(visit: Callable[..., Visitor], cast: Cast) -> Iterator[Callable[[str], Page]]:
    """Somebody's browser, in their own zone; nothing may go wrong in any of them."""
    opened: list[Visitor] = []

    def open_as(name: str) -> Page:
        visitor = visit(getattr(cast, name), timezone_id=ZONES[name])
        opened.append(visitor)
        return visitor.page

    yield open_as
    assert [one.troubles for one in opened] == [[]] * len(opened)


@pytest.fixture
def move_to(
    app: Flask, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], list[str]]
) -> Callable[[datetime], None]:
    """Let it be that moment for the server, and its worker do what is due by then."""

    def move(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        with app.app_context(), transaction():
            schedule.fire_due(moment)
        run_jobs()

    return move


def open_letter(page: Page, url: str, subject: str, *, exact: bool = False) -> Locator:
    """The text of the newest letter with that subject, in the outbox."""
    page.goto(f"{url}/outbox")
    page.get_by_role("link", name=subject, exact=exact).first.click()
    return page.locator("pre.letter").first


# The second is Playwright's own script, kept out of the frame that shows a letter.
NO_TROUBLE = ("Failed to load resource", "Blocked script execution")


def watch(visitor: Visitor, url: str) -> None:
    """Note console errors (a broken content security policy is one) and foreign requests."""
    page = visitor.page
    page.on(
        "console",
        lambda message: (
            visitor.troubles.append(message.text)
            if message.type == "error" and not any(one in message.text for one in NO_TROUBLE)
            else None
        ),
    )
    page.on("pageerror", lambda error: visitor.troubles.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((url, "data:", "blob:"))
            else visitor.troubles.append(f"asked elsewhere: {asked.url}")
        ),
    )


def session_cookie(served: Served, person_id: int) -> dict[str, Any]:
    """The cookie of a new sign-in session, as the sign-in page sets it."""
    secret = f"journey-{person_id}-{os.urandom(8).hex()}"
    with served.app.app_context(), transaction():
        db.session.add(
            SignIn(
                person_id=person_id,
                digest=digest(secret),
                started_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            )
        )
    signer = SecureCookieSessionInterface().get_signing_serializer(served.app)
    assert signer is not None
    return {"name": "critique", "value": signer.dumps({COOKIE_KEY: secret}), "url": served.url}


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a 20-second video with sound, and everything made from it."""
    folder = tmp_path_factory.mktemp("recording")
    source = folder / "take.mp4"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
            "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={SECONDS}",
            "-f", "lavfi", "-i", f"sine=frequency=220:duration={SECONDS}",
            "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p",
            "-c:a", "aac", "-shortest", str(source),
        ],
        check=True,
    )  # fmt: skip
    found = probe.probe(source)
    made = folder / "made"
    made.mkdir()
    render.playable(source, found, made)
    render.poster(source, found, made / "poster.jpg")
    render.sprite(source, found, made)
    render.peaks(source, found, made / "peaks.json")
    return made


@dataclass(frozen=True)
class Room:
    """Ids of a request with a walkthrough that plays, and its words."""

    review: int
    walkthrough: int
    words: list[list[Any]]


@pytest.fixture
def film_keys(settings: Any, recording: Path) -> dict[str, str]:
    """The recording in this test's storage: its columns of a walkthrough."""
    kinds = {
        "playable_key": ("playable.mp4", "video/mp4"),
        "poster_key": ("poster.jpg", "image/jpeg"),
        "sprite_key": ("sprite.jpg", "image/jpeg"),
        "sprite_track_key": ("sprite.vtt", "text/vtt"),
        "peaks_key": ("peaks.json", "application/json"),
    }
    storage = open_storage(settings)
    for name, kind in kinds.values():
        storage.put(f"journey/{name}", recording / name, kind)
    return {key: f"journey/{name}" for key, (name, _) in kinds.items()}


@pytest.fixture
def room(app: Flask, cast: Cast, film_keys: dict[str, str]) -> Room:
    """Maya asks Oliver; her video is ready, with words."""
    with app.app_context(), transaction():
        return seat_room(cast, film_keys)


def film_of(review: Review, keys: dict[str, str]) -> Walkthrough:
    """The recording as the first version of a request, ready to be played."""
    return Walkthrough(
        review=review,
        version=1,
        uploaded_by_id=review.author_id,
        filename="take.mp4",
        state="ready",
        duration_ms=SECONDS * 1000,
        width=640,
        height=360,
        rate_numerator=25,
        rate_denominator=1,
        has_video=True,
        has_audio=True,
        playable_type="video/mp4",
        original_key=keys["playable_key"],
        created_at=clock.now(),
        steps=[Step(name="probe", position=0, state="done")],
        **keys,
    )


def seat_room(cast: Cast, keys: dict[str, str]) -> Room:
    """The rows of that room, in the current transaction."""
    now = clock.now()
    review = Review(
        team_id=cast.team,
        author_id=cast.maya,
        title="Checkout: the total",
        brief="The old one hid the **price** of delivery.",
        created_at=now,
        review_by=now + timedelta(hours=4),
        aims=[Aim(position=0, text="Is the total found first?")],
        reviewers=[Reviewer(person_id=cast.oliver, asked_at=now)],
    )
    walkthrough = film_of(review, keys)
    db.session.add_all([review, walkthrough])
    db.session.flush()
    each = SECONDS * 1000 // (len(SPOKEN.split()) + 1)
    words = [
        [at + 1, word, at * each, at * each + each - 60, 0.9]
        for at, word in enumerate(SPOKEN.split())
    ]
    db.session.add(
        Transcript(
            walkthrough_id=walkthrough.id,
            revision=1,
            engine="test",
            draft=False,
            language="en",
            words=json.loads(json.dumps(words)),
            created_at=now,
        )
    )
    db.session.flush()
    return Room(review.id, walkthrough.id, words)
