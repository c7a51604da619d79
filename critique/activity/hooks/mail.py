"""The letter to who leads a team whose webhook was switched off."""

from __future__ import annotations

from flask import render_template

from critique.accounts.access import LEADING_ROLES, active_people
from critique.accounts.models import Membership
from critique.activity.hooks.models import Webhook
from critique.plumbing.db import db
from critique.plumbing.mailer import write_letter
from critique.web.app import absolute_url


def write_switched_off(webhook: Webhook) -> None:
    """Tell everybody who leads the team that a webhook is told nothing any more, and why."""
    leading = active_people(webhook.team_id).where(Membership.role.in_(LEADING_ROLES))
    assert webhook.switched_off_at is not None
    moment = f"{webhook.switched_off_at:%Y%m%dT%H%M%S}"
    for person in db.session.scalars(leading):
        write_letter(
            kind="webhook",
            key=f"webhook-{webhook.id}-off-{moment}-{person.id}",
            to_name=person.name,
            to_address=person.email,
            person_id=person.id,
            team_id=webhook.team_id,
            subject=f"The webhook {webhook.name} was switched off",
            text=render_template(
                "mail/activity/webhook_off.txt",
                person=person,
                webhook=webhook,
                url=absolute_url("webhooks.show", webhook_id=webhook.id),
            ),
        )
