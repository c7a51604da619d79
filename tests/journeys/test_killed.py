"""Web and worker killed with -9: what was acknowledged is there, and everything converges."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import requests
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask

from critique.accounts.models import Person
from critique.accounts.operations.people import issue_token
from critique.cli.supervisor import web_command
from critique.comments.models import Comment
from critique.config import Settings
from critique.pairing.groups.queries import whole_team
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.operations import ask_for_draw
from critique.pairing.weeks import week_at_hand
from critique.plumbing import clock, heartbeat, jobs
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.search import SearchEntry
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import STEP_NAMES, Transcript, Walkthrough
from critique.walkthroughs.steps import PREPARING, Outcome, begin_step, settle_step
from critique.walkthroughs.words import passages, words_from
from tests.conftest import on_one, on_postgres, on_sqlite
from tests.journeys.crashing import FOLDER, ONCE, Crashes, Passed
from tests.journeys.processes import Part, free_port, process, wait_until
from tests.people import Cast

DEMO = Path(__file__).resolve().parents[2] / "critique" / "demo" / "walkthrough.mp4"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
CONVERGED_SECONDS = 60
MB = 1024 * 1024

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture
def environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What makes a process work on this test's data."""
    return {
        **os.environ,
        "CRITIQUE_DATA": str(settings.data),
        "CRITIQUE_DATABASE_URL": settings.database_url,
        "CRITIQUE_SECRET_KEY": settings.secret_key,
        "CRITIQUE_DISK_RESERVE_MB": "1",
        # A busy machine lets a living worker miss two seconds, and then it counts as lost.
        "CRITIQUE_WORKER_LOST_SECONDS": "6",
        FOLDER: str(tmp_path),
    }


@pytest.fixture
def crashes(tmp_path: Path) -> Crashes:
    """Where the processes of this test die; nowhere as yet."""
    made = Crashes(tmp_path)
    made.plan()
    return made


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """Four seconds of somebody talking over a picture."""
    target = tmp_path / "take.mp4"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", "0.5", "-i", str(DEMO),
            "-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(target),
        ],
        check=True,
    )  # fmt: skip
    return target


@pytest.fixture
def review(app: Flask, cast: Cast) -> int:
    """Maya's open request."""
    with app.app_context(), transaction():
        made = Review(
            team_id=cast.team, author_id=cast.maya, title="Checkout", created_at=clock.now()
        )
        db.session.add(made)
        db.session.flush()
        return made.id


class Site:
    """Critique as Maya's program meets it over HTTP; each request with a connection of its own."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **rest: Any) -> requests.Response:
        headers = {**self.headers, **rest.pop("headers", {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, url, headers=headers, timeout=30, **rest)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status_code in (200, 503)
        except requests.RequestException:
            return False

    def begin(self, review: int, length: int) -> str:
        told = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}"
            for key, value in {"review": str(review), "filename": "take.mp4"}.items()
        )
        answer = self.ask(
            "POST", "/uploads/",
            headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": told},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def offset(self, upload: str) -> int:
        answer = self.ask("HEAD", upload, headers=TUS)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def send(self, upload: str, data: bytes, offset: int) -> requests.Response:
        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": BYTES}
        return self.ask("PATCH", upload, headers=headers, data=data[offset:])

    def send_part(self, upload: str, data: bytes, offset: int, upto: int) -> socket.socket:
        """Announce all bytes from `offset` on, send those up to `upto`, and leave it open."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        head = {
            "Host": "localhost", **self.headers, **TUS, "Content-Type": BYTES,
            "Upload-Offset": str(offset), "Content-Length": str(len(data) - offset),
        }  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        line.sendall(f"PATCH {upload} HTTP/1.1\r\n{lines}\r\n".encode() + data[offset:upto])
        return line

    def comment(self, walkthrough: str, body: str) -> requests.Response:
        return self.ask(
            "POST", f"/api/v1/walkthroughs/{walkthrough}/comments",
            json={"body": body, "kind": "praise", "start_ms": 100},
        )  # fmt: skip


@pytest.fixture
def site(app: Flask, cast: Cast) -> Site:
    """Where the web of this test will answer Maya."""
    with app.app_context(), transaction():
        token = issue_token(by=None, person=db.session.get_one(Person, cast.maya))
    return Site(free_port(), token)


