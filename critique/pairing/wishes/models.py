"""Whom somebody does not want to meet, and who has not been heard of."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.plumbing.db import Record

_IN_FORCE = sa.text("ended_at IS NULL")


class Apart(Record):
    """Somebody does not want to be drawn for somebody; the other one never learns.

    Read by the draw and by who wrote it, by nobody else; the row goes when it is taken back.
    """

    __tablename__ = "coffee_apart"
    __table_args__ = (sa.CheckConstraint("person_id <> other_id", name="other"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    since: Mapped[datetime]

    other: Mapped[Person] = relationship(foreign_keys=[other_id])


class Silence(Record):
    """Somebody was not heard of for three rounds, and is drawn again once they say so.

    `round_id` is the round that was drawn without them for it.
    """

    __tablename__ = "coffee_silences"
    __table_args__ = (
        sa.Index(
            "ux_coffee_silences_in_force",
            "person_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
