"""What a mail program sends when somebody answers a letter, handed to our own door."""

from __future__ import annotations

import smtplib
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress

from critique.plumbing import clock
from critique.plumbing.errors import Invalid, Unavailable
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import must_be_closed
from critique.plumbing.wording import one_line

SECONDS = 20


def answered_at(letter: Letter) -> str | None:
    """The address of ours that an answer to this letter goes to; None where it has none."""
    return letter.headers.get("Reply-To") or letter.headers.get("From")


def answer_to(letter: Letter, *, writer: str, words: str, partstat: str = "") -> EmailMessage:
    """An answer with the letter quoted below, as Gmail writes it. Raises Invalid.

    With `partstat` (ACCEPTED, TENTATIVE, DECLINED) what a calendar answers to its invitation.
    """
    message = EmailMessage()
    try:
        message["From"] = Address(letter.to_name, addr_spec=one_line(writer))
        message["To"] = answered_at(letter)
    except (HeaderParseError, ValueError, IndexError):
        raise Invalid(
            "That is no mail address. Nothing was sent; correct it.",
            fields={"writer": "This is no mail address."},
        ) from None
    message["Subject"] = f"Re: {letter.subject}"
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain="rehearsal.localhost")
    message["In-Reply-To"] = letter.message_id
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    when = f"{letter.written_at:%a, %b} {letter.written_at.day}, {letter.written_at:%Y at %H:%M}"
    message.set_content(f"{words}\n\nOn {when} Critique <critique@localhost> wrote:\n\n{quoted}\n")
    if partstat and letter.calendar:
        reply = calendar_reply(letter.calendar, letter.to_address, partstat)
        message.add_alternative(reply, subtype="calendar", params={"method": "REPLY"})
    return message


def calendar_reply(invitation: str, address: str, partstat: str) -> str:
    """The METHOD:REPLY of whoever has that address to an invitation (RFC 5546, 3.2.3)."""
    (asked,) = Calendar.from_ical(invitation).walk("VEVENT")
    event = Event()
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER"):
        event[name] = asked[name]
    event.add("dtstamp", clock.now())
    event.add("attendee", vCalAddress(f"mailto:{address}"), parameters={"PARTSTAT": partstat})
    calendar = Calendar()
    calendar.add("prodid", "-//Critique//Rehearsal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def hand_in(message: EmailMessage, mail_door: str | None) -> str | None:
    """Hand a message to the door; its refusal in words, None when it was taken.

    Raises Unavailable when nobody listens there.
    """
    must_be_closed()
    if mail_door is None:
        raise Unavailable("There is no mail door: CRITIQUE_MAIL_DOOR is off. Nothing was sent.")
    url = urlsplit(mail_door)
    kind = smtplib.LMTP if url.scheme == "lmtp" else smtplib.SMTP
    try:
        with kind(url.hostname or "", url.port or 0, timeout=SECONDS) as door:
            door.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        return _said(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return _said(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(
            f"Nobody opens at {mail_door} ({error}). Nothing was sent and your words are still in "
            "the form behind the browser's Back; start `critique mail-door`, then send it again."
        ) from None
    return None


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {one_line(text)}"
