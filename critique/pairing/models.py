"""Meetings: those a week's round of coffee draws, and fast feedback with a mentor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person, Team
from critique.comments.models import Comment
from critique.pairing.groups.models import CoffeeGroup
from critique.plumbing.db import Record
from critique.reviews.models import Review


class Round(Record):
    """One week's draw of a group: what it was drawn from is kept, so that it can be drawn again.

    `pool` is packed by `kept`; None in rounds drawn before pools were kept. `outcome_digest` is the
    SHA-256 of tables, times, reasons and who was left, as they were drawn.
    """

    __tablename__ = "rounds"
    __table_args__ = (sa.UniqueConstraint("group_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("coffee_groups.id"))
    week: Mapped[str] = mapped_column(sa.String(8))
    number: Mapped[int]
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    pool_digest: Mapped[str] = mapped_column(sa.String(64))
    outcome_digest: Mapped[str] = mapped_column(sa.String(64), default="")
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pool: Mapped[bytes | None] = mapped_column(deferred=True)
    drawn_at: Mapped[datetime]

    team: Mapped[Team] = relationship()
    group: Mapped[CoffeeGroup] = relationship()
    meetings: Mapped[list[Meeting]] = relationship(order_by="Meeting.id", back_populates="round")
    left_out: Mapped[list[LeftOut]] = relationship(order_by="LeftOut.person_id")


KINDS = ("coffee", "feedback")
ANSWERS = ("accepted", "declined", "tentative")


class Meeting(Record):
    """A booked live slot; the calendar entry's UID never changes, SEQUENCE rises.

    Coffee is a table of two or three that a round drew. Feedback is a session with a mentor
    (`host_id`) about a request or a thread, booked by somebody or, without `booked_by_id`, set up
    by Critique; `reason` says why in both. Moments are UTC.
    """

    __tablename__ = "meetings"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint("(kind = 'coffee') = (round_id IS NOT NULL)", name="round"),
        # Of two people who book one start of one mentor at once, one is told.
        sa.Index(
            "ux_meetings_host", "host_id", "starts_at", unique=True,
            sqlite_where=sa.text("host_id IS NOT NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("host_id IS NOT NULL AND cancelled_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10), default="coffee", server_default="coffee")
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    review_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comments.id"))
    host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    booked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    booked_at: Mapped[datetime | None]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    uid: Mapped[str] = mapped_column(sa.String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.Text)
    cancelled_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
    round: Mapped[Round | None] = relationship(back_populates="meetings")
    review: Mapped[Review | None] = relationship()
    comment: Mapped[Comment | None] = relationship()
    host: Mapped[Person | None] = relationship(foreign_keys=[host_id])
    seats: Mapped[list[Seating]] = relationship(order_by="Seating.person_id")

    @property
    def people(self) -> list[Person]:
        """Those who still come, by id."""
        return [seat.person for seat in self.seats if seat.left_at is None]

    @property
    def drawn_in(self) -> Round:
        """The round that drew it; only of a coffee."""
        assert self.round is not None, "a session belongs to no round"
        return self.round


class Seating(Record):
    """One person's seat at one meeting, kept when it was given up; a round draws one for each.

    Who came in later, in somebody's place or as a third, has `joined_at` and no `round_id`: they
    may have a table of their own in that round. `answer` is what they said to the invitation, by
    link, page or calendar; `happened` what they said afterwards to "did it happen?". `on_edge` says
    that it was booked into the first or last half hour of their day, which the next choice of a
    time makes up for.
    """

    __tablename__ = "seatings"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "person_id"),
        sa.CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
    )

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rounds.id"))
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    on_edge: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    answer: Mapped[str | None] = mapped_column(sa.String(10))
    answered_at: Mapped[datetime | None]
    happened: Mapped[bool | None]
    happened_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class LeftOut(Record):
    """Somebody who was in, but has no table: why, in words that were mailed as well."""

    __tablename__ = "left_out"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship()