@pytest.fixture
def serving(
    site: Site, environment: dict[str, str], crashes: Crashes, tmp_path: Path
) -> Iterator[Part]:
    """The web as `critique serve` runs it, with traps; loaded once, so that it is soon back."""
    del crashes
    words = [sys.executable, "-m", *web_command("127.0.0.1", site.port, 8), "--preload"]
    words[words.index("critique.factory:create_app()")] = "tests.journeys.crashing:web()"
    with process(words, environment, tmp_path / "web.log") as part:
        wait_until(site.answers, 60, (tmp_path / "web.log").read_text)
        yield part


@on_sqlite
def test_no_acknowledged_byte_is_lost_when_the_web_is_killed(
    site, serving, environment, review, crashes, app
):
    data = bytes(range(256)) * (28 * MB // 256) + b"the end"
    upload = site.begin(review, len(data))
    walkthrough = site.ask("HEAD", upload, headers=TUS).headers["Walkthrough-Id"]
    crash_while_sending(site, upload, data, crashes, "upload:on disk")
    reported = site.offset(upload)
    assert part_of(environment, upload)[:reported] == data[:reported]

    # Before the first offset that is safe, between two of them, and all but the end.
    for upto, kill in (
        (MB, serving.kill_children),
        (17 * MB, serving.kill_and_start),
        (len(data) - 200_000, serving.kill_children),
    ):
        with site.send_part(upload, data, reported, upto):
            if upto - reported > 8 * MB:
                wait_until(lambda before=reported: site.offset(upload) > before, 20)
            acknowledged = site.offset(upload)
            kill()
        wait_until(site.answers, 60)
        assert acknowledged <= site.offset(upload) <= upto
        reported = site.offset(upload)
        assert part_of(environment, upload)[:reported] == data[:reported]
    assert reported >= 16 * MB

    # A line that died without a word does not hold the upload for ever.
    with site.send_part(upload, data, reported, reported + 100_000):
        assert site.send(upload, data, reported).status_code == 423
        wait_until(lambda: site.offset(upload) > reported, 20)
        reported = site.offset(upload)

    # A disk that fills up meanwhile refuses bytes, and nothing else.
    crashes.fill_disk()
    full = site.send(upload, data, reported)
    assert (full.status_code, full.json()["code"]) == (507, "disk_full")
    assert "kept" in full.json()["detail"]
    assert site.comment(walkthrough, "Said while the disk was full.").status_code == 201
    crashes.free_disk()

    crash_while_sending(site, upload, data, crashes, "upload:stored")
    assert site.offset(upload) >= reported
    crash_while_sending(site, upload, data, crashes, "upload:committed")
    assert site.offset(upload) == len(data)
    with app.app_context(), snapshot():
        kept = db.session.get_one(Walkthrough, int(walkthrough))
        assert (kept.state, kept.sha256) == ("processing", hashlib.sha256(data).hexdigest())
        stored = Path(environment["CRITIQUE_DATA"]) / "files" / kept.original_key
        assert stored.read_bytes() == data
        assert [c.body for c in db.session.scalars(sa.select(Comment))] == [
            "Said while the disk was full."
        ]
        assert [(job.name, job.ids) for job in jobs.unfinished()] == [
            ("prepare_walkthrough", (kept.id,))
        ]


def crash_while_sending(site: Site, upload: str, data: bytes, crashes: Crashes, point: str) -> None:
    """Send the rest; the web dies at that point and is started again by gunicorn."""
    crashes.plan(point)
    with pytest.raises(requests.ConnectionError):
        site.send(upload, data, site.offset(upload))
    wait_until(site.answers, 60)
    assert crashes.left() == []


def part_of(environment: dict[str, str], upload: str) -> bytes:
    name = upload.rsplit("/", 1)[-1]
    return (Path(environment["CRITIQUE_DATA"]) / "spool" / f"{name}.part").read_bytes()


def test_every_step_converges_when_the_worker_is_killed_in_it(
    app, cast, review, client_of, environment, crashes, take, tmp_path
):
    deaths = (
        "probe:begun", "playable:made", "poster:begun", "sprite:made", "peaks:begun",
        "transcript:begun", "transcript:made", "search:begun", "search:made",
    )  # fmt: skip
    crashes.plan(*deaths)
    walkthrough = upload_here(app, client_of(cast.maya), review, take)
    began = time.monotonic()
    with worker("w1", environment, tmp_path):
        wait_until(lambda: "transcript:begun" not in crashes.left(), 60, told_by(tmp_path))
        comment_here(app, client_of(cast.oliver), walkthrough)
        wait_until(lambda: settled(app, walkthrough), 60, told_by(tmp_path))
        wait_until(lambda: nothing_waits(app), 20, told_by(tmp_path))
    assert crashes.left() == []
    assert time.monotonic() - began < CONVERGED_SECONDS
    assert_whole(app, walkthrough)
    never_at_once(crashes.passed())


def one_ended(*parts: Part) -> bool:
    """Whether exactly one of these processes is no more."""
    return sum(part.process.poll() is not None for part in parts if part.process) == 1


@on_postgres
def test_another_worker_takes_over_and_nothing_runs_twice_at_once(
    app, cast, review, client_of, environment, crashes, take, tmp_path
):
    crashes.plan("peaks:begun")
    with (
        worker("w1", environment, tmp_path, ONCE) as first,
        worker("w2", environment, tmp_path, ONCE) as second,
    ):
        wait_until(lambda: len(alive(app)) == 2, 60, told_by(tmp_path))
        walkthrough = upload_here(app, client_of(cast.maya), review, take)
        wait_until(lambda: settled(app, walkthrough), 60, told_by(tmp_path))
        wait_until(lambda: len(alive(app)) == 1, 20, told_by(tmp_path))
        # A killed process can be waited for only once the last of its threads is gone.
        wait_until(lambda: one_ended(first, second), 20, told_by(tmp_path))
    assert_whole(app, walkthrough)
    seen = crashes.passed()
    begun = [one for one in seen if one.point == "peaks:begun"]
    assert len({one.pid for one in begun}) == len(begun) == 2
    assert begun[1].at - begun[0].at < 20
    never_at_once(seen)


def test_what_a_worker_taken_for_lost_brings_later_is_thrown_away(
    app, cast, review, client_of, take
):
    walkthrough = upload_here(app, client_of(cast.maya), review, take)
    with app.app_context():
        with transaction():
            lost = begin_step(walkthrough, "probe")
        with transaction():
            after = begin_step(walkthrough, "probe")
        with transaction():
            assert not settle_step(lost, Outcome("failed", "From the grave."))
        with transaction():
            assert settle_step(after, Outcome("done"))
        with snapshot():
            step = db.session.get_one(Walkthrough, walkthrough).steps[0]
            assert (step.name, step.state, step.reason) == ("probe", "done", None)


class Mailbox:
    """An SMTP server that says yes."""

    def __init__(self) -> None:
        self.received: list[str] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        await asyncio.sleep(0)
        self.received.append(message_from_bytes(envelope.content)["Message-ID"])
        return "250 OK"


@on_one
def test_one_round_and_one_mail_each_however_often_it_is_killed(
    app, cast, environment, crashes, tmp_path
):
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    environment["CRITIQUE_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}"
    crashes.plan("draw:written", "draw:committed", "mail:accepted")
    week = week_at_hand("Europe/London", clock.now())
    with app.app_context(), transaction():
        lead = db.session.get_one(Person, cast.wei)
        ask_for_draw(by=lead, group_id=whole_team(cast.team).id, week=week)
    try:
        with worker("w1", environment, tmp_path):
            wait_until(lambda: nothing_waits(app), 60, told_by(tmp_path))
    finally:
        server.stop()
    assert crashes.left() == []
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count(Round.id))) == 1
        seats = list(db.session.scalars(sa.select(Seating.person_id)))
        assert len(seats) == len(set(seats)) > 0
        assert db.session.scalar(sa.select(sa.func.count(Meeting.id))) == len(seats) // 2
        letters = set(db.session.scalars(sa.select(Letter.message_id)))
        assert not list(db.session.scalars(sa.select(Letter.id).where(Letter.sent_at.is_(None))))
    came = Counter(mailbox.received)
    assert set(came) == letters
    assert max(came.values()) <= 2
    # At most one more of each of the two that a worker sends at a time.
    assert came.total() <= len(letters) + jobs.QUEUES["mail"]


