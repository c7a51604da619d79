"""Sessions and passwords."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import ApiToken, Person, SignIn
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def note_sign_in(*, by: Person) -> None:
    """Record that a person signed in."""
    record_event("session.started", by_id=by.id, subject="person", subject_id=by.id)


def end_sign_in(*, by: Person, sign_in_id: int) -> SignIn:
    """End one of one's own sessions. Raises NotFound for anybody else's."""
    found = db.session.scalar(
        sa.select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == by.id)
    )
    if found is None:
        raise NotFound
    if found.ended_at is None:
        found.ended_at = clock.now()
        record_event("session.ended", by_id=by.id, subject="session", subject_id=found.id)
    return found


def end_other_sign_ins(*, by: Person, keep_id: int | None) -> None:
    """End every session of the person but one."""
    db.session.execute(
        sa.update(SignIn)
        .where(
            SignIn.person_id == by.id,
            SignIn.ended_at.is_(None),
            SignIn.id != (keep_id or 0),
        )
        .values(ended_at=clock.now())
    )
    record_event("session.others_ended", by_id=by.id, subject="person", subject_id=by.id)


def change_password(*, by: Person, password_hash: str, forgotten: bool = False) -> Person:
    """Set a new password and end every session, this one too: the caller opens a new one.

    A password that was `forgotten` may be known to somebody else, so tokens end as well.
    """
    by.password_hash = password_hash
    now = clock.now()
    db.session.execute(
        sa.update(SignIn)
        .where(SignIn.person_id == by.id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    if forgotten:
        db.session.execute(
            sa.update(ApiToken)
            .where(ApiToken.person_id == by.id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=now)
        )
    record_event(
        "password.reset" if forgotten else "password.changed",
        by_id=by.id,
        subject="person",
        subject_id=by.id,
    )
    return by


def renew_hash(*, by: Person, password_hash: str) -> Person:
    """Store the same password under today's hashing parameters."""
    by.password_hash = password_hash
    record_event("password.rehashed", by_id=by.id, subject="person", subject_id=by.id)
    return by
