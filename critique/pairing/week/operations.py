"""What changes of one's week: saying whether a meeting happened."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting, Seating
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict


def say_happened(*, by: Person, meeting_id: int, happened: bool) -> Meeting:
    """Say whether a meeting took place; it can be said anew, and the same again changes nothing.

    Raises NotFound for who had no seat there, or Conflict before it is over.
    """
    meeting = meeting_for(by, meeting_id)
    now = clock.now()
    if meeting.ends_at > now:
        raise Conflict(
            "This meeting is not over yet. Nothing was noted; say it afterwards.", code="not_over"
        )
    seat = db.session.scalars(
        sa.select(Seating)
        .where(Seating.meeting_id == meeting.id, Seating.person_id == by.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    before = seat.happened
    if before is happened:
        return meeting
    seat.happened, seat.happened_at = happened, now
    db.session.flush()
    record_event(
        "meeting.reported",
        by_id=by.id,
        subject="meeting",
        subject_id=meeting.id,
        team_id=meeting.team_id,
        before=before,
        after=happened,
        details={"person": by.id, "happened": happened},
    )
    return meeting
