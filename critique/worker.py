"""The worker process: runs jobs, keeps a heartbeat, fires the schedule.

DBOS resumes what this executor left behind when it starts again under the same id; what a lost
worker on another machine left behind is resumed by the sweep below.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from dbos import DBOS, DBOSConfig
from flask import Flask

from critique import schedule
from critique.config import Settings
from critique.plumbing import clock, heartbeat, jobs
from critique.plumbing.errors import Conflict
from critique.plumbing.transaction import snapshot, transaction

# Pinned: a hash of the source, the default, would strand waiting jobs at each deployment.
APPLICATION_VERSION = "1"
# A job enqueued by a request is seen after this long; the budget from last byte to playable is 1 s.
# Nobody watches the other queues that closely, and each question costs a worker that idles.
POLLING_SECONDS = {"media": 0.1}
POLLING_SECONDS_ELSEWHERE = 0.5
TICK_SECONDS = 5.0
# What still runs this long after a stop was asked for is left to the next start.
FINISH_SECONDS = 5

log = logging.getLogger(__name__)


def run(app: Flask, name: str | None = None) -> None:
    """Run jobs until SIGTERM or SIGINT, then end this process.

    A running job is given 5 s to finish; one that takes longer begins again with the next worker.
    Raises Conflict when a worker of that name runs on this data folder already.
    """
    settings = app.extensions["critique_settings"]
    assert isinstance(settings, Settings)
    executor = name or f"{socket.gethostname()}-1"
    lost_after = timedelta(seconds=settings.worker_lost_seconds)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _alone(settings.data, executor):
        _launch(app, executor)
        while not stop.is_set():
            with app.app_context():
                _tick(executor, lost_after)
            stop.wait(min(TICK_SECONDS, settings.worker_lost_seconds / 4))
        _finish(app, executor)


@contextmanager
def _alone(data: Path, executor: str) -> Iterator[None]:
    """Two of one name would each take the other's running jobs for what they left behind."""
    path = data / f"worker-{re.sub(r'[^A-Za-z0-9.-]', '_', executor)}.lock"
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"A worker named {executor} runs on this data folder already. Nothing was "
                "started; give this one a name of its own with --name."
            ) from None
        yield


def _finish(app: Flask, executor: str) -> None:
    DBOS.destroy(workflow_completion_timeout_sec=FINISH_SECONDS)
    try:
        # Not before: whoever is not in the list has its running jobs taken over at once.
        with app.app_context(), transaction():
            heartbeat.leave(executor)
    except Exception:
        log.exception("The worker could not say that it stops; it is taken for lost in a while.")
    logging.shutdown()
    # A job that is still running holds a thread that an orderly exit would wait for.
    os._exit(0)


def _launch(app: Flask, executor: str) -> None:
    config: DBOSConfig = {
        "name": jobs.APPLICATION,
        "system_database_url": jobs.plain_url(app.config["SQLALCHEMY_DATABASE_URI"]),
        "executor_id": executor,
        "application_version": APPLICATION_VERSION,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    for entry in jobs.registry.values():
        DBOS.workflow(name=entry.name)(_inside(app, entry.run))
    with app.app_context(), transaction():
        heartbeat.beat(executor)
    DBOS.launch()
    for queue, at_once in jobs.QUEUES.items():
        DBOS.register_queue(
            queue,
            worker_concurrency=at_once,
            polling_interval_sec=POLLING_SECONDS.get(queue, POLLING_SECONDS_ELSEWHERE),
        )


def _inside(app: Flask, function: Callable[..., None]) -> Callable[..., None]:
    def run_job(*ids: int | str) -> None:
        with app.app_context():
            function(*ids)

    # DBOS keys its registry by the qualified name, so each wrapper needs its own.
    run_job.__name__ = run_job.__qualname__ = function.__name__
    return run_job


def _tick(executor: str, lost_after: timedelta) -> None:
    try:
        with transaction():
            # On its own: an entry of the schedule that breaks must not make us look dead.
            heartbeat.beat(executor)
        _resume_lost(executor, lost_after)
        with transaction():
            schedule.fire_due(clock.now())
    except Exception:
        # The next tick tries again; a worker that dies here would stop running jobs as well.
        log.exception("The worker's tick failed; the next one tries it again.")


def _resume_lost(executor: str, lost_after: timedelta) -> None:
    with snapshot():
        alive = heartbeat.alive_since(clock.now() - lost_after) | {executor}
    if executor != min(alive):
        # One of them looks after all: two would hand the same job out twice.
        return
    for pending in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
        if pending.executor_id in alive or pending.queue_name is None:
            continue
        log.warning("Resuming %s, left by %s.", pending.workflow_id, pending.executor_id)
        DBOS.resume_workflow(pending.workflow_id, queue_name=pending.queue_name)
