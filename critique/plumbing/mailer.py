"""Letters: written in the transaction that causes them, sent by a job, kept as proof.

Without an SMTP server letters stay in the outbox, where development shows them at /outbox.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from critique.config import Settings
from critique.plumbing import clock, jobs
from critique.plumbing.db import Record, db
from critique.plumbing.transaction import must_be_closed, snapshot, transaction

SMTP_TIMEOUT_SECONDS = 30
# Minutes until the next try; the last one repeats until 48 hours have passed.
RETRY_MINUTES = (1, 5, 15, 60)
GIVE_UP_AFTER = timedelta(hours=48)


class Letter(Record):
    """One mail to one address; `sent_at` and `failure` tell what became of it."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    # Mail of a team stops with the membership: checked again when the letter is sent.
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    to_name: Mapped[str] = mapped_column(sa.String(200))
    to_address: Mapped[str] = mapped_column(sa.String(320))
    subject: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str | None] = mapped_column(sa.Text)
    calendar: Mapped[str | None] = mapped_column(sa.Text)
    calendar_method: Mapped[str | None] = mapped_column(sa.String(20))
    headers: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    written_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # Set while a failed letter waits for its next try; a failure without it is final.
    next_try_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(sa.Text)


def one_line(value: str) -> str:
    """Text fit for a header: no control characters or line separators, white space folded."""
    return re.sub(r"[\s\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", value).strip()


def write_letter(
    *,
    kind: str,
    key: str,
    to_name: str,
    to_address: str,
    subject: str,
    text: str,
    html: str | None = None,
    person_id: int | None = None,
    team_id: int | None = None,
    calendar: bytes | None = None,
    calendar_method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Letter:
    """Put a letter into the outbox and its sending into the same transaction.

    `key` names the occasion (`coffee-3-2026-W48-17`); the same occasion is written once only, and
    its Message-ID stays the same however often sending is tried.
    """
    message_id = f"<{key}@{urlsplit(site_url()).hostname or 'localhost'}>"
    known = db.session.scalar(sa.select(Letter).where(Letter.message_id == message_id))
    if known is not None:
        return known
    letter = Letter(
        kind=kind,
        person_id=person_id,
        team_id=team_id,
        to_name=one_line(to_name)[:200],
        to_address=one_line(to_address),
        subject=one_line(subject)[:300],
        text=text,
        html=html,
        calendar=calendar.decode() if calendar else None,
        calendar_method=calendar_method,
        headers={name: one_line(value) for name, value in (headers or {}).items()},
        message_id=message_id,
        written_at=clock.now(),
    )
    db.session.add(letter)
    db.session.flush()
    jobs.enqueue("send_letter", letter.id, key=f"letter-{letter.id}")
    return letter


class LetterPolicy(EmailPolicy):
    """SMTP's line ends, and List headers left whole.

    Python folds an address longer than a line into encoded words (RFC 2047), which no mail client
    looks for in List-Unsubscribe; lines of up to 998 characters are allowed (RFC 5322, 2.1.1).
    """

    def fold(self, name: str, value: str) -> str:
        """Write a header as text."""
        whole = name.lower().startswith("list-")
        return f"{name}: {value}{self.linesep}" if whole else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header as it goes over the wire."""
        whole = name.lower().startswith("list-")
        return self.fold(name, value).encode() if whole else super().fold_binary(name, value)


LETTER_POLICY = LetterPolicy(linesep=SMTP.linesep)


def as_message(letter: Letter, mail_from: str) -> EmailMessage:
    """The letter as it goes over the wire: plain text first, then HTML, then one calendar part."""
    name, address = parseaddr(mail_from)
    message = EmailMessage(policy=LETTER_POLICY)
    message["From"] = Address(one_line(name), addr_spec=address)
    message["To"] = Address(letter.to_name, addr_spec=letter.to_address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    for header, value in letter.headers.items():
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


def site_url() -> str:
    """Where people reach this installation, from configuration, without a slash at the end."""
    return _settings().base_url


def _settings() -> Settings:
    found = current_app.extensions["critique_settings"]
    assert isinstance(found, Settings)
    return found


def deliver(message: EmailMessage, smtp_url: str) -> None:
    """Hand one message to the SMTP server of `smtp://user:password@host:port` (or `smtps://`).

    Raises smtplib.SMTPException or OSError; nothing may hold a transaction meanwhile.
    """
    must_be_closed()
    url = urlsplit(smtp_url)
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=SMTP_TIMEOUT_SECONDS)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=SMTP_TIMEOUT_SECONDS)
    with server:
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def waiting_letter(letter_id: int) -> Letter | None:
    """A letter that is not sent yet, detached from the session; None when it is gone or sent."""
    with snapshot():
        letter = db.session.get(Letter, letter_id)
        if letter is None or letter.sent_at is not None:
            return None
        db.session.expunge(letter)
        return letter


def settle_letter(letter_id: int, *, failure: str | None = None, text: str | None = None) -> None:
    """Note in a transaction of its own that a letter was sent, or why not.

    `text`, when given, is what is kept of it from now on.
    """
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.attempts += 1
        letter.failure = failure
        letter.next_try_at = None
        letter.text = letter.text if text is None else text
        if failure is None:
            letter.sent_at = clock.now()


def postpone_letter(letter_id: int, *, failure: str) -> bool:
    """Note why a letter could not go yet and put its next try into the same transaction.

    False, and the failure is final, once `GIVE_UP_AFTER` has passed since it was written.
    """
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.attempts += 1
        minutes = RETRY_MINUTES[min(letter.attempts, len(RETRY_MINUTES)) - 1]
        again_at = clock.now() + timedelta(minutes=minutes)
        letter.failure = failure
        letter.next_try_at = None
        if again_at - letter.written_at > GIVE_UP_AFTER:
            return False
        letter.next_try_at = again_at
        key = f"letter-{letter.id}-{letter.attempts}"
        jobs.enqueue("send_letter", letter.id, key=key, delay_seconds=minutes * 60)
        return True
