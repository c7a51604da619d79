"""Weekly coffee: a round is one week's draw of one team, its meetings are booked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person, Team
from critique.plumbing.db import Record


class Round(Record):
    """One week's draw: what it was drawn from is kept, so that it can be drawn again alike."""

    __tablename__ = "rounds"
    __table_args__ = (sa.UniqueConstraint("team_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))
    week: Mapped[str] = mapped_column(sa.String(8))
    number: Mapped[int]
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    pool_digest: Mapped[str] = mapped_column(sa.String(64))
    drawn_at: Mapped[datetime]

    team: Mapped[Team] = relationship()
    meetings: Mapped[list[Meeting]] = relationship(order_by="Meeting.id", back_populates="round")
    left_out: Mapped[list[LeftOut]] = relationship(order_by="LeftOut.person_id")


class Meeting(Record):
    """A booked table of two or three; the calendar entry's UID never changes, SEQUENCE rises."""

    __tablename__ = "meetings"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    uid: Mapped[str] = mapped_column(sa.String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.Text)
    cancelled_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship(back_populates="meetings")
    seats: Mapped[list[Seating]] = relationship(order_by="Seating.person_id")

    @property
    def people(self) -> list[Person]:
        """Those who still come, by id."""
        return [seat.person for seat in self.seats if seat.left_at is None]


class Seating(Record):
    """One person's seat at one meeting; unique in its round, and kept when it was given up."""

    __tablename__ = "seatings"
    __table_args__ = (sa.UniqueConstraint("round_id", "person_id"),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class LeftOut(Record):
    """Somebody who was in, but has no table: why, in words that were mailed as well."""

    __tablename__ = "left_out"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship()
