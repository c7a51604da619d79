"""Writing and verifying the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from critique.events.listening import tell
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.db import db, dialect
from critique.plumbing.trace import request_id

GENESIS = "0" * 64
# Any constant will do: it names the lock under which PostgreSQL extends the chain.
CHAIN_LOCK = 20261123


def record_event(
    verb: str,
    *,
    by_id: int | None,
    subject: str,
    subject_id: int | None,
    team_id: int | None = None,
    review_id: int | None = None,
    before: object = None,
    after: object = None,
    details: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event to the caller's transaction, let the slices above hear it, and return it.

    `verb` is `noun.past_tense`; `before` and `after` are any JSON-able state and enter the log as
    digests only; `details` holds ids and figures, never texts. `by_id` None means Critique itself.
    """
    hold_log()
    previous = db.session.scalar(sa.select(Event.hash).order_by(Event.id.desc()).limit(1))
    event = Event(
        at=clock.now(),
        actor_id=by_id,
        team_id=team_id,
        review_id=review_id,
        verb=verb,
        subject=subject,
        subject_id=subject_id,
        before=digest(before),
        after=digest(after),
        details=dict(details or {}),
        request_id=request_id.get(),
        previous=previous or GENESIS,
        hash="",
    )
    event.hash = chained(event)
    db.session.add(event)
    db.session.flush()
    tell(event)
    return event


def hold_log() -> None:
    """Let nobody else record anything until this transaction ends (PostgreSQL; SQLite does so).

    For who writes, before its event, what listeners write after theirs: both in one order.
    """
    if dialect() == "postgresql":
        db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def digest(state: object) -> str | None:
    """SHA-256 of a state's canonical JSON; None for None."""
    return None if state is None else hashlib.sha256(canonical(state)).hexdigest()


def canonical(value: object) -> bytes:
    """JSON with one spelling only."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    ).encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def chained(event: Event) -> str:
    """The hash an event must carry, given its columns."""
    fields = (
        "at", "actor_id", "team_id", "review_id", "verb", "subject", "subject_id",
        "before", "after", "details", "request_id", "previous",
    )  # fmt: skip
    return hashlib.sha256(canonical([getattr(event, name) for name in fields])).hexdigest()


def first_broken_event() -> int | None:
    """The id of the first event that does not fit the chain; None when all of it verifies."""
    previous = GENESIS
    chosen = sa.select(Event).order_by(Event.id).execution_options(yield_per=1000)
    with db.session.scalars(chosen) as events:
        for event in events:
            if event.previous != previous or event.hash != chained(event):
                return event.id
            previous = event.hash
    return None
