"""Review requests: what is asked, of whom, by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person, Team
from critique.plumbing.db import Record

STAGES = ("early", "mid", "final")


class Project(Record):
    """A name that review requests of a team are gathered under."""

    __tablename__ = "projects"
    __table_args__ = (sa.UniqueConstraint("team_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))
    name: Mapped[str] = mapped_column(sa.String(120))


class Review(Record):
    """A review request. `review_by` is UTC; zone and rule say how its author put it.

    `revision` rises with every edit: an edit that names an older one is refused. `closed` says
    whether a closure is in force; the closures are the record, the column is what indexes read.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        sa.CheckConstraint(f"stage IN {STAGES}", name="stage"),
        # The queue reads open requests by deadline: this index holds those and no others.
        sa.Index(
            "ix_reviews_open_by_deadline",
            "team_id",
            "review_by",
            sqlite_where=sa.text("closed IS 0"),
            postgresql_where=sa.text("closed IS false"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("projects.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    brief: Mapped[str] = mapped_column(sa.Text, default="")
    stage: Mapped[str] = mapped_column(sa.String(10), default="early")
    off_limits: Mapped[str] = mapped_column(sa.Text, default="")
    # What speaks for talking instead of writing: keys of `live_or_written.TICKS`.
    ticks: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    review_by: Mapped[datetime | None]
    review_by_zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    review_by_rule: Mapped[str] = mapped_column(sa.String(60), default="moment")
    revision: Mapped[int] = mapped_column(default=1)
    closed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    team: Mapped[Team] = relationship()
    author: Mapped[Person] = relationship()
    project: Mapped[Project | None] = relationship()
    aims: Mapped[list[Aim]] = relationship(cascade="all, delete-orphan", order_by="Aim.position")
    links: Mapped[list[ReviewLink]] = relationship(
        cascade="all, delete-orphan", order_by="ReviewLink.id"
    )
    reviewers: Mapped[list[Reviewer]] = relationship(
        cascade="all, delete-orphan", order_by="Reviewer.person_id"
    )
    skills: Mapped[list[WantedSkill]] = relationship(
        cascade="all, delete-orphan", order_by="WantedSkill.skill"
    )
    closures: Mapped[list[Closure]] = relationship(order_by="Closure.id")

    @property
    def closure(self) -> Closure | None:
        """The closure in force; None while the request is open."""
        return next((c for c in reversed(self.closures) if c.reopened_at is None), None)


class Aim(Record):
    """One thing the author wants to know."""

    __tablename__ = "aims"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(
        sa.ForeignKey("reviews.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(500))


class ReviewLink(Record):
    """A link to the work elsewhere (http or https only)."""

    __tablename__ = "review_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(
        sa.ForeignKey("reviews.id", ondelete="CASCADE"), index=True
    )
    url: Mapped[str] = mapped_column(sa.String(2000))


class Reviewer(Record):
    """A person who was asked by name."""

    __tablename__ = "reviewers"

    review_id: Mapped[int] = mapped_column(
        sa.ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    asked_at: Mapped[datetime]
    # Why this person was suggested, where they were.
    reason: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")

    person: Mapped[Person] = relationship()


class WantedSkill(Record):
    """A skill the author hopes the reviewer has, lower case."""

    __tablename__ = "wanted_skills"

    review_id: Mapped[int] = mapped_column(
        sa.ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    skill: Mapped[str] = mapped_column(sa.String(60), primary_key=True, index=True)


class Extension(Record):
    """The deadline was moved: by whom, when, from where to where."""

    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime]
    review_by_before: Mapped[datetime | None]
    review_by_after: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")


class Closure(Record):
    """The request was closed: by whom, when, why; and perhaps reopened."""

    __tablename__ = "closures"
    __table_args__ = (
        # At most one closure in force: of two people closing at once, one is told.
        sa.Index(
            "ux_closures_in_force",
            "review_id",
            unique=True,
            sqlite_where=sa.text("reopened_at IS NULL"),
            postgresql_where=sa.text("reopened_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("reviews.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    reopened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    reopened_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
