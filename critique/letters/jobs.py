"""Reading a letter that came in, and handing it to whom its address names."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.letters import mail
from critique.letters.kinds import Kind, Received, registry
from critique.letters.models import IncomingLetter
from critique.letters.operations import settle
from critique.letters.reading import Reading, Unreadable, read_apart
from critique.letters.senders import is_vouched_for
from critique.plumbing import jobs
from critique.plumbing.db import db
from critique.plumbing.errors import CritiqueError, Unavailable
from critique.plumbing.transaction import (
    as_critique_error,
    must_be_closed,
    snapshot,
    transaction,
)
from critique.web.app import settings

FORGOTTEN = (
    "Critique failed while it read this letter. Nothing of it is lost; try it again after the "
    "next update, or ask its writer to answer in the thread."
)
STRANGE = "It came from another address than the person's own, so nothing was posted."
UNREADABLE = "It could not be read: it is damaged, or built like no letter."
STRANDED_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=90)

log = logging.getLogger(__name__)


@jobs.job("incoming")
def read_letter(letter_id: int) -> None:
    """Read one letter and let it become what it was meant to be, or tell its person why not.

    Safe to run again: what was dealt with is left alone. When Critique itself fails, the letter
    is parked where an admin sees it.
    """
    waiting = _waiting(letter_id)
    if waiting is None:
        return
    raw, mail_from = waiting
    must_be_closed()
    try:
        reading: Reading | None = read_apart(raw, mail_from)
    except Unreadable:
        reading = None
    try:
        _deal_with(letter_id, reading)
    except Exception as error:
        if isinstance(as_critique_error(error) or error, Unavailable):
            # A part is away for now: left waiting, the letter is taken up again by the schedule.
            raise
        log.exception("Incoming letter %s is parked.", letter_id)
        with transaction():
            if letter := _held(letter_id):
                settle(letter, "parked", FORGOTTEN)


def take_up_letters(now: datetime) -> None:
    """Enqueue what still waits after ten minutes, once an hour; forget rows after 90 days."""
    waiting = sa.select(IncomingLetter.id).where(
        IncomingLetter.state == "waiting", IncomingLetter.received_at < now - STRANDED_AFTER
    )
    for letter_id in db.session.scalars(waiting):
        jobs.enqueue("read_letter", letter_id, key=f"incoming-{letter_id}-{now:%Y-%m-%dT%H}")
    db.session.execute(
        sa.delete(IncomingLetter).where(
            IncomingLetter.state.in_(("taken", "refused", "dropped")),
            IncomingLetter.received_at < now - KEPT,
        )
    )


def _waiting(letter_id: int) -> tuple[bytes, str] | None:
    with snapshot():
        letter = db.session.get(IncomingLetter, letter_id)
        if letter is None or letter.state != "waiting" or letter.raw is None:
            return None
        return letter.raw, letter.mail_from


def _held(letter_id: int) -> IncomingLetter | None:
    """The letter, locked, when it still waits to be dealt with."""
    letter = db.session.get(IncomingLetter, letter_id, with_for_update=True, populate_existing=True)
    return letter if letter is not None and letter.state == "waiting" else None


def _deal_with(letter_id: int, reading: Reading | None) -> None:
    try:
        with transaction():
            if letter := _held(letter_id):
                _hand_over(letter, reading)
    except Unavailable:
        raise
    except CritiqueError as refusal:
        with transaction():
            if letter := _held(letter_id):
                kind = registry[letter.kind]
                place = kind.place_of(letter.person, letter.subject_id)
                mail.write_refusal(letter, reading, refusal, place)
                settle(letter, "refused", mail.reason_of(refusal))


def _hand_over(letter: IncomingLetter, reading: Reading | None) -> None:
    kind, person = registry[letter.kind], letter.person
    place = kind.place_of(person, letter.subject_id)
    if reading is None:
        mail.write_unreadable(letter, place)
        settle(letter, "refused", UNREADABLE)
    elif why := _why_dropped(reading, kind):
        settle(letter, "dropped", why)
    elif not _is_from(person, reading):
        mail.write_stranger(letter, reading, place)
        settle(letter, "refused", STRANGE)
    else:
        kind.take(Received(person, letter.subject_id, f"letter-{letter.once}", reading))
        if reading.files:
            mail.write_files_left(letter, reading, place)
        settle(letter, "taken")


def _why_dropped(reading: Reading, kind: Kind) -> str | None:
    if reading.writer == mail.own_address():
        return "It came from Critique itself."
    return None if kind.by_machines else reading.machine


def _is_from(person: Person, reading: Reading) -> bool:
    authserv = settings().mail_authserv
    vouched = authserv is None or is_vouched_for(reading.results, authserv)
    return reading.writer == person.email and vouched
