"""An `Idempotency-Key` on any POST makes a repeat harmless.

The answer of the first try is kept in the same transaction as its effect. A repeat by the same
person with the same key gets that answer again; the same key for something else is refused. What
was refused (4xx, 5xx) is not kept, so it may be tried again under its key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Response, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from critique.plumbing import clock
from critique.plumbing.db import Record, db, dialect
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.transaction import release

LONGEST_KEY = 200
# Written as one token, as header values should be.
_KEY = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "Location", "Upload-Offset", "Upload-Expires", "Walkthrough-Id")


class KeptAnswer(Record):
    """The answer to a POST that carried a key."""

    __tablename__ = "kept_answers"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    asked: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(index=True)


def once(person_id: int, answer: Callable[[], Response]) -> Response:
    """Run `answer` unless this person's key was answered before; then give that answer again.

    Raises Invalid for an unusable key and Conflict for a key that was used for something else.
    """
    key = request.headers["Idempotency-Key"]
    if not _KEY.fullmatch(key):
        raise Invalid(
            f"The Idempotency-Key must have 1 to {LONGEST_KEY} characters: letters, digits and "
            "signs, without spaces. Nothing was changed.",
            fields={"Idempotency-Key": f"1 to {LONGEST_KEY} characters without spaces."},
        )
    asked = _fingerprint()
    _hold(person_id, key)
    kept = _kept(person_id, key)
    if kept is not None:
        return _again(kept, asked)
    response = answer()
    if response.status_code >= 400:
        return response
    try:
        _keep(person_id, key, asked, response)
    except IntegrityError:
        # The same request ran beside this one and was first: its effect stands, ours is undone.
        release()
        first = _kept(person_id, key)
        if first is None:
            raise
        return _again(first, asked)
    return response


def forget_old_answers(now: datetime) -> None:
    """Drop answers older than a day."""
    db.session.execute(sa.delete(KeptAnswer).where(KeptAnswer.at < now - KEPT_FOR))


def _hold(person_id: int, key: str) -> None:
    """Let the same key wait for its first try (PostgreSQL; SQLite lets one write at a time)."""
    if dialect() == "postgresql":
        digest = hashlib.sha256(f"{person_id} {key}".encode()).digest()
        lock = int.from_bytes(digest[:8], "big", signed=True)
        db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def _fingerprint() -> str:
    asked = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(asked).hexdigest()


def _kept(person_id: int, key: str) -> KeptAnswer | None:
    found = db.session.get(KeptAnswer, (person_id, key))
    if found is not None and found.at < clock.now() - KEPT_FOR:
        db.session.delete(found)
        db.session.flush()
        return None
    return found


def _again(kept: KeptAnswer, asked: str) -> Response:
    if kept.asked != asked:
        raise Conflict(
            "This Idempotency-Key was used for another request. Nothing was done; "
            "use a new key for a new request.",
            code="idempotency_key_reused",
        )
    response = Response(kept.body, status=kept.status)
    response.headers.update(kept.headers)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _keep(person_id: int, key: str, asked: str, response: Response) -> None:
    db.session.add(
        KeptAnswer(
            person_id=person_id,
            key=key,
            asked=asked,
            status=response.status_code,
            headers={k: response.headers[k] for k in KEPT_HEADERS if k in response.headers},
            body=response.get_data(as_text=True),
            at=clock.now(),
        )
    )
    db.session.flush()
