"""`critique run` as a process: it starts, mends, refuses and ends without leaving anything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from critique.cli import supervisor
from tests.conftest import settings_for
from tests.journeys.processes import (
    COMMAND,
    Part,
    children_of,
    free_port,
    is_healthy,
    process,
    wait_until,
)

# Under a loaded machine; alone it takes some seconds.
PATIENCE = 90
STOP_SECONDS = 15
# How the greeting ends.
LAST_WORDS = "Every mail can be read"

pytestmark = [pytest.mark.journey, pytest.mark.slow]


class Site:
    """An empty Critique: its folder, port and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "critique.log"

    def environment(self, **changes: str) -> dict[str, str]:
        known = {name: value for name, value in os.environ.items() if "CRITIQUE" not in name}
        wanted = {"PORT": str(self.port), "CRITIQUE_DATA": str(self.folder), "CRITIQUE_DEMO": "0"}
        return {**known, **wanted, **changes}

    def said(self) -> str:
        return self.log.read_text()

    def run(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """`critique run`, which is expected to end by itself."""
        return subprocess.run(
            [COMMAND, "run"], env=self.environment(**changes), capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip

    def is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return probe.connect_ex(("127.0.0.1", self.port)) != 0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def running(site: Site) -> Iterator[Part]:
    """`critique run`, healthy and done with its greeting."""
    with process([COMMAND, "run"], site.environment(), site.log) as part:
        wait_until(lambda: LAST_WORDS in site.said(), PATIENCE, site.said)
        wait_until(lambda: is_healthy(site.url), PATIENCE, site.said)
        yield part


def everyone_below(part: Part) -> list[int]:
    assert part.process is not None
    found, rest = [], children_of(part.process.pid)
    while rest:
        found += rest
        rest = [grandchild for child in rest for grandchild in children_of(child)]
    return found


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def named(pids: list[int], word: str) -> list[int]:
    return [pid for pid in pids if word in Path(f"/proc/{pid}/cmdline").read_text()]


def test_a_life_of_critique_run(site, running, tmp_path):
    the_first_admin_is_made_by_the_link(site)
    what_is_taken_is_refused(site, tmp_path)
    what_is_killed_is_started_again(site, running)

    family = everyone_below(running)
    assert len(family) == 4
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(STOP_SECONDS) == 0
    assert not [pid for pid in family if is_there(pid)]
    assert site.is_free()
    assert site.said().rstrip().endswith("Critique has stopped.")


def the_first_admin_is_made_by_the_link(site: Site) -> None:
    found = re.search(rf"{site.url}/setup/\S+", site.said())
    assert found, site.said()
    browser = requests.Session()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(found[0]).text)
    assert token
    form = {
        "csrf_token": token[1], "team": "Juniper", "zone": "Europe/Berlin", "name": "Ada",
        "email": "ada@example.com", "password": "nine-oaks-and-a-fern",
    }  # fmt: skip
    answer = browser.post(found[0], data=form, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert browser.get(f"{site.url}/team").status_code == 200
    assert requests.get(found[0], timeout=10).status_code == 404


def what_is_taken_is_refused(site: Site, tmp_path: Path) -> None:
    again = site.run(PORT=str(free_port()))
    assert (again.returncode, again.stdout) == (1, "")
    assert "runs on" in again.stderr
    assert len(again.stderr.strip().splitlines()) == 1
    elsewhere = tmp_path / "elsewhere"
    taken = site.run(CRITIQUE_DATA=str(elsewhere))
    assert (taken.returncode, taken.stdout) == (1, "")
    assert taken.stderr.strip() == (
        f"Error: Port {site.port} is taken by another program. Nothing was started; "
        f"choose another one: make run PORT={site.port + 1}"
    )
    assert not list(elsewhere.glob("*.sqlite"))


def what_is_killed_is_started_again(site: Site, running: Part) -> None:
    for word in ("worker", "gunicorn", "mail-door"):
        before = named(everyone_below(running), word)
        assert before
        os.kill(before[0], signal.SIGKILL)
        back: Callable[[], Any] = lambda before=before, word=word: (  # noqa: E731
            set(named(everyone_below(running), word)) - set(before) and is_healthy(site.url)
        )
        wait_until(back, PATIENCE, site.said)


def test_killed_itself_it_leaves_nobody_behind(site, running):
    family = everyone_below(running)
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait(STOP_SECONDS)
    wait_until(lambda: not [pid for pid in family if is_there(pid)], STOP_SECONDS, site.said)
    # A process of several threads is a zombie while the last of them still holds its sockets.
    wait_until(site.is_free, STOP_SECONDS, site.said)


def test_the_mail_door_stays_shut_where_somebody_else_listens(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        door = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
        settings = settings_for(tmp_path, "", mail_door=door, reply_domain="reply.localhost")
        parts: list[Any] = []
        said = supervisor._open_mail_door(settings, parts)
    assert said == (
        f"The mail door stays shut: it cannot listen at {door} (Address already in use). All else "
        "runs; name another address with CRITIQUE_MAIL_DOOR."
    )
    assert parts == []
    assert supervisor._open_mail_door(settings_for(tmp_path, ""), parts) is None
