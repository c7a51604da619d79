"""Webhooks of a team, and what became of each message to one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person, Team
from critique.activity.hooks.occasions import KINDS
from critique.plumbing.db import Record
from critique.reviews.models import Review

STATES = ("waiting", "delivered", "failed", "dropped")


class Webhook(Record):
    """An address that is told what happens in a team.

    The secret that signs is no column: it is made from the installation's key and `seed`, so a copy
    of the database signs nothing. For a day after a rotation the earlier one signs as well. Removed
    ones stay, without their address.
    """

    __tablename__ = "webhooks"
    __table_args__ = (sa.CheckConstraint(f"kind IN {tuple(sorted(KINDS))}", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(5))
    address: Mapped[str] = mapped_column(sa.String(2000))
    seed: Mapped[str] = mapped_column(sa.String(64))
    earlier_seed: Mapped[str | None] = mapped_column(sa.String(64))
    rotated_at: Mapped[datetime | None]
    occasions: Mapped[list[Any]] = mapped_column(sa.JSON)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]
    switched_off_why: Mapped[str | None] = mapped_column(sa.String(300))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    team: Mapped[Team] = relationship()
    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])

    @property
    def is_active(self) -> bool:
        """Whether it is told anything now."""
        return self.switched_off_at is None and self.removed_at is None


class Delivery(Record):
    """One message to one webhook: waiting, delivered, failed, or dropped with its webhook.

    `act` names what somebody did in one go, so that it is told once. `message_id` stays the same
    over all tries, and so does `body`, which is written at the first one. Trying began at
    `began_at`, after `attempts_before` earlier tries. `answer` is the beginning of what came back.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "act"),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.Index("ix_deliveries_webhook", "webhook_id", "id"),
        # The few that are still to be sent.
        sa.Index(
            "ix_deliveries_waiting", "next_try_at",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhooks.id"))
    message_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    act: Mapped[str] = mapped_column(sa.String(120))
    occasion: Mapped[str] = mapped_column(sa.String(30))
    # Of the log, which stands on its own: nothing refers to its rows by key.
    event_id: Mapped[int | None]
    review_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reviews.id"))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(9), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    attempts_before: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    status_code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    failure: Mapped[str | None] = mapped_column(sa.String(300))
    settled_at: Mapped[datetime | None]

    webhook: Mapped[Webhook] = relationship()
    review: Mapped[Review | None] = relationship()
