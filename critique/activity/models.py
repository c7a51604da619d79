"""Notices, and when and how each person wants to hear of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person
from critique.plumbing.db import Record
from critique.reviews.models import Review


class Notice(Record):
    """One thing that happened to one request, told to one person.

    `occasion` names it (`event-17`), so that it is told once. `direct` says that somebody asks this
    person for something; `settled_at` that this is done or gone, so that no mail is due for it.
    `letter_id` is the letter that carried a direct ask.
    """

    __tablename__ = "notices"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "occasion"),
        sa.Index("ix_notices_person", "person_id", "id"),
        # What each page counts, and what each open room looks for.
        sa.Index(
            "ix_notices_unseen", "person_id", "review_id",
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comments.id"))
    # Of the log, which stands on its own: nothing refers to its rows by key.
    event_id: Mapped[int | None] = mapped_column(index=True)
    occasion: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    direct: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letters.id"))

    review: Mapped[Review] = relationship()
    actor: Mapped[Person | None] = relationship(foreign_keys=[actor_id])


class Mute(Record):
    """A request that somebody wants to hear nothing of; direct asks still show in the page."""

    __tablename__ = "mutes"

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    at: Mapped[datetime]


class NoticeWishes(Record):
    """What mail somebody wants; no row means: all three lists, and no quiet hours.

    `quiet` is by weekday, as `quiet.QuietHours` writes it.
    """

    __tablename__ = "notice_wishes"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    weekly: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    digest: Mapped[bool] = mapped_column(default=True)
    immediate: Mapped[bool] = mapped_column(default=True)
    quiet: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class Digest(Record):
    """One morning of one person: its letter, or None where there was nothing to say.

    `reviews` are the ids of the requests it said were waiting for them. `week` is the ISO week
    that this morning began for them: its letter was the weekly one, once a week by the index.
    """

    __tablename__ = "digests"
    __table_args__ = (sa.Index("ux_digests_week", "person_id", "week", unique=True),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letters.id"))
    reviews: Mapped[list[Any]] = mapped_column(sa.JSON)
    week: Mapped[str | None] = mapped_column(sa.String(8))


class Courier(Record):
    """When the schedule looks at one person's mail again; empty moments mean: there is no need.

    Only a plan: what is due is decided from the notices, and no row is needed for that.
    """

    __tablename__ = "couriers"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    digest_look_at: Mapped[datetime | None] = mapped_column(index=True)
    asks_look_at: Mapped[datetime | None] = mapped_column(index=True)
    # The last letter of direct asks: there is at most one an hour.
    asked_at: Mapped[datetime | None]
