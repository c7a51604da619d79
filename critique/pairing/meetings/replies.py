"""What a calendar program answers to an invitation (RFC 5546, METHOD:REPLY and COUNTER).

Pure, and wary: the text is whatever somebody sent. It is counted before it is parsed, nothing in it
is unfolded in time, and of all it says only one person's own answer is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar

# Outlook repeats the invitation's words in its answer; more than this is no answer.
LONGEST = 100_000
MOST_COMPONENTS = 20
LARGEST_SEQUENCE = 2**31 - 1
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

_BEGINS = re.compile(r"^BEGIN:(\S+)", re.IGNORECASE | re.MULTILINE)


class NoReply(ValueError):
    """The text is no answer of this person to this meeting."""


@dataclass(frozen=True)
class CalendarReply:
    """One person's answer to one state of a meeting; None as `answer` proposes another time."""

    answer: str | None
    sequence: int


def reply_in(text: str, *, uid: str, address: str) -> CalendarReply:
    """What the person of that address answers to the meeting of that UID.

    The one VEVENT must be of that meeting, and the person among its attendees; what it says of
    others is not looked at. Without SEQUENCE it is about the first invitation (RFC 5545, 3.8.7.4).
    Raises NoReply.
    """
    begun = [name.upper() for name in _BEGINS.findall(text[: LONGEST + 1])]
    if len(text) > LONGEST or len(begun) > MOST_COMPONENTS or begun.count("VEVENT") != 1:
        raise NoReply
    try:
        calendar = Calendar.from_ical(text)
        (event,) = calendar.walk("VEVENT")
        method = str(calendar.get("METHOD", "")).upper()
        sequence = int(event.get("SEQUENCE", 0))
        said = _own_answer(event, address)
        of_this = str(event.get("UID", "")) == uid and "RECURRENCE-ID" not in event
    except Exception as error:
        # The library raises whatever a strange line makes it meet.
        raise NoReply from error
    if not of_this or not 0 <= sequence <= LARGEST_SEQUENCE:
        raise NoReply
    if method == "COUNTER":
        return CalendarReply(None, sequence)
    if method != "REPLY" or said not in ANSWERS:
        raise NoReply
    return CalendarReply(ANSWERS[said], sequence)


def _own_answer(event: Any, address: str) -> str:
    attendees = event.get("ATTENDEE", [])
    for one in attendees if isinstance(attendees, list) else [attendees]:
        scheme, _, of = str(one).partition(":")
        if scheme.lower() == "mailto" and of.strip().lower() == address.lower():
            return str(one.params.get("PARTSTAT", "")).upper()
    return ""
