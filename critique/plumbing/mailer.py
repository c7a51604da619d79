"""Letters: written in the transaction that causes them, sent by a job, kept as proof.

A letter waits until it is sent, dropped (nobody needs it any more) or parked (the mail server will
not take it, or did not for 48 hours); a parked one waits for an admin. Without an SMTP server all
stay in the outbox, where development shows them at /outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from critique.config import Settings
from critique.plumbing import clock, jobs
from critique.plumbing.db import Record, db
from critique.plumbing.transaction import snapshot, transaction
from critique.plumbing.wording import one_line

# Minutes until the next try; the last one repeats until 48 hours have passed.
RETRY_MINUTES = (1, 5, 15, 60)
GIVE_UP_AFTER = timedelta(hours=48)

WAITING = "sent_at IS NULL AND parked_at IS NULL AND dropped_at IS NULL"

Look = Callable[[int], str | None]
_looks: dict[str, Look] = {}


class Letter(Record):
    """One mail to one address; `sent_at`, `dropped_at`, `parked_at` tell what became of it."""

    __tablename__ = "letters"
    __table_args__ = (
        # The few that wait for an admin, and the few that wait to be sent.
        sa.Index(
            "ix_letters_parked", "parked_at",
            sqlite_where=sa.text("parked_at IS NOT NULL"),
            postgresql_where=sa.text("parked_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_letters_waiting", "written_at",
            sqlite_where=sa.text(WAITING), postgresql_where=sa.text(WAITING),
        ),
    )  # fmt: skip

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
    # Set while a failed letter waits for its next try.
    next_try_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(sa.Text)
    parked_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    # Trying began anew then, after this many attempts.
    revived_at: Mapped[datetime | None]
    revived_attempts: Mapped[int] = mapped_column(default=0)


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


def site_url() -> str:
    """Where people reach this installation, from configuration, without a slash at the end."""
    return _settings().base_url


def _settings() -> Settings:
    found = current_app.extensions["critique_settings"]
    assert isinstance(found, Settings)
    return found


def look_before_sending(*kinds: str) -> Callable[[Look], Look]:
    """Ask the function, outside of transactions, before each try to send a letter of these kinds.

    It takes the letter's id, may write the letter anew in a transaction of its own, and gives the
    reason why it must not go (any more), or None.
    """

    def register(look: Look) -> Look:
        _looks.update(dict.fromkeys(kinds, look))
        return look

    return register


def objection_to(letter: Letter) -> str | None:
    """Why a letter must not go any more, by whoever asked to look before its kind is sent."""
    look = _looks.get(letter.kind)
    return look(letter.id) if look else None


def waiting_letter(letter_id: int) -> Letter | None:
    """A letter that waits to be sent, detached from the session; None when it does not."""
    with snapshot():
        letter = db.session.get(Letter, letter_id)
        if letter is None or letter.sent_at or letter.parked_at or letter.dropped_at:
            return None
        db.session.expunge(letter)
        return letter


def settle_letter(letter_id: int, *, text: str) -> None:
    """Note in a transaction of its own that a letter was sent; `text` is what is kept of it."""
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.attempts += 1
        letter.failure = letter.next_try_at = None
        letter.text = text
        letter.sent_at = clock.now()


def drop_letter(letter_id: int, *, reason: str) -> None:
    """Note in a transaction of its own why a letter is not sent and nobody has to care."""
    with transaction():
        drop(db.session.get_one(Letter, letter_id), reason=reason)


def drop(letter: Letter, *, reason: str) -> None:
    """Let a letter go for good, in the caller's transaction."""
    letter.failure = reason
    letter.next_try_at = letter.parked_at = None
    letter.dropped_at = clock.now()


def park_letter(letter_id: int, *, failure: str) -> None:
    """Note in a transaction of its own that the mail server will never take it as it is."""
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.attempts += 1
        _park(letter, failure)


def postpone_letter(letter_id: int, *, said: str) -> bool:
    """Note what stood in a letter's way and put its next try into the same transaction.

    False, and it is parked, once `GIVE_UP_AFTER` has passed since trying began.
    """
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.attempts += 1
        tries = letter.attempts - letter.revived_attempts
        minutes = RETRY_MINUTES[min(tries, len(RETRY_MINUTES)) - 1]
        again_at = clock.now() + timedelta(minutes=minutes)
        if again_at - (letter.revived_at or letter.written_at) > GIVE_UP_AFTER:
            _park(letter, f"Not sent in 48 hours, and not tried again. {said}")
            return False
        letter.failure = f"Not sent yet; it is tried again. {said}"
        letter.next_try_at = again_at
        key = f"letter-{letter.id}-{letter.attempts}"
        jobs.enqueue("send_letter", letter.id, key=key, delay_seconds=minutes * 60)
        return True


def revive(letter: Letter) -> None:
    """Have a parked letter tried anew for `GIVE_UP_AFTER`, in the caller's transaction."""
    letter.parked_at = letter.next_try_at = None
    letter.revived_at = clock.now()
    letter.revived_attempts = letter.attempts
    jobs.enqueue("send_letter", letter.id, key=f"letter-{letter.id}-anew-{letter.attempts}")


def _park(letter: Letter, failure: str) -> None:
    letter.failure, letter.next_try_at = failure, None
    letter.parked_at = clock.now()
