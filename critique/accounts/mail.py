"""Letters of this slice: plain text, whose move it is in the first line."""

from __future__ import annotations

from flask import render_template

from critique.accounts.models import OneTimeLink, Person, Team
from critique.plumbing.mailer import Letter, write_letter
from critique.web.app import absolute_url


def write_invitation(link: OneTimeLink, secret: str, inviter: Person, team: Team) -> Letter:
    """Tell the invited address who invites them, into what, and where to accept."""
    return write_letter(
        kind="invitation",
        key=f"invitation-{link.id}",
        to_name="",
        to_address=link.email or "",
        team_id=team.id,
        subject=f"{inviter.name} invites you to {team.name} on Critique",
        text=render_template(
            "mail/accounts/invitation.txt",
            inviter=inviter,
            team=team,
            role=link.role,
            url=absolute_url("accounts.invitation", secret=secret),
        ),
    )


def write_reset(link: OneTimeLink, secret: str, person: Person) -> Letter:
    """Give a person the link that sets a new password."""
    return write_letter(
        kind="reset",
        key=f"reset-{link.id}",
        to_name=person.name,
        to_address=person.email,
        person_id=person.id,
        subject="Set a new password for Critique",
        text=render_template(
            "mail/accounts/reset.txt",
            person=person,
            url=absolute_url("accounts.reset", secret=secret),
        ),
    )
