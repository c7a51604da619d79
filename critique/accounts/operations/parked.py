"""What an admin does with a parked letter: have it tried again, or let it go."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter, drop, revive


def try_letter_again(*, by: Person | None, letter: Letter) -> Letter:
    """Have a parked letter tried anew, for 48 hours from now."""
    revive(letter)
    return _record("letter.revived", by, letter)


def let_letter_go(*, by: Person | None, letter: Letter) -> Letter:
    """Drop a parked letter for good."""
    drop(letter, reason=f"Dropped by {by.name if by else 'an operator'}. {letter.failure}")
    return _record("letter.dropped", by, letter)


def _record(verb: str, by: Person | None, letter: Letter) -> Letter:
    db.session.flush()
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="letter",
        subject_id=letter.id,
        team_id=letter.team_id,
        details={"attempts": letter.attempts},
    )
    return letter
