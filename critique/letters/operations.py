"""Keeping what comes in, and noting what became of it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.letters.access import parked_letter_for
from critique.letters.addresses import Address
from critique.letters.envelope import once_of
from critique.letters.kinds import registry
from critique.letters.models import IncomingLetter
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.errors import TooMany

# Nobody answers so much by hand; each letter costs a process and up to 10 MB.
MOST_AN_HOUR = 60


def keep_letter(*, address: Address, recipient: str, mail_from: str, raw: bytes) -> IncomingLetter:
    """Keep a letter and put the reading of it into the same transaction; twice is once.

    Raises TooMany when its person has had 60 letters in the last hour.
    """
    once = once_of(raw, recipient)
    if known := _known(once):
        return known
    now = clock.now()
    recent = sa.select(sa.func.count(IncomingLetter.id)).where(
        IncomingLetter.person_id == address.person_id,
        IncomingLetter.received_at > now - timedelta(hours=1),
    )
    if (db.session.scalar(recent) or 0) >= MOST_AN_HOUR:
        raise TooMany("Too many letters to this address within an hour. Send it again later.")
    letter = IncomingLetter(
        kind=address.kind,
        person_id=address.person_id,
        subject_id=address.subject_id,
        team_id=registry[address.kind].team_of(address.subject_id),
        once=once,
        mail_from=_keepable(mail_from),
        size=len(raw),
        raw=raw,
        received_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(letter)
            db.session.flush()
    except IntegrityError:
        if (known := _known(once)) is None:
            raise
        return known
    jobs.enqueue("read_letter", letter.id, key=f"incoming-{letter.id}")
    return letter


def settle(letter: IncomingLetter, state: str, reason: str | None = None) -> None:
    """Note what became of a letter; of what Critique is done with, only that is kept."""
    letter.state, letter.reason, letter.settled_at = state, reason, clock.now()
    if state != "parked":
        letter.raw = None
    if state != "taken":
        # What was taken leaves the event of what it became.
        _record(f"incoming_letter.{state}", letter, by_id=None)


def retry_letter(*, by: Person, letter_id: int) -> IncomingLetter:
    """Have a parked letter read again. Raises NotFound and Forbidden."""
    letter = parked_letter_for(by, letter_id)
    letter.state, letter.settled_at = "waiting", None
    letter.attempts += 1
    jobs.enqueue("read_letter", letter.id, key=f"incoming-{letter.id}-{letter.attempts}")
    _record("incoming_letter.retried", letter, by_id=by.id)
    return letter


def _known(once: str) -> IncomingLetter | None:
    return db.session.scalar(sa.select(IncomingLetter).where(IncomingLetter.once == once))


def _keepable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:320]


def _record(verb: str, letter: IncomingLetter, *, by_id: int | None) -> None:
    record_event(
        verb,
        by_id=by_id,
        subject="incoming_letter",
        subject_id=letter.id,
        team_id=letter.team_id,
        details={"person_id": letter.person_id, "kind": letter.kind},
    )
