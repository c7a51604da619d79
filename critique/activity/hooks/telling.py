"""From rows to the story of a message, as things stand when it is first sent."""

from __future__ import annotations

from critique.accounts.models import Person, Team
from critique.activity.hooks.models import Delivery
from critique.activity.hooks.story import Holder, Story
from critique.events.models import Event
from critique.mentoring.turns import turns_on
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.web.app import absolute_url


def story_of(delivery: Delivery) -> Story:
    """What one message tells: never the words of a comment, a brief or a verdict."""
    by = db.session.get(Person, delivery.by_id) if delivery.by_id is not None else None
    review = db.session.get(Review, delivery.review_id) if delivery.review_id else None
    team = db.session.get_one(Team, delivery.webhook.team_id)
    if review is None:
        return Story(
            type=delivery.occasion,
            at=delivery.at,
            team=team.name,
            url=absolute_url("webhooks.show", webhook_id=delivery.webhook_id),
            by=by.name if by else None,
        )
    event = db.session.get(Event, delivery.event_id) if delivery.event_id is not None else None
    details = event.details if event else {}
    return Story(
        type=delivery.occasion,
        at=delivery.at,
        team=team.name,
        url=absolute_url("pages.room", review_id=review.id),
        by=by.name if by else None,
        review_id=review.id,
        title=review.title,
        is_open=not review.closed,
        review_by=review.review_by,
        version=details.get("version") if delivery.occasion == "walkthrough.posted" else None,
        verdict=details.get("verdict") if delivery.occasion == "verdict.given" else None,
        turns=_holders(review),
    )


def _holders(review: Review) -> list[Holder]:
    if review.closed:
        return []
    return [
        Holder(turn.person.name, turn.reason, turn.since)
        for turn in turns_on([review.id])[review.id]
    ]
