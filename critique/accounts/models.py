"""People, teams and how they sign in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.plumbing.db import Record
from critique.plumbing.hours import DEFAULT_HOURS, WorkingHours

ROLES = ("author", "mentor", "lead", "admin")
LEVELS = ("junior", "mid", "senior")


class Team(Record):
    """People who share their work; its zone decides when its Monday morning is."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    zone: Mapped[str] = mapped_column(sa.String(64))
    # Where live calls are, with {room} in it; empty: the default of `pairing.sessions.mail`.
    call_address: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    created_at: Mapped[datetime]


class Person(Record):
    """Somebody with an account. `email` is lower case; no password means: not set yet.

    `hours` is what `WorkingHours.to_json` wrote. Its `away` repeats the days of the absences that
    are not long over, written by the same operations in the same transaction, so that whoever has
    a person has their calendar.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    zone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    hours: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=DEFAULT_HOURS.to_json)
    level: Mapped[str] = mapped_column(sa.String(10), default="mid")
    # How many requests somebody wants to have at once; beyond it nobody is suggested or offered.
    capacity: Mapped[int] = mapped_column(default=3, server_default="3")
    coffee_in: Mapped[bool] = mapped_column(default=True)
    coffee_skipped_week: Mapped[str | None] = mapped_column(sa.String(8))
    coffee_snoozed_until: Mapped[date | None]
    created_at: Mapped[datetime]

    skills: Mapped[list[PersonSkill]] = relationship(
        cascade="all, delete-orphan", order_by="PersonSkill.skill", lazy="selectin"
    )
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="person", foreign_keys="Membership.person_id"
    )

    is_active = True
    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        """Identity for Flask-Login."""
        return str(self.id)

    @property
    def working_hours(self) -> WorkingHours:
        """The person's calendar in their own zone, time off included; costs no query.

        Its `reachable` leaves deep work out.
        """
        return WorkingHours.from_json({**self.hours, "zone": self.zone})

    @property
    def skill_names(self) -> list[str]:
        """Skills in alphabetical order, lower case."""
        return [row.skill for row in self.skills]


class PersonSkill(Record):
    """One skill of one person, lower case."""

    __tablename__ = "person_skills"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    skill: Mapped[str] = mapped_column(sa.String(60), primary_key=True, index=True)


class Absence(Record):
    """Days somebody is out of office, local dates with both included; the words are for the team.

    Ending one early moves its last day; one that never began is deleted.
    """

    __tablename__ = "absences"
    __table_args__ = (
        sa.Index("ix_absences_person", "person_id", "last_day"),
        sa.CheckConstraint("first_day <= last_day", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    words: Mapped[str] = mapped_column(sa.String(120), default="")
    added_at: Mapped[datetime]


class Membership(Record):
    """A person's place in a team; ended memberships stay as rows, and count for nothing."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("team_id", "person_id"),
        sa.CheckConstraint(f"role IN {ROLES}", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(10))
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    # Whom they report to, where a lead said so.
    reports_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    team: Mapped[Team] = relationship()
    person: Mapped[Person] = relationship(back_populates="memberships", foreign_keys=[person_id])
    reports_to: Mapped[Person | None] = relationship(foreign_keys=[reports_to_id])


class OneTimeLink(Record):
    """A link in a mail (or printed by the first start) that works once; only its digest is kept."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12))  # setup, invitation, reset
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(320))
    role: Mapped[str | None] = mapped_column(sa.String(10))
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # The secret itself is made when the mail is written, and is nowhere but in that mail.
    mailed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    team: Mapped[Team | None] = relationship()


class SignIn(Record):
    """A session of one browser: the cookie holds a secret, this row its digest, and may end it."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    browser: Mapped[str] = mapped_column(sa.String(200), default="")
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Record):
    """A bearer token for programs; only its digest is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
