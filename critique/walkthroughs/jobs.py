"""Durable jobs of the walkthroughs slice. Each is safe to run again from its start."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from critique.media.errors import MediaError
from critique.plumbing import clock
from critique.plumbing.jobs import job
from critique.plumbing.storage import StorageFailed, storage
from critique.plumbing.transaction import must_be_closed, snapshot, transaction
from critique.walkthroughs import expiry, removal
from critique.walkthroughs.bench import Bench
from critique.walkthroughs.preparing import WORK
from critique.walkthroughs.steps import (
    HEARING,
    PICTURING,
    PREPARING,
    Outcome,
    Task,
    begin_step,
    settle_step,
)
from critique.walkthroughs.uploads import spool
from critique.web.app import settings

BROKEN = (
    "Something in Critique broke while working on this. The original is kept. Try again; if it "
    "stops again, tell your admin."
)

log = logging.getLogger(__name__)


@job("media")
def prepare_walkthrough(walkthrough_id: int) -> None:
    """Make it playable, or its pictures showable, and what goes with it: what is not done yet."""
    _run(walkthrough_id, (*PICTURING, *PREPARING))


@job("speech")
def hear_walkthrough(walkthrough_id: int) -> None:
    """Write the transcript, then make it findable: whatever of it is not done yet."""
    _run(walkthrough_id, HEARING)


@job("media")
def clear_uploads(_when: str) -> None:
    """Clear away uploads whose day is over, and bytes that nobody refers to."""
    expiry.clear(spool(), storage(), clock.now())


@job("media")
def remove_files(walkthrough_id: int) -> None:
    """Delete the files of a version that was removed."""
    removal.delete_files(storage(), walkthrough_id)


def _run(walkthrough_id: int, names: Sequence[str]) -> None:
    with _folder() as folder:
        bench = Bench(folder, storage(), settings())
        for name in names:
            with transaction():
                task = begin_step(walkthrough_id, name)
            if task is None:
                continue
            must_be_closed()
            outcome = _try(task, bench)
            with transaction():
                may_go_on = settle_step(task, outcome)
            if not may_go_on:
                _throw_away(task, bench)
                return


def _throw_away(task: Task, bench: Bench) -> None:
    """Delete what was made of a version that was removed while it was made."""
    with snapshot():
        gone = removal.is_removed(task.walkthrough_id)
    for key in bench.kept if gone else ():
        bench.storage.delete(key)


def _try(task: Task, bench: Bench) -> Outcome:
    try:
        return WORK[task.name](task, bench)
    except (MediaError, StorageFailed) as failure:
        log.warning("Step %s of %s: %s", task.name, task.walkthrough_id, failure.sentence)
        return Outcome("failed", failure.sentence, transient=not failure.permanent)
    except Exception:
        # A person sees a sentence, the log the rest, and the worker goes on with the next job.
        log.exception("Step %s of walkthrough %s broke.", task.name, task.walkthrough_id)
        return Outcome("failed", BROKEN)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one job, gone when it ends (a killed one's is swept later)."""
    parent = settings().spool / "work"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)
