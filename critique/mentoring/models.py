"""Claims, a mentor's lease on a request, and turns: whose move it is."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.mentoring.moves import ENDINGS, REASONS
from critique.plumbing.db import Record
from critique.reviews.models import Review


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


# A claim that the answer ended: how long a review took.
SITTING = "reason = 'claimed' AND ended_how = 'answered'"


class Turn(Record):
    """Whose move it is in a request, why, and since when; all in force are the explicit set.

    `since` is kept while the person has any reason at all; a weightier one replaces `reason` only.
    One with an `until` ends by the clock, without a row being written. `by_id` caused it (None is
    Critique), `comment_id` is the thread it is about; with `in_passing` the person was never asked
    to look at the work, so that it is still anybody's to take. Ended turns stay, with `ended_how`.
    """

    __tablename__ = "turns"
    __table_args__ = (
        sa.CheckConstraint(f"reason IN {REASONS}", name="reason"),
        sa.CheckConstraint(f"ended_how IN {ENDINGS}", name="ended_how"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended"),
        # At most one in force for a person in a request, whatever happens at once.
        sa.Index(
            "ux_turns_in_force",
            "review_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_turns_of_person",
            "person_id",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        # The newest reviews that were timed.
        sa.Index(
            "ix_turns_sittings", "id",
            sqlite_where=sa.text(SITTING), postgresql_where=sa.text(SITTING),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(sa.String(16))
    since: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comments.id"))
    until: Mapped[datetime | None]
    in_passing: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None] = mapped_column(sa.String(12))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])


class HandOff(Record):
    """A request went, or is offered to go, from one person to another: who, why, what became of it.

    `kind` is given (somebody handed it over, with a note) or offered (Critique asks somebody on
    shift, because its owner is not); an offer is open until it is answered or the request moves.
    """

    __tablename__ = "hand_offs"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('given', 'offered')", name="kind"),
        sa.CheckConstraint("answer IN ('taken', 'declined', 'lapsed')", name="answer"),
        # At most one open offer for a request.
        sa.Index(
            "ux_hand_offs_open", "review_id", unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(sa.String(10))

    review: Mapped[Review] = relationship()
    giver: Mapped[Person] = relationship(foreign_keys=[from_id])
    taker: Mapped[Person] = relationship(foreign_keys=[to_id])


class Reminder(Record):
    """Somebody was reminded of one ask (`asked_at` tells it from later ones), or a lead told."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('half', 'near', 'lead')", name="kind"),
        sa.UniqueConstraint("review_id", "person_id", "asked_at", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    # Whose ask it is about, also where a lead is told.
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]
