"""Who may see and change webhooks: who leads the team, nobody else."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import must_lead
from critique.accounts.models import Membership, Person
from critique.activity.hooks.models import Delivery, Webhook
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound


def webhook_for(person: Person, webhook_id: int) -> Webhook:
    """One webhook that was not removed. Raises NotFound outside of its team, Forbidden inside."""
    return _of_a_led_team(person, Webhook.id == webhook_id)


def delivery_for(person: Person, delivery_id: int) -> Delivery:
    """One message to such a webhook. Raises NotFound or Forbidden likewise."""
    chosen = sa.select(Delivery.webhook_id).where(Delivery.id == delivery_id)
    _of_a_led_team(person, Webhook.id == chosen.scalar_subquery())
    return db.session.get_one(Delivery, delivery_id)


def _of_a_led_team(person: Person, which: sa.ColumnElement[bool]) -> Webhook:
    teams = sa.select(Membership.team_id).where(
        Membership.person_id == person.id, Membership.ended_at.is_(None)
    )
    found = db.session.scalar(
        sa.select(Webhook).where(which, Webhook.removed_at.is_(None), Webhook.team_id.in_(teams))
    )
    if found is None:
        raise NotFound
    must_lead(person, found.team_id)
    return found
