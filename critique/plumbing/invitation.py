"""A calendar invitation that mail clients show Accept and Decline for (RFC 5545, 5546 and 6047).

One VEVENT a file, because Outlook reads one; times in UTC, because a single event then needs no
VTIMEZONE; the organizer's address bare after mailto:, which some clients insist on. Moving a
meeting sends the same UID with the next sequence, cancelling it sends that with CANCEL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote, urlsplit

from icalendar import Calendar, Event, vCalAddress, vUri

from critique.plumbing.calendar import as_utc

Method = Literal["REQUEST", "CANCEL"]
# A name or title longer than this helps nobody in a calendar.
LONGEST_LINE = 200
LONGEST_TEXT = 4000

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\]+")


def invitation(
    *,
    uid: str,
    sequence: int,
    method: Method = "REQUEST",
    summary: str,
    description: str,
    start: datetime,
    end: datetime,
    organizer: tuple[str, str],
    attendees: Sequence[tuple[str, str]],
    url: str,
    now: datetime,
    answers: Mapping[str, str] | None = None,
) -> bytes:
    """Return one `text/calendar` body, UTF-8 with CRLF; its mail part must name the same method.

    `organizer` and `attendees` are (name, address); the organizer is who the mail is from.
    `answers` are by address what attendees said already (ACCEPTED, TENTATIVE, DECLINED), so that an
    update does not ask them anew for what did not change. Line
    breaks and control characters in words never begin a property of their own. `now` stamps it.
    Raises ValueError for naive or reversed times, an address or link that is not one, no attendee,
    or a negative sequence.
    """
    begins, finishes = as_utc(start), as_utc(end)
    if begins >= finishes:
        raise ValueError("A meeting must end after it starts.")
    if sequence < 0 or not attendees or not uid.strip():
        raise ValueError("An invitation needs a UID, somebody to invite and a sequence from 0 on.")
    cancelled = method == "CANCEL"
    event = Event()
    event.add("uid", _line(uid))
    event.add("sequence", sequence)
    event.add("dtstamp", as_utc(now))
    event.add("dtstart", begins)
    event.add("dtend", finishes)
    event.add("summary", _line(summary))
    event.add("description", _text(description))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("url", vUri(_link(url)))
    event.add("organizer", _person(*organizer))
    for name, address in attendees:
        said = (answers or {}).get(address, "NEEDS-ACTION")
        event.add("attendee", _guest(name, address, said, asked=not cancelled))
    calendar = Calendar()
    calendar.add("prodid", "-//Critique//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _person(name: str, address: str) -> vCalAddress:
    if not _ADDRESS.fullmatch(address) or any(map(_breaks, address)):
        raise ValueError(f"{_line(address)!r} is not a mail address.")
    found = vCalAddress("mailto:" + quote(address, safe="@!$&'*+/=^_`{|}~-."))
    # A parameter cannot hold a double quote (RFC 5545, 3.2), and readers take "\\:" for an escape.
    found.params["CN"] = _line(name).replace('"', "'").replace("\\", "/") or address
    return found


def _guest(name: str, address: str, said: str, *, asked: bool) -> vCalAddress:
    guest = _person(name, address)
    guest.params["CUTYPE"] = "INDIVIDUAL"
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    guest.params["PARTSTAT"] = said
    guest.params["RSVP"] = "TRUE" if asked else "FALSE"
    return guest


def _line(words: str) -> str:
    """Make one line: control, line-breaking and lone surrogate characters become spaces."""
    plain = "".join(" " if _breaks(character) else character for character in words)
    return " ".join(plain.split())[:LONGEST_LINE].strip()


def _text(words: str) -> str:
    lines = re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", words[:LONGEST_TEXT])
    plain = ("".join(" " if _breaks(c) else c for c in line).rstrip() for line in lines)
    return "\n".join(plain).strip()


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def _link(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"} or re.search(
        r"[\s\x00-\x1f\x7f\u2028\u2029]", url
    ):
        raise ValueError("A meeting's link must be a web address.")
    return url
