"""Claims: a mentor's lease on a review request."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.plumbing.db import Record


class Claim(Record):
    """Who holds a request until when: one row a request, so one holder at any instant.

    A claim whose `until` has passed is no claim: it is compared with the clock, nothing sweeps.
    """

    __tablename__ = "claims"

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    claimed_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship()


class LoopShare(Record):
    """A person shows their own loops to somebody: to whom, since when, until when."""

    __tablename__ = "loop_shares"
    __table_args__ = (
        sa.Index(
            "ux_loop_shares_in_force", "person_id", "with_id", unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    with_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    to: Mapped[Person] = relationship(foreign_keys=[with_id])
