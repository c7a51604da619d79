"""Who belongs to which team, and as what."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import membership_for, must_lead
from critique.accounts.models import ROLES, Membership, OneTimeLink, Person, Team
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound


def start_membership(*, by: Person | None, person: Person, team: Team, role: str) -> Membership:
    """Make the person a member in this role; of somebody who is one already, set the role."""
    _must_be_role(role)
    membership = db.session.scalar(
        sa.select(Membership).where(
            Membership.team_id == team.id, Membership.person_id == person.id
        )
    )
    if membership is None:
        membership = Membership(
            team_id=team.id, person_id=person.id, role=role, joined_at=clock.now()
        )
        db.session.add(membership)
        db.session.flush()
    elif membership.ended_at is not None:
        membership.role = role
        membership.joined_at = clock.now()
        membership.ended_at = membership.ended_by_id = None
    elif membership.role == role:
        return membership
    else:
        return _set_role(by, membership, role)
    _record("membership.started", by, membership, after=role)
    return membership


def change_role(*, by: Person, team_id: int, membership_id: int, role: str) -> Membership:
    """Give a member another role. Only an admin gives or takes the role admin.

    Raises NotFound, Forbidden, Invalid, or Conflict for the last admin.
    """
    _must_be_role(role)
    actor = must_lead(by, team_id)
    membership = _member(team_id, membership_id)
    if membership.role == role:
        return membership
    if "admin" in (membership.role, role) and actor.role != "admin":
        raise Forbidden("Only an admin can make somebody an admin, or an admin something else.")
    return _set_role(by, membership, role)


def end_membership(*, by: Person, team_id: int, membership_id: int) -> Membership:
    """Take somebody out of the team, or leave it oneself; the row stays, with who and when.

    Raises NotFound, Forbidden, or Conflict for the last admin.
    """
    actor = membership_for(by, team_id)
    membership = _member(team_id, membership_id)
    if membership.person_id != by.id:
        must_lead(by, team_id)
        if membership.role == "admin" and actor.role != "admin":
            raise Forbidden("Only an admin can take an admin out of the team.")
    _must_leave_an_admin(membership)
    membership.ended_at = clock.now()
    membership.ended_by_id = by.id
    _withdraw_invitations(by, membership)
    _record("membership.ended", by, membership, before=membership.role)
    return membership


def _member(team_id: int, membership_id: int) -> Membership:
    found = db.session.scalar(
        sa.select(Membership).where(
            Membership.id == membership_id,
            Membership.team_id == team_id,
            Membership.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def _set_role(by: Person | None, membership: Membership, role: str) -> Membership:
    if role != "admin":
        _must_leave_an_admin(membership)
    before, membership.role = membership.role, role
    _record("membership.changed", by, membership, before=before, after=role)
    return membership


def _must_leave_an_admin(membership: Membership) -> None:
    # Two admins who remove each other at the same time take their turns here (PostgreSQL; SQLite
    # lets one write at a time anyway).
    db.session.execute(sa.select(Team.id).where(Team.id == membership.team_id).with_for_update())
    admins = db.session.scalars(
        sa.select(Membership.id).where(
            Membership.team_id == membership.team_id,
            Membership.role == "admin",
            Membership.ended_at.is_(None),
        )
    ).all()
    if list(admins) == [membership.id]:
        raise Conflict(
            "This is the team's last admin, and a team needs one. Nothing was changed; make "
            "somebody else an admin first.",
            code="last_admin",
        )


def _withdraw_invitations(by: Person, membership: Membership) -> None:
    db.session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.kind == "invitation",
            OneTimeLink.team_id == membership.team_id,
            OneTimeLink.email == membership.person.email,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.now(), withdrawn_by_id=by.id)
    )


def _must_be_role(role: str) -> None:
    if role not in ROLES:
        sentence = f"Choose one of these roles: {', '.join(ROLES)}."
        raise Invalid(sentence, fields={"role": sentence})


def _record(
    verb: str,
    by: Person | None,
    membership: Membership,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    db.session.flush()
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="membership",
        subject_id=membership.id,
        team_id=membership.team_id,
        before=before,
        after=after,
        details={"person": membership.person_id},
    )
