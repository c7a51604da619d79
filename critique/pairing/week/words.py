"""What pages and letters say alike about one's week."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.pairing.models import Meeting
from critique.plumbing.lists import list_token
from critique.plumbing.wording import listed, named
from critique.web.app import absolute_url

# What a link that asks whether a meeting happened is signed for.
HAPPENED = "happened"


def report_url(person: Person, meeting: Meeting) -> str:
    """Where the person says without a sign-in whether this meeting happened."""
    token = list_token(HAPPENED, person.id, str(meeting.id))
    return absolute_url("week.report_by_letter", token=token)


def kind_of(meeting: Meeting) -> str:
    """What it is, in a word."""
    return "coffee" if meeting.kind == "coffee" else "session"


def others_at(person: Person, meeting: Meeting) -> str:
    """Whom the person meets there."""
    return listed([named(one.name) for one in meeting.people if one.id != person.id])


def reason_for(person: Person, meeting: Meeting) -> str:
    """Why it was booked, as its reader says it: "you asked" where it names them."""
    for deed in ("asked", "offered"):
        if meeting.reason == f"{person.name} {deed}":
            return f"you {deed}"
    return meeting.reason


def caller_of(meeting: Meeting) -> Person | None:
    """Who starts the call of a coffee, as its invitation says; None for who is alone in it."""
    return meeting.people[0] if meeting.kind == "coffee" and meeting.people else None


def thanks_for(meeting: Meeting, *, happened: bool) -> str:
    """What was noted, and what follows from it."""
    if happened:
        return "Noted: it happened."
    if meeting.kind == "coffee":
        return "Noted: it did not happen. You may be drawn for each other again before long."
    return "Noted: it did not happen. Book another time whenever you like."
