"""Whether everything a person needs is there: database, files, a live worker."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, jsonify

from critique.plumbing import clock, heartbeat, schema
from critique.plumbing.db import db
from critique.web.app import limiter, settings

# A worker renews its heartbeat every 5 s; four missed ones mean that nobody works.
WORKER_SILENCE = timedelta(seconds=20)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@limiter.exempt
def show() -> tuple[Response, int]:
    """200 when every part is there, else 503 and which one is missing."""
    found = {name: _tried(probe) for name, probe in PARTS.items()}
    missing = [name for name, reason in found.items() if reason]
    body = {
        "status": "ok" if not missing else "missing",
        "missing": missing,
        "parts": {name: reason or "ok" for name, reason in found.items()},
    }
    return jsonify(body), 200 if not missing else 503


def database() -> str | None:
    """A sentence when the database is gone or does not answer, else None."""
    # SQLite goes on reading a file that was deleted, until the connection is closed.
    path = db.engine.url.database or ""
    if db.engine.dialect.name == "sqlite" and not Path(path).is_file():
        return "The database file is gone."
    # An empty database answers too, but there is nothing in it to work with.
    if schema.is_behind():
        return "The database is older than this Critique; run `critique migrate`."
    return None


def files() -> str | None:
    """A sentence when stored files cannot be written, else None."""
    folder = settings().files if not settings().s3_bucket else settings().spool
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions alone tell nothing of a full disk or one that turned read-only.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as error:
        return f"The files folder cannot be written ({error.strerror})."
    return None


def worker() -> str | None:
    """A sentence when no worker was heard of lately, else None."""
    alive = heartbeat.alive_since(clock.now() - WORKER_SILENCE)
    return None if alive else "No worker is running; start one with `critique worker`."


PARTS: dict[str, Callable[[], str | None]] = {
    "database": database,
    "files": files,
    "worker": worker,
}


def _tried(probe: Callable[[], str | None]) -> str | None:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is: this part is missing
        return f"It does not answer ({type(error).__name__})."
