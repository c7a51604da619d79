"""Critique as people run it: `critique run` with its own data folder, port and database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "critique")
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass
class Running:
    """A running Critique: where it is, what it was told, and what it said."""

    url: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    def command(self, *words: str) -> str:
        """Run `critique` on the same data; gives what it printed."""
        done = subprocess.run(
            [COMMAND, *words], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def running(data: Path, database_url: str | None, *, demo: bool) -> Iterator[Running]:
    """Start everything, wait until it is healthy, and stop it as Ctrl-C does."""
    port = free_port()
    environment = {
        **os.environ,
        "CRITIQUE_DATA": str(data),
        "CRITIQUE_DEMO": "1" if demo else "0",
        "CRITIQUE_DATABASE_URL": database_url or "",
        "CRITIQUE_BASE_URL": f"http://localhost:{port}",
    }
    log = data / "critique.log"
    data.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [COMMAND, "run", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://localhost:{port}"
    try:
        wait_until(lambda: is_healthy(url), START_SECONDS, log.read_text)
        yield Running(url, environment, log, process)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def process(words: list[str], environment: dict[str, str], log: Path) -> Iterator[Part]:
    """One process with its children in a group of their own; stopped in good order at the end."""
    part = Part(words, environment, log)
    part.start()
    try:
        yield part
    finally:
        part.stop()


class Part:
    """A process that tests kill and start again."""

    def __init__(self, words: list[str], environment: dict[str, str], log: Path) -> None:
        self.words = words
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again)."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.words,
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill it and all its children with -9."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def kill_and_start(self) -> None:
        """Kill all of it and start it again."""
        self.kill()
        self.start()

    def kill_children(self) -> None:
        """Kill with -9 what it started, and not itself."""
        assert self.process is not None
        for child in children_of(self.process.pid):
            os.kill(child, signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end; kill what is left of it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """Ids of the processes this one started and that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = entry.read_text().rsplit(")", 1)[1].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.parent.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until(true, seconds: float, explain=lambda: "") -> None:
    """Poll until something is true; fail with an explanation when it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, explain()
        pause(0.1)


def pause(seconds: float) -> None:
    """Let another process get on; never what a test waits *for*."""
    time.sleep(seconds)
