"""The secret address at which somebody's own calendar program reads their meetings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from critique.plumbing.db import Record


class CalendarAddress(Record):
    """One secret address; at most one of a person is in force.

    The secret is made of the installation's key and `seed` whenever it is shown, so that neither
    the database nor a copy of it opens anybody's calendar; `digest` is its SHA-256, to be found by.
    """

    __tablename__ = "calendar_addresses"
    __table_args__ = (
        sa.Index(
            "ux_calendar_addresses_person", "person_id", unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    seed: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
