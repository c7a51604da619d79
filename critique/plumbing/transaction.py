"""The one commit point.

A response below 400 commits, raising or 4xx rolls back, GET never writes; jobs and commands use
`transaction()`. Nothing slow (ffmpeg, speech, storage, mail) runs while a transaction is open:
the code that does slow work calls `must_be_closed()` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import has_app_context
from sqlalchemy import event
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

from critique.plumbing import intent
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, CritiqueError, Invalid, Unavailable

# How SQLite says that a table or a column is not there, and PostgreSQL (undefined_table, _column).
NOT_THERE = ("no such table", "no such column", "has no column named")
NOT_THERE_STATES = frozenset({"42P01", "42703"})


class OpenTransaction(RuntimeError):
    """Slow work was started inside a transaction: a programming error."""


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what happens inside, or roll all of it back when anything raises."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def snapshot() -> Iterator[None]:
    """Read inside, write nothing; the transaction is over afterwards."""
    with intent.reading():
        try:
            yield
        finally:
            db.session.rollback()


def settle(status: int) -> None:
    """End a request's transaction: commit below 400, else roll back."""
    if status < 400 and not intent.is_reading():
        db.session.commit()
    else:
        db.session.rollback()


def release() -> None:
    """End the transaction now, keeping nothing, so that slow work may follow."""
    db.session.rollback()


def keep() -> None:
    """Commit what was done so far in the middle of a request, before slow work follows.

    The only callers are uploads (the offset must be durable before the answer) and sign-in.
    """
    db.session.commit()


def must_be_closed() -> None:
    """Raise OpenTransaction when the session of this thread holds a transaction open."""
    if has_app_context() and db.session.registry.has() and db.session().in_transaction():
        raise OpenTransaction("Slow work must not run inside a transaction.")


def as_critique_error(error: Exception) -> CritiqueError | None:
    """Translate a database error that people can do something about; None for all others."""
    if isinstance(error, IntegrityError):
        return Conflict(
            "Somebody changed the same thing a moment ago. Nothing was overwritten; "
            "reload the page and try once more."
        )
    if isinstance(error, DataError):
        return Invalid(
            "The database cannot keep that: a number is too large, or a text holds something that "
            "is no text. Nothing was changed; take it out and try again."
        )
    if isinstance(error, OperationalError | ProgrammingError) and _misses_something(error):
        return Unavailable(
            "The database is not set up for this Critique yet. Nothing was changed; whoever runs "
            "it runs `critique migrate`, then try again.",
            code="not_migrated",
        )
    if isinstance(error, OperationalError | NoConnection):
        return Unavailable(
            "The database is busy. Nothing was changed and what you typed is kept; "
            "try again in a few seconds.",
            headers={"Retry-After": "5"},
        )
    return None


def _misses_something(error: OperationalError | ProgrammingError) -> bool:
    if getattr(error.orig, "sqlstate", None) in NOT_THERE_STATES:
        return True
    return any(words in str(error.orig) for words in NOT_THERE)


@event.listens_for(db.session, "before_flush")
def _refuse_writes_when_reading(session: Any, _context: Any, _instances: Any) -> None:
    if intent.is_reading() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("A page that is only read tried to write.")
