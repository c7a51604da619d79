"""Letters that came in, kept before the sender was told so."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.plumbing.db import Record

# taken: it became what it was meant to be. refused: it did not, and the person was told why.
# dropped: written by a machine, so nobody was told. parked: Critique failed; an admin sees it.
STATES = ("waiting", "taken", "refused", "dropped", "parked")


class IncomingLetter(Record):
    """One letter to one address of ours.

    `once` is the SHA-256 of its Message-ID and the address, so that what is sent twice is kept
    once. `raw` is the letter as it came (bytes), until it was dealt with.
    """

    __tablename__ = "incoming_letters"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.Index("ix_incoming_letters_state", "state", "received_at"),
        sa.Index("ix_incoming_letters_person", "person_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    subject_id: Mapped[int]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    once: Mapped[str] = mapped_column(sa.String(64), unique=True)
    # The sender of the envelope; empty for what must not be answered (RFC 5321, 4.5.5).
    mail_from: Mapped[str] = mapped_column(sa.String(320))
    size: Mapped[int]
    raw: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    reason: Mapped[str | None] = mapped_column(sa.Text)
    settled_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()
