"""Who may see and do what with people and teams."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Absence, Membership, Person
from critique.plumbing.db import db
from critique.plumbing.errors import Forbidden, NotFound

MENTORING_ROLES = ("mentor", "lead", "admin")
LEADING_ROLES = ("lead", "admin")


def memberships_of(person: Person) -> list[Membership]:
    """The memberships in force, by team name; read anew for each request."""
    return list(
        db.session.scalars(
            sa.select(Membership)
            .where(Membership.person_id == person.id, Membership.ended_at.is_(None))
            .join(Membership.team)
            .order_by(sa.text("teams.name"))
        )
    )


def team_ids_of(person: Person) -> list[int]:
    """Ids of the teams a person belongs to now."""
    return list(
        db.session.scalars(
            sa.select(Membership.team_id).where(
                Membership.person_id == person.id, Membership.ended_at.is_(None)
            )
        )
    )


def membership_for(person: Person, team_id: int) -> Membership:
    """The person's membership in a team. Raises NotFound for anybody else's team."""
    found = db.session.scalar(
        sa.select(Membership).where(
            Membership.team_id == team_id,
            Membership.person_id == person.id,
            Membership.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def role_in(person: Person, team_id: int) -> str | None:
    """The person's role in a team, None outside of it."""
    return db.session.scalar(
        sa.select(Membership.role).where(
            Membership.team_id == team_id,
            Membership.person_id == person.id,
            Membership.ended_at.is_(None),
        )
    )


def must_lead(person: Person, team_id: int) -> Membership:
    """The membership of somebody who may manage the team. Raises NotFound or Forbidden."""
    membership = membership_for(person, team_id)
    if membership.role not in LEADING_ROLES:
        raise Forbidden("Only a lead or an admin of the team can do this. Ask one of them.")
    return membership


def must_administer(person: Person, team_id: int) -> Membership:
    """The membership of an admin. Raises NotFound for strangers, Forbidden for other members."""
    membership = membership_for(person, team_id)
    if membership.role != "admin":
        raise Forbidden("Only an admin of the team sees this. Ask one of them.")
    return membership


def absence_for(person: Person, absence_id: int) -> Absence:
    """One of the person's own absences. Raises NotFound for anybody else's."""
    found = db.session.scalar(
        sa.select(Absence).where(Absence.id == absence_id, Absence.person_id == person.id)
    )
    if found is None:
        raise NotFound
    return found


def member_for(person: Person, membership_id: int) -> Membership:
    """A membership in force in a team that the person leads. Raises NotFound or Forbidden."""
    found = db.session.get(Membership, membership_id)
    if found is None or found.ended_at is not None:
        raise NotFound
    must_lead(person, found.team_id)
    return found


def active_people(team_id: int) -> sa.Select[Person]:
    """Select the people who belong to a team now."""
    return (
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
        .order_by(Person.name)
    )
