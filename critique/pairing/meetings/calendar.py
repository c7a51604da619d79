"""A meeting as one person's calendar gets it, of either kind; and where they answer to."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from critique.accounts.models import Person
from critique.letters.addresses import Address
from critique.letters.mailbox import mailbox_for
from critique.pairing.models import Meeting
from critique.pairing.sessions.call import call_url
from critique.plumbing import clock
from critique.plumbing.invitation import Method, invitation
from critique.plumbing.lists import list_token
from critique.plumbing.wording import listed, named
from critique.web.app import absolute_url, settings

# What links and addresses in invitations are signed for.
MEETING = "meeting"


def organizer_of(meeting: Meeting, person: Person) -> tuple[str, str]:
    """(name, address) of the organizer in this person's entry, which their mails are from.

    With a reply domain the address is theirs alone, and takes what their calendar answers. It stays
    the same as long as the key does: an update must come from who sent the invitation.
    """
    name, address = parseaddr(settings().mail_from)
    return name, _mailbox(meeting, person) or address


def sender_of(meeting: Meeting, person: Person) -> dict[str, str]:
    """The header by which a letter is from its organizer; none without a reply domain."""
    mailbox = _mailbox(meeting, person)
    return {"From": mailbox} if mailbox else {}


def entry_for(
    person: Person,
    meeting: Meeting,
    method: Method = "REQUEST",
    attendees: Sequence[Person] | None = None,
) -> bytes:
    """The calendar file for one person; `attendees` are those who come, unless others are given.

    What somebody answered is in it, so that only who has not answered is asked.
    """
    guests = meeting.people if attendees is None else attendees
    said = {seat.person.email: seat.answer.upper() for seat in meeting.seats if seat.answer}
    return invitation(
        uid=meeting.uid,
        sequence=meeting.sequence,
        method=method,
        summary=f"{_kind(meeting)}: {listed([named(one.name) for one in guests])}",
        description=_description(meeting),
        start=meeting.starts_at,
        end=meeting.ends_at,
        organizer=organizer_of(meeting, person),
        attendees=[(one.name, one.email) for one in guests],
        url=page_url(meeting),
        now=clock.now(),
        answers=said if method == "REQUEST" else None,
    )


def page_url(meeting: Meeting) -> str:
    """The meeting's page."""
    return absolute_url("meetings.show", meeting_id=meeting.id)


def answer_url(meeting: Meeting, person: Person) -> str:
    """Where the person answers without a sign-in, for the meeting as it is now."""
    token = list_token(MEETING, person.id, f"{meeting.id}-{meeting.sequence}")
    return absolute_url("meetings.answer_by_letter", token=token)


def minutes_of(meeting: Meeting) -> int:
    """How long it is."""
    return int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)


def _mailbox(meeting: Meeting, person: Person) -> str | None:
    return mailbox_for(Address(MEETING, person.id, meeting.id))


def _kind(meeting: Meeting) -> str:
    return "Coffee" if meeting.kind == "coffee" else "Feedback"


def _description(meeting: Meeting) -> str:
    lines = [f"{minutes_of(meeting)} minutes, because: {meeting.reason}."]
    if meeting.kind != "coffee":
        about = named(meeting.review.title) if meeting.review else "the work"
        lines = [f"About {about}.", f"The call: {call_url(meeting)}"]
    return "\n".join([*lines, f"Answer, another time, somebody else: {page_url(meeting)}"])
