"""Invitations into a team."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import must_lead, role_in
from critique.accounts.models import Membership, OneTimeLink, Person, Team
from critique.accounts.operations.links import must_have_password, new_link, take
from critique.accounts.operations.memberships import start_membership
from critique.accounts.operations.people import add_person, spelled
from critique.accounts.queries import pending_invitations, person_by_email, usable_link
from critique.accounts.spelling import address
from critique.events.record import record_event
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, NotFound


def invite_person(*, by: Person, team_id: int, email: str, role: str) -> OneTimeLink:
    """Invite an address into a team; an earlier invitation of it is replaced.

    Works alike whether or not the address has an account. Raises NotFound, Forbidden, Invalid, or
    Conflict for somebody who is in the team already.
    """
    actor = must_lead(by, team_id)
    email = spelled("email", email, address)
    if role == "admin" and actor.role != "admin":
        raise Forbidden("Only an admin can invite an admin.")
    if _is_member(email, team_id):
        raise Conflict(
            f"{email} is in the team already. Nothing was sent; change the role in the list."
        )
    for earlier in pending_invitations(team_id):
        if earlier.email == email:
            earlier.withdrawn_at, earlier.withdrawn_by_id = clock.now(), by.id
    team = db.session.get_one(Team, team_id)
    link = new_link("invitation", email=email, team=team, role=role, by=by)
    _record("invitation.sent", by, link)
    jobs.enqueue("mail_invitation", link.id, key=f"invitation-{link.id}")
    return link


def resend_invitation(*, by: Person, team_id: int, link_id: int) -> OneTimeLink:
    """Send an invitation again, with a new link; the old one stops working."""
    link = _pending(by, team_id, link_id)
    return invite_person(by=by, team_id=team_id, email=link.email or "", role=link.role or "")


def withdraw_invitation(*, by: Person, team_id: int, link_id: int) -> OneTimeLink:
    """Take an invitation back. Raises NotFound or Forbidden."""
    link = _pending(by, team_id, link_id)
    link.withdrawn_at, link.withdrawn_by_id = clock.now(), by.id
    _record("invitation.withdrawn", by, link)
    return link


def accept_invitation(
    *,
    secret: str,
    by: Person | None,
    name: str = "",
    zone: str = "UTC",
    password_hash: str | None = None,
) -> Person:
    """Join the team: as the person signed in, or as somebody new with name, zone and password.

    Raises NotFound for a link that does not work (now), Forbidden when it is for somebody else,
    Invalid when somebody new gives no password.
    """
    link = usable_link("invitation", secret)
    if link is None or link.email is None or link.team is None or link.role is None:
        raise NotFound(
            "This invitation was used, taken back, or is older than a week. Ask the person who "
            "invited you for another."
        )
    person = person_by_email(link.email)
    if person is None or person.password_hash is None:
        hashed = must_have_password(password_hash)
        take(link)
        person = add_person(
            by=None,
            email=link.email,
            name=name,
            team=link.team.name,
            role=link.role,
            zone=zone,
            level=person.level if person else "mid",
            password_hash=hashed,
        )
    else:
        _join(link, link.team, link.role, person, by)
    _record("invitation.accepted", person, link)
    return person


def _join(link: OneTimeLink, team: Team, role: str, person: Person, by: Person | None) -> None:
    if by is None or by.id != person.id:
        raise Forbidden(f"This invitation is for {link.email}. Sign in with that address.")
    take(link)
    # Somebody who got in meanwhile by another way keeps the role they have.
    if role_in(person, team.id) is None:
        start_membership(by=person, person=person, team=team, role=role)


def _pending(by: Person, team_id: int, link_id: int) -> OneTimeLink:
    must_lead(by, team_id)
    for link in pending_invitations(team_id):
        if link.id == link_id:
            return link
    raise NotFound("This invitation was accepted, taken back, or has run out meanwhile.")


def _record(verb: str, by: Person, link: OneTimeLink) -> None:
    record_event(
        verb,
        by_id=by.id,
        subject="invitation",
        subject_id=link.id,
        team_id=link.team_id,
        after={"email": link.email, "role": link.role},
    )


def _is_member(email: str, team_id: int) -> bool:
    found = (
        sa.exists()
        .where(Person.email == email, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
    )
    return bool(db.session.scalar(sa.select(found)))
