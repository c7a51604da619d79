"""The live room: what each does is told to the other, through rows that any web process can read.

A signal is small and short-lived: play, pause, seek, a pointer, a stroke. Rows instead of memory,
so that two people on two web processes follow each other; they are forgotten after a day, and what
is to stay becomes a comment.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting
from critique.pairing.sessions.models import Signal
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound

# What says where the video stands, for who comes later.
STEERING = ("play", "pause", "seek")
EARLY, LATE = timedelta(minutes=10), timedelta(hours=2)
KEPT = timedelta(days=1)
# A pointer seen after this long still feels like the other's hand (100 ms feels immediate).
LOOK_SECONDS = 0.12
# An open stream holds a thread of the web process: it ends, and the browser opens the next one.
STREAM_SECONDS = 25.0
RECONNECT_MS = 300
MOST_AT_ONCE = 200


def send_signal(*, by: Person, meeting: Meeting, kind: str, data: dict[str, Any]) -> Signal:
    """Tell the others at a session. Raises Conflict before its time and after it."""
    now = clock.now()
    if meeting.cancelled_at is not None or not _is_held(meeting, now):
        raise Conflict(
            "The live room opens ten minutes before the session and closes two hours after it. "
            "The request itself is open as ever.",
            code="not_live",
        )
    signal = Signal(meeting_id=meeting.id, person_id=by.id, kind=kind, data=data, at=now)
    db.session.add(signal)
    db.session.flush()
    return signal


def is_live(meeting: Meeting, now: datetime) -> bool:
    """Whether the live room is open: from ten minutes before until two hours after."""
    return meeting.cancelled_at is None and _is_held(meeting, now)


def _is_held(meeting: Meeting, now: datetime) -> bool:
    return meeting.starts_at - EARLY <= now < meeting.ends_at + LATE


def standing_of(meeting_id: int, now: datetime) -> dict[str, Any]:
    """Where the video stands for who comes now: the newest steering signal and its age in ms."""
    newest = db.session.scalar(
        sa.select(Signal)
        .where(Signal.meeting_id == meeting_id, Signal.kind.in_(STEERING))
        .order_by(Signal.id.desc())
        .limit(1)
    )
    last = db.session.scalar(
        sa.select(sa.func.max(Signal.id)).where(Signal.meeting_id == meeting_id)
    )
    steer = None if newest is None else {**said(newest), "age_ms": _age_ms(newest, now)}
    return {"last": last or 0, "steer": steer}


def signals_after(meeting_id: int, after: int, besides: int) -> Sequence[Signal]:
    """What the others said after a signal, oldest first; at most 200 at once."""
    return db.session.scalars(
        sa.select(Signal)
        .where(Signal.meeting_id == meeting_id, Signal.id > after, Signal.person_id != besides)
        .order_by(Signal.id)
        .limit(MOST_AT_ONCE)
    ).all()


def said(signal: Signal) -> dict[str, Any]:
    """A signal as the page gets it."""
    return {"id": signal.id, "by": signal.person_id, "kind": signal.kind, **signal.data}


def told(
    person_id: int,
    meeting_id: int,
    after: int,
    reading: Callable[[], AbstractContextManager[None]],
) -> Iterator[str]:
    """Server-sent events: what the others do, until the stream's time is over.

    `reading` opens a context in which the database can be read; none is held while waiting. It
    ends at the next look with "gone" for who lost the session (left the team, it was cancelled),
    and outside of the room's hours.
    """
    ends, last = time.monotonic() + STREAM_SECONDS, after
    yield f"retry: {RECONNECT_MS}\n\n"
    while time.monotonic() < ends:
        with reading():
            is_there = _may_hear(person_id, meeting_id)
            found = [said(one) for one in signals_after(meeting_id, last, person_id)]
        if not is_there:
            yield "event: gone\ndata: {}\n\n"
            return
        for one in found:
            last = one["id"]
            yield f"id: {last}\ndata: {json.dumps(one, separators=(',', ':'))}\n\n"
        if not found:
            time.sleep(LOOK_SECONDS)


def _may_hear(person_id: int, meeting_id: int) -> bool:
    try:
        meeting = meeting_for(db.session.get_one(Person, person_id), meeting_id)
    except NotFound:
        return False
    return is_live(meeting, clock.now())


def forget_old_signals(now: datetime) -> None:
    """Drop what was said in live rooms more than a day ago."""
    db.session.execute(sa.delete(Signal).where(Signal.at < now - KEPT))


def _age_ms(signal: Signal, now: datetime) -> int:
    return int((now - signal.at).total_seconds() * 1000)
