"""The one append-only log: a row for each change of state, chained by SHA-256."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from critique.plumbing.db import Record


class Event(Record):
    """Who did what to which subject, when; `hash` covers every other column and the row before.

    Texts never enter the log, only ids and digests, so a person's words can be erased while the
    chain still verifies.
    """

    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_subject", "subject", "subject_id"),
        # The newest event of a request, which every open room asks for each second.
        sa.Index("ix_events_review", "review_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    team_id: Mapped[int | None] = mapped_column(index=True)
    review_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None]
    before: Mapped[str | None] = mapped_column(sa.String(64))
    after: Mapped[str | None] = mapped_column(sa.String(64))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
