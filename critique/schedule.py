"""Recurring work in one table: what is due is enqueued under a natural key, so twice is once.

Each entry finds what is due *now* from the database, not from a timer, so a machine that slept
through the moment catches up at its next tick.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from critique.accounts.parked import enqueue_stranded_letters
from critique.activity.due import (
    enqueue_due_asks,
    enqueue_due_digests,
    tell_of_ending_claims,
)
from critique.activity.hooks.hearing import keep_telling
from critique.letters.jobs import take_up_letters
from critique.mentoring.jobs import enqueue_moving, enqueue_watching
from critique.pairing.rounds import enqueue_due_rounds
from critique.pairing.sessions.jobs import enqueue_due_feeds, enqueue_due_sessions
from critique.pairing.sessions.live import forget_old_signals
from critique.walkthroughs.expiry import enqueue_expired_uploads
from critique.web.idempotency import forget_old_answers

RECURRING: tuple[Callable[[datetime], None], ...] = (
    enqueue_due_rounds,
    enqueue_due_sessions,
    enqueue_due_feeds,
    forget_old_signals,
    enqueue_expired_uploads,
    enqueue_moving,
    enqueue_due_digests,
    tell_of_ending_claims,
    enqueue_due_asks,
    enqueue_stranded_letters,
    enqueue_watching,
    forget_old_answers,
    keep_telling,
    take_up_letters,
)


def fire_due(now: datetime) -> None:
    """Enqueue everything that is due at `now` (UTC), inside the caller's transaction."""
    for entry in RECURRING:
        entry(now)
