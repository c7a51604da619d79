"""Letters of fast feedback: booked and cancelled, each with the entry for the calendar."""

from __future__ import annotations

import hashlib
import hmac
from email.utils import parseaddr
from urllib.parse import quote

from flask import current_app

from critique.accounts.models import Person
from critique.pairing.daylight import place
from critique.pairing.models import Meeting
from critique.plumbing import clock
from critique.plumbing.invitation import Method, invitation
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import listed, named, spoken_time
from critique.web.app import absolute_url, settings

# Jitsi needs no account; a team may say another in its own words.
CALL_ADDRESS = "https://meet.jit.si/critique-{room}"


def call_url(meeting: Meeting) -> str:
    """Where the call is: the team's template, with a room name nobody can guess."""
    secret = str(current_app.secret_key).encode()
    room = hmac.new(secret, f"call-{meeting.uid}".encode(), hashlib.sha256).hexdigest()[:20]
    return (meeting.team.call_address or CALL_ADDRESS).replace("{room}", quote(room))


def write_session_letters(meeting: Meeting, method: Method = "REQUEST") -> None:
    """Put one letter for each who has a seat into the outbox, in the caller's transaction."""
    people = [seat.person for seat in meeting.seats]
    calendar = session_calendar(meeting, method)
    for person in people:
        others = listed([named(other.name) for other in people if other.id != person.id])
        when = spoken_time(meeting.starts_at, person.zone)
        subject = f"{_minutes(meeting)} minutes with {others}, {when}"
        template = "booked" if method == "REQUEST" else "cancelled"
        write_letter(
            kind=f"session-{template}",
            key=f"session-{meeting.id}-{meeting.sequence}-{person.id}",
            to_name=named(person.name),
            to_address=person.email,
            person_id=person.id,
            team_id=meeting.team_id,
            subject=subject if method == "REQUEST" else f"Cancelled: {subject}",
            text=_words(template, meeting, person, others, "txt"),
            html=_words(template, meeting, person, others, "html"),
            calendar=calendar,
            calendar_method=method,
        )


def session_calendar(meeting: Meeting, method: Method = "REQUEST") -> bytes:
    """The session for calendars; the organizer is who the mails are from."""
    people = [seat.person for seat in meeting.seats]
    return invitation(
        uid=meeting.uid,
        sequence=meeting.sequence,
        method=method,
        summary=f"Feedback: {listed([named(one.name) for one in people])}",
        description=f"About {meeting.review.title if meeting.review else 'the work'}.\n"
        f"The call: {call_url(meeting)}\nThe agenda: {_page_of(meeting)}",
        start=meeting.starts_at,
        end=meeting.ends_at,
        organizer=parseaddr(settings().mail_from),
        attendees=[(one.name, one.email) for one in people],
        url=_page_of(meeting),
        now=clock.now(),
    )


def _page_of(meeting: Meeting) -> str:
    return absolute_url("sessions.show", meeting_id=meeting.id)


def _minutes(meeting: Meeting) -> int:
    return int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)


def _words(template: str, meeting: Meeting, person: Person, others: str, kind: str) -> str:
    values = {
        "others": others,
        "when": spoken_time(meeting.starts_at, person.zone),
        "place": place(person.zone),
        "minutes": _minutes(meeting),
        "title": meeting.review.title if meeting.review else "",
        "hosts": meeting.host_id == person.id,
        "reason": meeting.reason,
        "call_url": call_url(meeting),
        "page_url": _page_of(meeting),
    }
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(f"mail/sessions/{template}.{kind}").render(values)
