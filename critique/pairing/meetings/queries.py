"""Since when a meeting has the time that it has."""

from __future__ import annotations

import sqlalchemy as sa

from critique.events.models import Event
from critique.plumbing.db import db


def time_since(meeting_id: int) -> int:
    """The sequence with which the meeting got the time it has: 0 unless it was moved.

    An answer to an invitation from then on is about that time, whoever came in since.
    """
    details = db.session.scalar(
        sa.select(Event.details)
        .where(
            Event.subject == "meeting",
            Event.subject_id == meeting_id,
            Event.verb == "meeting.moved",
        )
        .order_by(Event.id.desc())
        .limit(1)
    )
    return int(details["sequence"]) if details else 0
