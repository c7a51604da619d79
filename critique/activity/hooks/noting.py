"""Messages as rows: put down with their job in one transaction, tried, settled.

Every function works in the caller's transaction and commits nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from critique.activity.hooks.models import Delivery, Webhook
from critique.activity.hooks.occasions import is_weightier
from critique.activity.hooks.queries import reviews_nearly_due, webhooks_told
from critique.events.models import Event
from critique.plumbing import clock, jobs
from critique.plumbing.db import db, dialect

# Minutes until the next try; the last one repeats until `GIVE_UP_AFTER` since trying began.
RETRY_MINUTES = (1, 5, 15, 60)
GIVE_UP_AFTER = timedelta(hours=48)
LONGEST_WAIT = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
# A message whose try is overdue by this much has lost its job.
LOST_AFTER = timedelta(minutes=15)


def note_occasion(happened: Event, occasion: str) -> None:
    """Put down a message to each webhook that is told of this event.

    What one request of a person did in a review is one act and told once, by the weightiest of it.
    """
    act = f"{happened.review_id}-{happened.request_id or f'event-{happened.id}'}"
    for webhook in webhooks_told(happened.team_id, occasion):
        made = insert_delivery(
            webhook,
            occasion=occasion,
            act=act,
            at=happened.at,
            event_id=happened.id,
            review_id=happened.review_id,
            by_id=happened.actor_id,
        )
        if made is None:
            _tell_the_weightier(webhook, act, happened, occasion)


def note_deadlines(now: datetime) -> None:
    """Put down a message for each deadline that has come near; each is told once."""
    for review in reviews_nearly_due(now):
        for webhook in webhooks_told(review.team_id, "deadline.neared"):
            act = f"deadline-{review.id}-{review.review_by:%Y-%m-%dT%H:%M:%S}"
            if _of_the_act(webhook, act) is None:
                insert_delivery(
                    webhook, occasion="deadline.neared", act=act, at=now, review_id=review.id
                )


def insert_delivery(
    webhook: Webhook,
    *,
    occasion: str,
    act: str,
    at: datetime,
    event_id: int | None = None,
    review_id: int | None = None,
    by_id: int | None = None,
) -> Delivery | None:
    """Add a message and the job that sends it; None when this act was put down before."""
    insert = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    statement = insert(Delivery).values(
        webhook_id=webhook.id,
        message_id=f"msg_{secrets.token_urlsafe(18)}",
        act=act,
        occasion=occasion,
        event_id=event_id,
        review_id=review_id,
        by_id=by_id,
        at=at,
        began_at=at,
        next_try_at=at,
    )
    made = db.session.scalar(
        statement.on_conflict_do_nothing(index_elements=["webhook_id", "act"]).returning(Delivery)
    )
    if made is not None:
        enqueue_try(made)
    return made


def enqueue_try(delivery: Delivery, delay: timedelta = timedelta(0), *, again: str = "") -> None:
    """Enqueue the next try; the same one is enqueued once, unless `again` tells it apart."""
    jobs.enqueue(
        "send_delivery",
        delivery.id,
        delivery.attempts,
        key=f"delivery-{delivery.id}-{delivery.attempts}{again}",
        delay_seconds=delay.total_seconds(),
    )


def postpone(delivery: Delivery, now: datetime, at_least: timedelta) -> bool:
    """Put down the next try after one that failed; False once trying has lasted long enough."""
    tries = delivery.attempts - delivery.attempts_before
    wait = timedelta(minutes=RETRY_MINUTES[min(tries, len(RETRY_MINUTES)) - 1])
    wait = max(wait, min(at_least, LONGEST_WAIT))
    if now + wait - delivery.began_at > GIVE_UP_AFTER:
        return False
    delivery.next_try_at = now + wait
    enqueue_try(delivery, wait)
    return True


def settle(delivery: Delivery, state: str, failure: str | None = None) -> None:
    """Let a message be delivered, failed or dropped."""
    delivery.state, delivery.settled_at = state, clock.now()
    delivery.next_try_at = None
    delivery.failure = failure


def retry_now(delivery: Delivery) -> None:
    """Try a message at once, and if need be for another `GIVE_UP_AFTER`."""
    now = clock.now()
    if delivery.state != "waiting":
        delivery.state, delivery.settled_at = "waiting", None
        delivery.began_at, delivery.attempts_before = now, delivery.attempts
    delivery.next_try_at = now
    db.session.flush()
    enqueue_try(delivery, again="-now")


def drop_waiting(webhook: Webhook, why: str) -> None:
    """Let go what still waits for a webhook that is told nothing any more."""
    db.session.execute(
        sa.update(Delivery)
        .where(Delivery.webhook_id == webhook.id, Delivery.state == "waiting")
        .values(state="dropped", settled_at=clock.now(), next_try_at=None, failure=why)
    )


def resume_lost(now: datetime) -> None:
    """Enqueue again what should have been tried by now, whatever became of its job."""
    chosen = sa.select(Delivery).where(
        Delivery.state == "waiting", Delivery.next_try_at < now - LOST_AFTER
    )
    for delivery in db.session.scalars(chosen.order_by(Delivery.id).limit(500)):
        enqueue_try(delivery, again=f"-lost-{now:%Y%m%dT%H}")


def forget_old_deliveries(now: datetime) -> None:
    """Drop messages of more than a month ago."""
    db.session.execute(
        sa.delete(Delivery)
        .where(Delivery.at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )


def _tell_the_weightier(webhook: Webhook, act: str, happened: Event, occasion: str) -> None:
    standing = _of_the_act(webhook, act)
    if standing is None or standing.body is not None:
        return
    if is_weightier(occasion, standing.occasion):
        standing.occasion, standing.at = occasion, happened.at
        standing.event_id, standing.by_id = happened.id, happened.actor_id
        db.session.flush()


def _of_the_act(webhook: Webhook, act: str) -> Delivery | None:
    return db.session.scalar(
        sa.select(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.act == act)
    )
