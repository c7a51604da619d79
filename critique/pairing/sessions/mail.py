"""The letter of fast feedback that was booked, with the entry for the calendar."""

from __future__ import annotations

from flask import current_app

from critique.accounts.models import Person
from critique.pairing.daylight import place
from critique.pairing.meetings.calendar import (
    answer_url,
    entry_for,
    minutes_of,
    page_url,
    sender_of,
)
from critique.pairing.models import Meeting
from critique.pairing.sessions.call import call_url
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import listed, named, spoken_time


def write_session_letters(meeting: Meeting) -> None:
    """Put one letter for each who comes into the outbox, in the caller's transaction."""
    for person in meeting.people:
        others = listed([named(one.name) for one in meeting.people if one.id != person.id])
        when = spoken_time(meeting.starts_at, person.zone)
        write_letter(
            kind="session-booked",
            key=f"session-{meeting.id}-{meeting.sequence}-{person.id}",
            to_name=named(person.name),
            to_address=person.email,
            person_id=person.id,
            team_id=meeting.team_id,
            subject=f"{minutes_of(meeting)} minutes with {others}, {when}",
            text=_words(meeting, person, others, "txt"),
            html=_words(meeting, person, others, "html"),
            calendar=entry_for(person, meeting),
            calendar_method="REQUEST",
            headers=sender_of(meeting, person),
        )


def _words(meeting: Meeting, person: Person, others: str, kind: str) -> str:
    values = {
        "others": others,
        "when": spoken_time(meeting.starts_at, person.zone),
        "place": place(person.zone),
        "minutes": minutes_of(meeting),
        "title": meeting.review.title if meeting.review else "",
        "hosts": meeting.host_id == person.id,
        "asked": meeting.booked_by_id == person.id,
        "reason": meeting.reason,
        "call_url": call_url(meeting),
        "page_url": page_url(meeting),
        "answer_url": answer_url(meeting, person),
    }
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(f"mail/sessions/booked.{kind}").render(values)