@on_sqlite
def test_a_locked_database_is_waited_for_and_then_told(
    app, site, serving, environment, cast, review, client_of, take
):
    walkthrough = str(upload_here(app, client_of(cast.maya), review, take))
    with Locked(environment["CRITIQUE_DATABASE_URL"]) as unlock:
        threading.Timer(2, unlock).start()
        began = time.monotonic()
        assert site.comment(walkthrough, "Waited.").status_code == 201
        assert time.monotonic() - began > 1.5
    with Locked(environment["CRITIQUE_DATABASE_URL"]):
        refused = site.comment(walkthrough, "Refused.")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "kept" in refused.json()["detail"]
        assert site.ask("GET", f"/api/v1/reviews/{review}").status_code == 200
    assert site.comment(walkthrough, "Again.").status_code == 201
    told = site.ask("GET", f"/api/v1/walkthroughs/{walkthrough}/comments").json()
    assert [one["body"] for one in told] == ["Waited.", "Again."]


class Locked:
    """The database while another process writes into it and does not end."""

    def __init__(self, url: str) -> None:
        path = sa.make_url(url).database
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def __enter__(self) -> Callable[[], None]:
        self.connection.execute("BEGIN IMMEDIATE")
        return self.unlock

    def unlock(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def __exit__(self, *_: object) -> None:
        self.unlock()
        self.connection.close()


def worker(name: str, environment: dict[str, str], folder: Path, *words: str) -> Any:
    """A worker that dies where the test says."""
    command = [sys.executable, "-m", "tests.journeys.crashing", name, *words]
    return process(command, environment, folder / f"{name}.log")


def told_by(folder: Path) -> Callable[[], str]:
    """What the workers said, for a test that fails."""
    return lambda: "\n".join(path.read_text()[-3000:] for path in folder.glob("w*.log"))


def upload_here(app: Flask, client: Any, review: int, take: Path) -> int:
    """Post a recording by a web of this process; gives the walkthrough's id."""
    data = take.read_bytes()
    told = f"review {base64.b64encode(str(review).encode()).decode()}"
    made = client.post(
        "/uploads/", headers={**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": told}
    )
    sent = client.patch(
        made.headers["Location"],
        data=data,
        content_type=BYTES,
        headers={**TUS, "Upload-Offset": "0"},
    )
    assert sent.status_code == 204, sent.text
    return int(sent.headers["Walkthrough-Id"])


def comment_here(app: Flask, client: Any, walkthrough: int) -> None:
    answer = client.post(
        f"/api/v1/walkthroughs/{walkthrough}/comments",
        json={"body": "Posted meanwhile.", "kind": "praise", "start_ms": 100},
    )
    assert answer.status_code == 201, answer.text


def settled(app: Flask, walkthrough: int) -> bool:
    """Whether no step is under way any more."""
    with app.app_context(), snapshot():
        steps = db.session.get_one(Walkthrough, walkthrough).steps
        return all(step.state in ("done", "skipped", "failed") for step in steps)


def nothing_waits(app: Flask) -> bool:
    with app.app_context(), snapshot():
        return not jobs.unfinished()


def alive(app: Flask) -> set[str]:
    with app.app_context(), snapshot():
        return heartbeat.alive_since(clock.now() - timedelta(seconds=3))


def assert_whole(app: Flask, walkthrough: int) -> None:
    """All steps came to a good end, with one transcript and one entry a passage."""
    with app.app_context(), snapshot():
        found = db.session.get_one(Walkthrough, walkthrough)
        states = {step.name: step.state for step in found.steps}
        assert set(states) == set(STEP_NAMES)
        assert all(states[name] == "done" for name in (*PREPARING, "transcript")), states
        assert found.state == "ready"
        (transcript,) = db.session.scalars(sa.select(Transcript))
        entries = list(
            db.session.scalars(
                sa.select(SearchEntry.text).where(SearchEntry.source == "transcript")
            )
        )
        assert entries == [one.text for one in passages(words_from(transcript.words))]
        assert states["search"] == ("done" if entries else "skipped")


def never_at_once(seen: list[Passed]) -> None:
    """No step began in one process while another, alive, was still at it."""
    running: dict[str, Passed] = {}
    last = {one.pid: one.at for one in seen}
    for one in seen:
        step, _, what = one.point.partition(":")
        if step not in STEP_NAMES:
            continue
        before = running.pop(step, None)
        if what == "begun":
            # One that died is last heard of where it died.
            assert before is None or before.pid != one.pid
            assert before is None or last[before.pid] <= one.at
            running[step] = one
