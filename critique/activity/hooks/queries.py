"""Webhooks and messages, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.activity.hooks.models import Delivery, Webhook
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.reviews.queries import is_open

# A deadline is near for the last quarter of its window, but for no longer than this.
NEAR = timedelta(hours=2)
NEAR_SHARE = 4
PAGE = 50


def webhooks_of(team_id: int) -> Sequence[Webhook]:
    """The webhooks of a team that were not removed, the oldest first."""
    chosen = sa.select(Webhook).where(Webhook.team_id == team_id, Webhook.removed_at.is_(None))
    return db.session.scalars(
        chosen.options(joinedload(Webhook.made_by)).order_by(Webhook.id)
    ).all()


def webhooks_told(team_id: int | None, occasion: str) -> list[Webhook]:
    """The webhooks of a team that are told of such an occasion now."""
    chosen = sa.select(Webhook).where(
        Webhook.team_id == team_id, Webhook.removed_at.is_(None), Webhook.switched_off_at.is_(None)
    )
    return [
        one for one in db.session.scalars(chosen.order_by(Webhook.id)) if occasion in one.occasions
    ]


def deliveries_of(webhook_id: int, before: int | None = None) -> list[Delivery]:
    """The newest messages to one webhook, `PAGE` and one more; with `before` older ones."""
    chosen = sa.select(Delivery).where(Delivery.webhook_id == webhook_id)
    chosen = chosen.options(joinedload(Delivery.review))
    if before is not None:
        chosen = chosen.where(Delivery.id < before)
    return list(db.session.scalars(chosen.order_by(Delivery.id.desc()).limit(PAGE + 1)))


def newest_deliveries(webhook_ids: Sequence[int]) -> dict[int, Delivery]:
    """The newest message to each of some webhooks that has been tried at all."""
    newest = (
        sa.select(sa.func.max(Delivery.id))
        .where(Delivery.webhook_id.in_(webhook_ids), Delivery.attempts > 0)
        .group_by(Delivery.webhook_id)
    )
    found = db.session.scalars(sa.select(Delivery).where(Delivery.id.in_(newest)))
    return {one.webhook_id: one for one in found}


def has_delivered_since(webhook_id: int, moment: datetime) -> bool:
    """Whether a webhook took any message at or after a moment (UTC)."""
    found = sa.exists().where(
        Delivery.webhook_id == webhook_id,
        Delivery.state == "delivered",
        Delivery.settled_at >= moment,
    )
    return bool(db.session.scalar(sa.select(found)))


def reviews_nearly_due(now: datetime) -> list[Review]:
    """Open requests of teams with a webhook whose deadline is near, the first due first."""
    teams = sa.select(Webhook.team_id).where(
        Webhook.removed_at.is_(None), Webhook.switched_off_at.is_(None)
    )
    found = db.session.scalars(
        sa.select(Review)
        .where(
            is_open,
            Review.team_id.in_(teams),
            Review.review_by > now,
            Review.review_by <= now + NEAR,
        )
        .order_by(Review.review_by)
    )
    return [one for one in found if _is_near(one, now)]


def _is_near(review: Review, now: datetime) -> bool:
    if review.review_by is None:
        return False
    return review.review_by - now <= (review.review_by - review.created_at) / NEAR_SHARE
