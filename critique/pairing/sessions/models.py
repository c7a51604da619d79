"""What fast feedback needs besides its meetings: open blocks, wishes, busy times, outcomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.pairing.sessions.openings import Block
from critique.plumbing.db import Record

DEFAULT_QUOTA = 3


class Opening(Record):
    """A block in which a mentor can be booked: each such weekday, on their clocks, or once."""

    __tablename__ = "openings"
    __table_args__ = (
        sa.CheckConstraint("(weekday IS NULL) = (starts_at IS NOT NULL)", name="when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    weekday: Mapped[int | None]
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def block(self) -> Block:
        """The same in plain values."""
        if self.weekday is not None:
            assert self.start_minute is not None
            assert self.end_minute is not None
            return Block(weekday=self.weekday, span=(self.start_minute, self.end_minute))
        assert self.starts_at is not None
        assert self.ends_at is not None
        return Block(once=(self.starts_at, self.ends_at))


class SessionWish(Record):
    """What somebody wants of fast feedback; without a row: nothing set up, three a week to give.

    `a_week`: sessions to be set up for them each week. `quota`: how many they give in a week at
    most. `stretch`: hours by weekday, like a person's, that they offer beyond their own.
    """

    __tablename__ = "session_wishes"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    a_week: Mapped[int] = mapped_column(default=0)
    quota: Mapped[int] = mapped_column(default=DEFAULT_QUOTA)
    stretch: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    changed_at: Mapped[datetime]


class CalendarFeed(Record):
    """The address of somebody's own calendar, read for busy times only; the words are not kept."""

    __tablename__ = "calendar_feeds"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(2000))
    added_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(sa.String(500))


class BusyTime(Record):
    """A stretch in which somebody's own calendar says busy (UTC)."""

    __tablename__ = "busy_times"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SessionOutcome(Record):
    """What somebody who was there takes along, in a sentence."""

    __tablename__ = "session_outcomes"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    words: Mapped[str] = mapped_column(sa.String(1000))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class SetUp(Record):
    """The sessions of a week were set up for a team: once, however many schedulers ask."""

    __tablename__ = "session_rounds"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), primary_key=True)
    week: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    at: Mapped[datetime]
    booked: Mapped[int]
    # Why wishes stayed open: [{"person_id": 3, "why": "..."}].
    unmet: Mapped[list[Any]] = mapped_column(sa.JSON)


class Signal(Record):
    """Something one person did in a live room, for the others to follow; forgotten after a day."""

    __tablename__ = "signals"
    __table_args__ = (sa.Index("ix_signals_meeting", "meeting_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(index=True)
