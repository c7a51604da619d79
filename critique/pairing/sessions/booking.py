"""Booking and cancelling with everything that follows: both get a mail, calendars follow."""

from __future__ import annotations

from datetime import datetime

from critique.accounts.models import Person
from critique.comments.models import Comment
from critique.pairing.meetings.mail import write_release_letters
from critique.pairing.models import Meeting
from critique.pairing.operations import release_seat
from critique.pairing.sessions.mail import write_session_letters
from critique.pairing.sessions.operations import book_session
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound
from critique.reviews.models import Review


def book_and_tell(
    *,
    by: Person,
    host_id: int,
    review: Review,
    starts_at: datetime,
    minutes: int,
    comment: Comment | None = None,
) -> Meeting:
    """Book a mentor for oneself, or, as the mentor, for the author; both are told.

    Raises what `book_session` does, and Invalid when nobody is left to meet.
    """
    host = db.session.get(Person, host_id)
    if host is None:
        raise NotFound
    guest = review.author if by.id == host_id else by
    if guest.id == host.id:
        raise Invalid(
            "Nothing was booked: a session needs somebody else.",
            fields={"host": "Choose another mentor."},
        )
    meeting = book_session(
        by=by, guest=guest, host=host, team_id=review.team_id, starts_at=starts_at, minutes=minutes,
        review=review, comment=comment,
    )  # fmt: skip
    write_session_letters(meeting)
    return meeting


def cancel_and_tell(*, by: Person, meeting: Meeting) -> Meeting:
    """Give one's place at a session up, which cancels it for two; everybody is told.

    Raises Forbidden for coffee, which is skipped instead, and Conflict once it began.
    """
    if meeting.kind != "feedback":
        raise Forbidden("Coffee is skipped on the coffee page; nothing was cancelled.")
    release = release_seat(by=by, meeting_id=meeting.id, person_id=by.id)
    if release is None:
        raise Conflict(
            "This session has begun or was cancelled already. Nothing was changed.", code="over"
        )
    write_release_letters(release)
    return meeting
