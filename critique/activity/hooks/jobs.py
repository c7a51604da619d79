"""Sending messages to webhooks: at least once, always under the same id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from critique.activity.hooks.keys import signing_secrets
from critique.activity.hooks.mail import write_switched_off
from critique.activity.hooks.models import Delivery
from critique.activity.hooks.noting import postpone, settle
from critique.activity.hooks.occasions import TRIAL
from critique.activity.hooks.operations import switch_off
from critique.activity.hooks.payloads import body_for
from critique.activity.hooks.queries import has_delivered_since
from critique.activity.hooks.signing import signed_headers
from critique.activity.hooks.telling import story_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.jobs import job
from critique.plumbing.outgoing import AddressRefused, Limits, NoAnswer, call
from critique.plumbing.transaction import transaction

LONGEST_ANSWER = 500
# Four bytes make the longest character.
LIMITS = Limits(seconds=10, most_bytes=4 * LONGEST_ANSWER, cut=True)


@dataclass(frozen=True)
class Message:
    """A message as it goes over the wire."""

    address: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What one try came to: a status and the beginning of the answer, or why there is none."""

    status: int | None = None
    answer: str = ""
    failure: str | None = None
    retry_after: timedelta = timedelta(0)


@job("hooks")
def send_delivery(delivery_id: int, attempt: int) -> None:
    """Try one message for the `attempt`th time (from 0), or do nothing where that is over.

    A worker killed between the receiver's answer and our note sends again, under the same id.
    """
    message = _message(delivery_id, attempt)
    if message is not None:
        _note(delivery_id, attempt, _sent(message))


def _message(delivery_id: int, attempt: int) -> Message | None:
    """The message of this try, written down at the first one."""
    with transaction():
        delivery = _waiting(delivery_id, attempt)
        if delivery is None:
            return None
        webhook = delivery.webhook
        if not webhook.is_active and delivery.occasion != TRIAL:
            settle(delivery, "dropped", "The webhook was switched off.")
            return None
        if delivery.body is None:
            delivery.body = body_for(webhook.kind, story_of(delivery)).decode()
        now, body = clock.now(), delivery.body.encode()
        signed = signed_headers(
            signing_secrets(webhook, now), delivery.message_id, int(now.timestamp()), body
        )
        return Message(webhook.address, {"Content-Type": "application/json", **signed}, body)


def _sent(message: Message) -> Outcome:
    try:
        came = call(message.address, LIMITS, body=message.body, headers=message.headers)
    except AddressRefused as error:
        return Outcome(failure=str(error))
    except NoAnswer as error:
        return Outcome(status=error.status, failure=error.sentence)
    answer = _readable(came.body)
    if 200 <= came.status < 300:
        return Outcome(came.status, answer)
    seconds = came.headers.get("Retry-After", "")
    wait = int(seconds) if re.fullmatch("[0-9]{1,6}", seconds) else 0
    return Outcome(came.status, answer, f"It answered {came.status}.", timedelta(seconds=wait))


def _note(delivery_id: int, attempt: int, outcome: Outcome) -> None:
    with transaction():
        delivery = _waiting(delivery_id, attempt)
        if delivery is None:
            return
        delivery.attempts += 1
        delivery.status_code, delivery.answer = outcome.status, outcome.answer
        if outcome.failure is None:
            settle(delivery, "delivered")
        else:
            _note_failure(delivery, outcome, outcome.failure)


def _note_failure(delivery: Delivery, outcome: Outcome, failure: str) -> None:
    webhook = delivery.webhook
    if delivery.occasion == TRIAL:
        # Somebody is looking at it, and tries again by themselves.
        settle(delivery, "failed", failure)
        return
    if outcome.status == 410:
        settle(delivery, "failed", failure)
        why = "The receiver answered 410: it is gone and wants nothing more."
    elif postpone(delivery, clock.now(), outcome.retry_after):
        delivery.failure = failure
        return
    else:
        settle(delivery, "failed", failure)
        if has_delivered_since(webhook.id, delivery.began_at):
            return
        why = f"Nothing was taken for 48 hours. The last try: {failure}"
    if webhook.is_active:
        switch_off(webhook, why, by=None)
        write_switched_off(webhook)


def _waiting(delivery_id: int, attempt: int) -> Delivery | None:
    delivery = db.session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None or delivery.state != "waiting" or delivery.attempts != attempt:
        return None
    return delivery


def _readable(body: bytes) -> str:
    """The beginning of an answer, without what no page and no database shows."""
    text = body.decode("utf-8", "replace")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]+", " ", text).strip()[:LONGEST_ANSWER]
