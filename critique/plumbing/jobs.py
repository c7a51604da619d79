"""Durable jobs: registered by name, enqueued inside the caller's transaction, run by a worker.

A job is a plain function that takes ids and is safe to run again from its start. Its key is a
natural one (`prepare-17-1`), so enqueueing twice runs once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec

from dbos import DBOS, DBOSClient, EnqueueOptions
from flask import current_app

from critique.plumbing import intent
from critique.plumbing.db import db

P = ParamSpec("P")

APPLICATION = "critique"

# queue -> how many of its jobs one worker runs at once. Mail goes one by one, so that a worker
# killed after the server took a letter can double that one only. Receivers of webhooks may be slow,
# several at once.
QUEUES = {"media": 2, "speech": 1, "mail": 1, "rounds": 1, "hooks": 4, "incoming": 1}


@dataclass(frozen=True)
class Job:
    """A registered job: its name, its queue and the plain function behind it."""

    name: str
    queue: str
    run: Callable[..., None]


registry: dict[str, Job] = {}


def job(queue: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a function as a job on `queue`; its name is the function's name."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        name = function.__name__
        if name in registry:
            raise ValueError(f"Two jobs are named {name}.")
        if queue not in QUEUES:
            raise ValueError(f"There is no queue named {queue}.")
        registry[name] = Job(name, queue, function)
        return function

    return register


def enqueue(name: str, *ids: int | str, key: str, delay_seconds: float = 0) -> None:
    """Put a job into the current transaction; it runs once the transaction has committed.

    `key` is the natural key of this piece of work: a key that was used before adds nothing.
    With `delay_seconds` it runs that much later.
    """
    options: EnqueueOptions = {
        "workflow_name": name,
        "queue_name": registry[name].queue,
        "workflow_id": key,
    }
    if delay_seconds > 0:
        options["delay_seconds"] = delay_seconds
    client().enqueue_in_transaction(db.session(), options, *ids)


@dataclass(frozen=True)
class Waiting:
    """A job that waits or runs."""

    key: str
    name: str
    status: str
    ids: tuple[int | str, ...]


def unfinished() -> list[Waiting]:
    """Jobs that wait or run, oldest first."""
    with intent.reading():
        rows = client().list_workflows(status=["ENQUEUED", "PENDING"], sort_desc=False)
    return [Waiting(row.workflow_id, row.name, row.status, _ids_of(row.input)) for row in rows]


def _ids_of(given: Any) -> tuple[int | str, ...]:
    return tuple(given["args"]) if given else ()


def client() -> DBOSClient:
    """The application's job client: it shares the engine and never changes a schema."""
    found = current_app.extensions.get("critique_jobs")
    if not isinstance(found, DBOSClient):
        found = DBOSClient(
            system_database_engine=db.engine, application_name=APPLICATION, lazy=True
        )
        current_app.extensions["critique_jobs"] = found
    return found


def create_tables(database_url: str) -> None:
    """Create or upgrade the job tables in the same database; safe to repeat."""
    DBOS.migrate(plain_url(database_url))


def plain_url(database_url: str) -> str:
    """The URL as DBOS wants it: it picks the psycopg driver itself."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)
