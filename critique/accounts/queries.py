"""Reading people, teams and links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.models import Absence, Membership, OneTimeLink, Person, SignIn, Team
from critique.accounts.secret import digest
from critique.plumbing import clock
from critique.plumbing.db import db


@dataclass(frozen=True)
class Credentials:
    """What sign-in compares with: whose, and the stored hash (None: no password set)."""

    person_id: int
    password_hash: str | None


def person_by_email(email: str) -> Person | None:
    """The person with this address, however it is written."""
    return db.session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))


def credentials_of(email: str) -> Credentials | None:
    """What to compare a password with; None when nobody has this address."""
    row = db.session.execute(
        sa.select(Person.id, Person.password_hash).where(Person.email == email.strip().lower())
    ).one_or_none()
    return Credentials(*row) if row else None


def team_by_name(name: str) -> Team | None:
    """The team with exactly this name."""
    return db.session.scalar(sa.select(Team).where(Team.name == name.strip()))


def members_of(team_id: int) -> list[Membership]:
    """The memberships in force with their people and skills, by name."""
    return list(
        db.session.scalars(
            sa.select(Membership)
            .join(Membership.person)
            .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
            .options(
                selectinload(Membership.person).selectinload(Person.skills),
                selectinload(Membership.reports_to),
            )
            .order_by(sa.func.lower(Person.name), Person.id)
        )
    )


def absences_of(person: Person, since: date) -> list[Absence]:
    """The person's absences that end on that local day or later, in their order."""
    return list(
        db.session.scalars(
            sa.select(Absence)
            .where(Absence.person_id == person.id, Absence.last_day >= since)
            .order_by(Absence.first_day)
        )
    )


def absences_in(team_id: int, since: date, until: date) -> list[Absence]:
    """The absences of the team's people that touch these days, in their order."""
    return list(
        db.session.scalars(
            sa.select(Absence)
            .join(Membership, Membership.person_id == Absence.person_id)
            .where(
                Membership.team_id == team_id,
                Membership.ended_at.is_(None),
                Absence.last_day >= since,
                Absence.first_day <= until,
            )
            .order_by(Absence.first_day)
        )
    )


def pending_invitations(team_id: int) -> list[OneTimeLink]:
    """Invitations that may still be accepted, newest first."""
    return list(
        db.session.scalars(
            sa.select(OneTimeLink)
            .where(OneTimeLink.team_id == team_id, *_usable("invitation"))
            .order_by(OneTimeLink.id.desc())
        )
    )


def usable_link(kind: str, secret: str) -> OneTimeLink | None:
    """The link a secret opens now; None when it is unknown, used, withdrawn, too old or other."""
    return db.session.scalar(
        sa.select(OneTimeLink).where(OneTimeLink.digest == digest(secret), *_usable(kind))
    )


def usable_links(kind: str) -> sa.Select[OneTimeLink]:
    """Select the links of a kind that may still be used."""
    return sa.select(OneTimeLink).where(*_usable(kind))


def _usable(kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        OneTimeLink.kind == kind,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.withdrawn_at.is_(None),
        OneTimeLink.expires_at > clock.now(),
    )


def sign_ins_of(person: Person) -> list[SignIn]:
    """The person's sessions that are open now, newest first."""
    return list(
        db.session.scalars(
            sa.select(SignIn)
            .where(
                SignIn.person_id == person.id,
                SignIn.ended_at.is_(None),
                SignIn.expires_at > clock.now(),
            )
            .order_by(SignIn.id.desc())
        )
    )


def has_admin() -> bool:
    """Whether any team has an admin."""
    found = sa.exists().where(Membership.role == "admin", Membership.ended_at.is_(None))
    return bool(db.session.scalar(sa.select(found)))
