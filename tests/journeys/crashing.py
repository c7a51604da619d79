"""Critique's own processes, which kill themselves with -9 once at each point a test names.

`python -m tests.journeys.crashing NAME` is a worker that lives again after each death;
`tests.journeys.crashing:web()` is the application for gunicorn.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from critique import worker
from critique.accounts import jobs as mails
from critique.factory import create_app
from critique.pairing import jobs as rounds
from critique.walkthroughs import operations, preparing, uploads
from critique.walkthroughs.spool import Spool

FOLDER = "CRITIQUE_TEST_CRASHES"
ONCE = "--once"


@dataclass(frozen=True)
class Passed:
    """That a process was at a point: who and when, in seconds of one clock for all."""

    point: str
    pid: int
    at: float


class Crashes:
    """What is still to happen, and what did, in files that the processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plan(self, *points: str) -> None:
        """Die at each of these once."""
        written = self.folder / f"plan.{os.getpid()}"
        written.write_text(json.dumps(points))
        # In one go, because the test reads it whenever it likes.
        written.replace(self.folder / "plan")

    def fill_disk(self) -> None:
        """Let there be no room for bytes from now on."""
        (self.folder / "full").touch()

    def free_disk(self) -> None:
        """Let there be room again."""
        (self.folder / "full").unlink()

    def room(self, real: int) -> int:
        """Free bytes, as far as the processes can see."""
        return 0 if (self.folder / "full").exists() else real

    def left(self) -> list[str]:
        """Where nobody has died yet."""
        return json.loads((self.folder / "plan").read_text())

    def passed(self) -> list[Passed]:
        """All points that were reached, in order."""
        path = self.folder / "passed"
        lines = path.read_text().splitlines() if path.exists() else []
        return [Passed(**json.loads(line)) for line in lines]

    def reach(self, point: str) -> None:
        """Note that this process is here; die if that is the plan."""
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            told = {"point": point, "pid": os.getpid(), "at": time.monotonic()}
            with (self.folder / "passed").open("a") as log:
                log.write(json.dumps(told) + "\n")
            left = self.left()
            if point in left:
                left.remove(point)
                self.plan(*left)
                os.kill(os.getpid(), signal.SIGKILL)


def set_traps(crashes: Crashes) -> None:
    """Put a point before and after every step, commit and delivery that matters."""
    for name, work in list(preparing.WORK.items()):
        preparing.WORK[name] = _around(work, crashes, f"{name}:begun", f"{name}:made")
    mails.deliver = _around(mails.deliver, crashes, "mail:ready", "mail:accepted")
    rounds.transaction = _transaction(rounds.transaction, crashes)
    operations.save_progress = _around(operations.save_progress, crashes, "upload:on disk")
    operations.finish_upload = _around(operations.finish_upload, crashes, "upload:stored")
    uploads.SILENCE_SECONDS = 2
    real_room = Spool.room
    Spool.room = lambda spool: crashes.room(real_room(spool))
    uploads._finish = _around(uploads._finish, crashes, "", "upload:committed")


def _around(work: Callable[..., Any], crashes: Crashes, before: str, after: str = "") -> Any:
    def run(*args: Any, **named: Any) -> Any:
        if before:
            crashes.reach(before)
        made = work(*args, **named)
        if after:
            crashes.reach(after)
        return made

    return run


def _transaction(real: Callable[..., Any], crashes: Crashes) -> Any:
    @contextmanager
    def run() -> Iterator[None]:
        with real():
            yield
            crashes.reach("draw:written")
        crashes.reach("draw:committed")

    return run


def web() -> Flask:
    """The application, with its traps set."""
    set_traps(Crashes(Path(os.environ[FOLDER])))
    return create_app()


def main(name: str, *, once: bool) -> None:
    """Live, die, and live again, until somebody asks for an end."""
    set_traps(Crashes(Path(os.environ[FOLDER])))
    children: list[int] = []
    asked: list[int] = []

    def end(number: int, _frame: object) -> None:
        asked.append(number)
        for child in children[-1:]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    while not asked:
        # Held back until it is known who is to be told of an end.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            try:
                worker.run(create_app(), name)
            finally:
                os._exit(1)
        children.append(child)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        died_of = -os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if died_of != signal.SIGKILL or once:
            return


if __name__ == "__main__":
    main(sys.argv[1], once=ONCE in sys.argv)
