"""Making, changing and removing webhooks, and having messages sent to them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from critique.accounts.access import must_lead
from critique.accounts.models import Person
from critique.activity.hooks.access import delivery_for, webhook_for
from critique.activity.hooks.models import Delivery, Webhook
from critique.activity.hooks.noting import drop_waiting, insert_delivery, retry_now
from critique.activity.hooks.occasions import OCCASIONS, TRIAL
from critique.activity.hooks.queries import webhooks_of
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.outgoing import AddressRefused, checked_address

MOST_WEBHOOKS = 20


def create_webhook(
    *, by: Person, team_id: int, name: str, kind: str, address: str, occasions: Sequence[str]
) -> Webhook:
    """Have a team's occasions told to an address from now on.

    Raises NotFound and Forbidden for who does not lead the team, Invalid for an address that is
    never called, Conflict when there are too many.
    """
    must_lead(by, team_id)
    if len(webhooks_of(team_id)) >= MOST_WEBHOOKS:
        raise Conflict(
            f"A team has at most {MOST_WEBHOOKS} webhooks. Nothing was added; remove one first."
        )
    webhook = Webhook(
        team_id=team_id,
        name=name,
        kind=kind,
        address=_checked(address),
        seed=secrets.token_hex(32),
        occasions=_in_order(occasions),
        made_by_id=by.id,
        made_at=clock.now(),
    )
    db.session.add(webhook)
    db.session.flush()
    _record("webhook.created", by, webhook, after=_state(webhook))
    return webhook


def change_webhook(
    *,
    by: Person,
    webhook_id: int,
    name: str | None = None,
    occasions: Sequence[str] | None = None,
) -> Webhook:
    """Change what it is called and what it is told of; None stays as it is."""
    webhook = webhook_for(by, webhook_id)
    before = _state(webhook)
    if name is not None:
        webhook.name = name
    if occasions is not None:
        webhook.occasions = _in_order(occasions)
    db.session.flush()
    if _state(webhook) != before:
        _record("webhook.changed", by, webhook, before=before, after=_state(webhook))
    return webhook


def rotate_secret(*, by: Person, webhook_id: int) -> Webhook:
    """Sign with a new secret from now on, for a day with the earlier one beside it."""
    webhook = webhook_for(by, webhook_id)
    webhook.earlier_seed, webhook.seed = webhook.seed, secrets.token_hex(32)
    webhook.rotated_at = clock.now()
    db.session.flush()
    _record("webhook.rotated", by, webhook)
    return webhook


def remove_webhook(*, by: Person, webhook_id: int) -> Webhook:
    """Tell it nothing more, ever; what still waited is dropped, and the address forgotten."""
    webhook = webhook_for(by, webhook_id)
    webhook.removed_at, webhook.removed_by_id = clock.now(), by.id
    webhook.address = ""
    drop_waiting(webhook, "The webhook was removed.")
    _record("webhook.removed", by, webhook)
    return webhook


def switch_off_webhook(*, by: Person, webhook_id: int) -> Webhook:
    """Tell it nothing until it is switched on again. Repeating it changes nothing."""
    webhook = webhook_for(by, webhook_id)
    if webhook.switched_off_at is None:
        switch_off(webhook, f"{by.name} switched it off.", by=by)
    return webhook


def switch_off(webhook: Webhook, why: str, *, by: Person | None) -> None:
    """Note when and why a webhook is told nothing any more, None being Critique itself."""
    webhook.switched_off_at, webhook.switched_off_why = clock.now(), why[:300]
    drop_waiting(webhook, "The webhook was switched off.")
    _record("webhook.switched_off", by, webhook)


def switch_on_webhook(*, by: Person, webhook_id: int) -> Webhook:
    """Tell it what happens from now on. Repeating it changes nothing."""
    webhook = webhook_for(by, webhook_id)
    if webhook.switched_off_at is not None:
        webhook.switched_off_at = webhook.switched_off_why = None
        db.session.flush()
        _record("webhook.switched_on", by, webhook)
    return webhook


def try_webhook(*, by: Person, webhook_id: int) -> Delivery:
    """Send a test now, also to a webhook that is switched off."""
    webhook = webhook_for(by, webhook_id)
    delivery = insert_delivery(
        webhook, occasion=TRIAL, act=f"trial-{secrets.token_hex(8)}", at=clock.now(), by_id=by.id
    )
    assert delivery is not None
    _record("webhook.tried", by, webhook, details={"delivery_id": delivery.id})
    return delivery


def send_again(*, by: Person, delivery_id: int) -> Delivery:
    """Try one message again now. Raises Conflict when it was delivered or its webhook is off."""
    delivery = delivery_for(by, delivery_id)
    webhook = delivery.webhook
    if delivery.state == "delivered":
        raise Conflict("This message was delivered already. Nothing was sent.", code="delivered")
    if webhook.switched_off_at is not None and delivery.occasion != TRIAL:
        raise Conflict(
            "The webhook is switched off. Nothing was sent; switch it on first.",
            code="switched_off",
        )
    retry_now(delivery)
    _record("delivery.retried", by, webhook, details={"delivery_id": delivery.id})
    return delivery


def _checked(address: str) -> str:
    try:
        return checked_address(address)
    except AddressRefused as error:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the address.",
            fields={"address": str(error)},
        ) from None


def _in_order(occasions: Sequence[str]) -> list[str]:
    return [one for one in OCCASIONS if one in occasions]


def _state(webhook: Webhook) -> dict[str, Any]:
    return {
        "name": webhook.name,
        "kind": webhook.kind,
        "address": webhook.address,
        "occasions": list(webhook.occasions),
    }


def _record(
    verb: str,
    by: Person | None,
    webhook: Webhook,
    *,
    before: object = None,
    after: object = None,
    details: dict[str, int] | None = None,
) -> None:
    db.session.flush()
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="webhook",
        subject_id=webhook.id,
        team_id=webhook.team_id,
        before=before,
        after=after,
        details=details,
    )
