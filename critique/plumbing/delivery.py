"""A letter as it goes over the wire, and handing it to the SMTP server."""

from __future__ import annotations

import contextlib
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import must_be_closed
from critique.plumbing.wording import one_line

SMTP_TIMEOUT_SECONDS = 30
# Made of addresses and ids that mail programs compare letter by letter.
WHOLE = ("list-", "references", "in-reply-to", "reply-to")


class LetterPolicy(EmailPolicy):
    """SMTP's line ends, and headers that programs read left whole.

    Python folds an address longer than a line into encoded words (RFC 2047), which no mail client
    looks for in List-Unsubscribe or References; lines of up to 998 characters are allowed (RFC
    5322, 2.1.1).
    """

    def fold(self, name: str, value: str) -> str:
        """Write a header as text."""
        whole = name.lower().startswith(WHOLE)
        return f"{name}: {value}{self.linesep}" if whole else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header as it goes over the wire."""
        whole = name.lower().startswith(WHOLE)
        return self.fold(name, value).encode() if whole else super().fold_binary(name, value)


LETTER_POLICY = LetterPolicy(linesep=SMTP.linesep)


def as_message(letter: Letter, mail_from: str) -> EmailMessage:
    """The letter as it goes over the wire: plain text first, then HTML, then one calendar part."""
    name, address = parseaddr(mail_from)
    message = EmailMessage(policy=LETTER_POLICY)
    # An invitation comes from where it is answered to: mail clients want ORGANIZER and From alike.
    sender = letter.headers.get("From", address)
    message["From"] = Address(one_line(name), addr_spec=sender)
    message["To"] = Address(letter.to_name, addr_spec=letter.to_address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    for header, value in letter.headers.items():
        if header != "From":
            message[header] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    if letter.calendar and letter.calendar_method:
        # Mail clients offer Accept and Decline only when this parameter equals the METHOD inside.
        message.add_alternative(
            letter.calendar, subtype="calendar", params={"method": letter.calendar_method}
        )
    return message


def deliver(message: EmailMessage, smtp_url: str, mail_from: str) -> None:
    """Hand one message to the SMTP server of `smtp://user:password@host:port` (or `smtps://`).

    The envelope's sender is `mail_from` whatever From says: that is the address a submission server
    lets this account use, whose SPF it passes, and to which bounces belong.

    Raises smtplib.SMTPException or OSError; nothing may hold a transaction meanwhile.
    """
    must_be_closed()
    url = urlsplit(smtp_url)
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=SMTP_TIMEOUT_SECONDS)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=SMTP_TIMEOUT_SECONDS)
    try:
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message, from_addr=parseaddr(mail_from)[1])
        # It was taken: a goodbye that fails must not have it sent once more.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()
