"""Who has coffee together, how many at a table, and how often."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from critique.accounts.models import Person, Team
from critique.plumbing.db import Record

KINDS = ("everyone", "skill", "named", "newcomers")
SIZES = (2, 3)
# Weekly, fortnightly, monthly.
RHYTHMS = (1, 2, 4)

_OF_TEAM = sa.text("kind = 'everyone'")


class CoffeeGroup(Record):
    """People of a team who are drawn for each other; every team has one group of everyone.

    The others are people who share a `skill`, people named one by one, or those who joined in the
    four weeks before. Drawn every `every_weeks` weeks from the ISO week `from_week` on, tables of
    `size`; ended groups stay as rows, and keep their history.
    """

    __tablename__ = "coffee_groups"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind"),
        sa.CheckConstraint("(kind = 'skill') = (skill IS NOT NULL)", name="skill"),
        sa.CheckConstraint(f"size IN {SIZES}", name="size"),
        sa.CheckConstraint(f"every_weeks IN {RHYTHMS}", name="every_weeks"),
        sa.Index(
            "ux_coffee_groups_everyone",
            "team_id",
            unique=True,
            sqlite_where=_OF_TEAM,
            postgresql_where=_OF_TEAM,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(120))
    skill: Mapped[str | None] = mapped_column(sa.String(60))
    size: Mapped[int] = mapped_column(default=2)
    every_weeks: Mapped[int] = mapped_column(default=1)
    from_week: Mapped[str] = mapped_column(sa.String(8))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    team: Mapped[Team] = relationship()


class GroupPlace(Record):
    """What was said about one person in one group: in a named one they are put, or out of any."""

    __tablename__ = "coffee_group_places"

    group_id: Mapped[int] = mapped_column(sa.ForeignKey("coffee_groups.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    is_in: Mapped[bool]
    since: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
