"""Links that work once: the first admin's, and those that set a forgotten password."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from critique.accounts.models import OneTimeLink, Person, Team
from critique.accounts.operations.people import add_person
from critique.accounts.operations.sessions import change_password
from critique.accounts.queries import has_admin, person_by_email, usable_link, usable_links
from critique.accounts.secret import digest, fresh_secret
from critique.events.record import record_event
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound
from critique.plumbing.mailer import site_url

LIFETIMES = {
    "setup": timedelta(days=7),
    "invitation": timedelta(days=7),
    "reset": timedelta(hours=1),
}
# More than anybody needs; fewer than would make Critique a nuisance to a mailbox.
RESETS_AN_HOUR = 3


def setup_link() -> str | None:
    """Make the link for the first admin, replacing the one before; None once there is an admin.

    Called inside a transaction; the link works once that has committed.
    """
    if has_admin():
        return None
    for link in db.session.scalars(usable_links("setup")):
        link.withdrawn_at = clock.now()
    link = new_link("setup")
    return f"{site_url()}/setup/{mailed_secret(link)}"


def use_setup(
    *, secret: str, team: str, zone: str, name: str, email: str, password_hash: str
) -> Person:
    """Make the first admin and their team. Raises NotFound for a link that does not work (now)."""
    link = usable_link("setup", secret)
    if link is None or has_admin():
        raise NotFound(
            "This link was used, is too old, or another start of Critique replaced it. "
            "Nothing was changed; start Critique again to get a new one."
        )
    take(link)
    return add_person(
        by=None,
        email=email,
        name=name,
        team=team,
        role="admin",
        zone=zone,
        password_hash=password_hash,
    )


def ask_reset(*, email: str) -> OneTimeLink:
    """Take down that somebody forgot a password; who it is, if anybody, is found out by a job.

    The same work for every address, so that neither words nor time tell which exist.
    """
    link = new_link("reset", email=email)
    jobs.enqueue("answer_reset_request", link.id, key=f"reset-{link.id}")
    return link


def answer_reset(link: OneTimeLink) -> Person | None:
    """Whom the link of a reset is for; None, and the link is void, when no mail is due."""
    person = person_by_email(link.email or "")
    recent = sa.select(sa.func.count(OneTimeLink.id)).where(
        OneTimeLink.kind == "reset",
        OneTimeLink.email == link.email,
        OneTimeLink.mailed_at > clock.now() - timedelta(hours=1),
    )
    if person is None or (db.session.scalar(recent) or 0) >= RESETS_AN_HOUR:
        link.withdrawn_at = clock.now()
        return None
    link.person_id = person.id
    record_event("password.reset_asked", by_id=None, subject="person", subject_id=person.id)
    return person


def reset_password(*, secret: str, password_hash: str) -> Person:
    """Set the password of whoever holds the link. Raises NotFound when it does not work (now)."""
    link = usable_link("reset", secret)
    person = db.session.get(Person, link.person_id) if link and link.person_id else None
    if link is None or person is None:
        raise NotFound(
            "This link was used or is older than an hour. Your password is as it was; ask for "
            "another link."
        )
    take(link)
    # Whoever asked twice holds two links; the other one must not undo this.
    for other in db.session.scalars(
        usable_links("reset").where(OneTimeLink.person_id == person.id)
    ):
        other.withdrawn_at = clock.now()
    return change_password(by=person, password_hash=password_hash, forgotten=True)


def new_link(
    kind: str,
    *,
    email: str | None = None,
    team: Team | None = None,
    role: str | None = None,
    by: Person | None = None,
) -> OneTimeLink:
    """A link nobody can open yet: its secret is made by `mailed_secret`."""
    now = clock.now()
    link = OneTimeLink(
        kind=kind,
        digest=digest(fresh_secret()),
        email=email,
        team_id=team.id if team else None,
        role=role,
        made_by_id=by.id if by else None,
        made_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    db.session.add(link)
    db.session.flush()
    return link


def mailed_secret(link: OneTimeLink) -> str:
    """The secret that opens the link from now on, for the one letter it goes into."""
    secret = fresh_secret()
    link.digest = digest(secret)
    link.mailed_at = clock.now()
    db.session.flush()
    return secret


def take(link: OneTimeLink) -> None:
    """Use the link up. Raises NotFound for whoever comes second, also at the same instant."""
    taken = db.session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.id == link.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.withdrawn_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(OneTimeLink.id)
    )
    if taken.scalar_one_or_none() is None:
        raise NotFound("This link was used a moment ago. Nothing was changed by this try.")
    db.session.refresh(link)


def must_have_password(password_hash: str | None) -> str:
    """The hash. Raises Invalid when no password was given."""
    if password_hash is None:
        raise Invalid("Choose a password.", fields={"password": "This is needed."})
    return password_hash
