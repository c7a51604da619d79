"""A letter to a meeting's address: what somebody's calendar program answers to the invitation."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.letters.kinds import Kind, Received, register
from critique.pairing.meetings.access import seat_for
from critique.pairing.meetings.calendar import MEETING, page_url
from critique.pairing.meetings.deeds import Answer, answer_and_tell
from critique.pairing.meetings.queries import time_since
from critique.pairing.meetings.replies import CalendarReply, NoReply, reply_in
from critique.pairing.models import Meeting
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid, NotFound
from critique.plumbing.wording import spoken_time


def take_answer(received: Received) -> None:
    """Let an answer count as one given on the page. Raises NotFound, Conflict and Invalid.

    An absence note or the like without an answer in it is let go: it would be answered for ever.
    """
    person, reading = received.person, received.reading
    meeting = db.session.get_one(Meeting, seat_for(person, received.subject_id).meeting_id)
    if reading.calendar is None:
        if reading.machine is not None:
            return
        raise Invalid(
            "Nobody reads what is written to the address of an invitation. Accept or decline in "
            "your calendar, or say it on the meeting's page.",
            code="no_reader",
        )
    reply = _reply(reading.calendar, meeting, person)
    _must_be_of_now(reply, meeting, person)
    answer_and_tell(
        by=person, meeting_id=meeting.id, answer=_answer(reply), sequence=meeting.sequence
    )


def _reply(calendar: str, meeting: Meeting, person: Person) -> CalendarReply:
    try:
        return reply_in(calendar, uid=meeting.uid, address=person.email)
    except NoReply:
        raise Invalid(
            "The calendar answer in it is none of yours to this meeting, so it was left alone. "
            "Answer on the meeting's page.",
            code="no_answer",
        ) from None


def _must_be_of_now(reply: CalendarReply, meeting: Meeting, person: Person) -> None:
    if reply.sequence < time_since(meeting.id):
        when = spoken_time(meeting.starts_at, person.zone)
        raise Conflict(
            f"Your answer was about the meeting as it was before it changed; now it is on {when}. "
            "Answer the newest invitation, or on the meeting's page.",
            code="old_time",
        )
    if reply.sequence > meeting.sequence:
        raise Invalid(
            "The calendar answer in it is about something that Critique never sent, so it was left "
            "alone. Answer on the meeting's page.",
            code="no_answer",
        )


def _answer(reply: CalendarReply) -> Answer:
    match reply.answer:
        case "accepted" | "declined" | "tentative":
            return reply.answer
    raise Invalid(
        "Your calendar proposed another time, and times are moved on the meeting's page: it "
        "shows those that are free for everybody. The meeting stands as it was.",
        code="counter",
    )


def team_of(meeting_id: int) -> int | None:
    """The team whose meeting it is."""
    return db.session.scalar(sa.select(Meeting.team_id).where(Meeting.id == meeting_id))


def place_of(person: Person, meeting_id: int) -> str | None:
    """The meeting's page for who has or had a seat there; None for everybody else."""
    try:
        seat = seat_for(person, meeting_id)
    except NotFound:
        return None
    return page_url(db.session.get_one(Meeting, seat.meeting_id))


register(Kind(MEETING, take_answer, team_of, place_of, by_machines=True))
