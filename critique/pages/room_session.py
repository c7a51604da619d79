"""The live session in a room: who is there, what it is about, how long it lasts, how to follow."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from critique.accounts.models import Person
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting
from critique.pairing.sessions.agenda import agenda_of
from critique.pairing.sessions.call import call_url
from critique.pairing.sessions.live import is_live, standing_of
from critique.plumbing import clock
from critique.plumbing.errors import NotFound
from critique.reviews.models import Review


def session_parts(person: Person, review: Review) -> dict[str, Any]:
    """What the room shows of the session in `?session=`; nothing without one that is live now."""
    meeting = _asked_for(person, review)
    if meeting is None:
        return {"session": None}
    now = clock.now()
    return {
        "session": meeting,
        "session_call": call_url(meeting),
        "agenda": agenda_of(meeting),
        "session_data": {
            "url": url_for("sessions.stream", meeting_id=meeting.id),
            "ends_ms": int(meeting.ends_at.timestamp() * 1000),
            "now_ms": int(now.timestamp() * 1000),
            "person": person.id,
            "names": {one.id: one.name for one in meeting.people},
            **standing_of(meeting.id, now),
        },
    }


def _asked_for(person: Person, review: Review) -> Meeting | None:
    wanted = request.args.get("session", type=int)
    if wanted is None:
        return None
    try:
        meeting = meeting_for(person, wanted)
    except NotFound:
        return None
    same = meeting.review_id == review.id
    return meeting if same and is_live(meeting, clock.now()) else None
