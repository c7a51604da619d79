"""A request that has gone two slow rounds offers a session by itself, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from critique.comments.models import Reply
from critique.events.listening import on
from critique.events.models import Event
from critique.events.record import record_event
from critique.mentoring.slow_rounds import ENOUGH, slow_rounds
from critique.mentoring.thread_facts import asks
from critique.plumbing.db import db
from critique.reviews.models import Review

OFFERED = "session.offered"
ANSWERS = ("comment.added", "reply.added", "verdict.given")


@on(*ANSWERS)
def offer_session(happened: Event) -> None:
    """Offer one when an answer has ended the second slow round; the log remembers that it did."""
    review = db.session.get(Review, happened.review_id) if happened.review_id else None
    if review is None or review.closed or happened.actor_id == review.author_id:
        return
    acts = _acts(review.id)
    if any(act.verb == OFFERED for act in acts):
        return
    slow = slow_rounds(
        _asked_at(acts, review.author_id),
        [act.at for act in acts if act.actor_id != review.author_id and act.verb in ANSWERS],
        review.author.working_hours,
    )
    if len(slow) >= ENOUGH:
        record_event(
            OFFERED,
            by_id=None,
            subject="review",
            subject_id=review.id,
            team_id=review.team_id,
            review_id=review.id,
            details={"slow_rounds": len(slow)},
        )


def is_offered(review_id: int) -> bool:
    """Whether a request has offered a session."""
    found = sa.exists().where(Event.review_id == review_id, Event.verb == OFFERED)
    return bool(db.session.scalar(sa.select(found)))


def has_answered(person_id: int, review_id: int) -> bool:
    """Whether somebody has said anything in a request."""
    found = sa.exists().where(
        Event.review_id == review_id, Event.actor_id == person_id, Event.verb.in_(ANSWERS)
    )
    return bool(db.session.scalar(sa.select(found)))


def shown_at(review_id: int) -> datetime | None:
    """When the newest version of a request was posted (UTC), None before the first."""
    return db.session.scalar(
        sa.select(sa.func.max(Event.at)).where(
            Event.review_id == review_id, Event.verb == "walkthrough.posted"
        )
    )


def has_been_answered(review: Review, *, since: datetime) -> bool:
    """Whether anybody but its author has said something in a request since then."""
    found = sa.exists().where(
        Event.review_id == review.id,
        Event.verb.in_(ANSWERS),
        Event.actor_id != review.author_id,
        Event.at >= since,
    )
    return bool(db.session.scalar(sa.select(found)))


def _acts(review_id: int) -> Sequence[Event]:
    chosen = sa.select(Event).where(
        Event.review_id == review_id, Event.verb.in_(("walkthrough.posted", *ANSWERS, OFFERED))
    )
    return db.session.scalars(chosen.order_by(Event.id)).all()


def _asked_at(acts: Sequence[Event], author_id: int) -> list[datetime]:
    """When the author asked: with each version, and with each reply that holds a question."""
    own = [act for act in acts if act.actor_id == author_id]
    versions = [act for act in own if act.details.get("version") is not None]
    replies = {act.subject_id: act for act in own if act.verb == "reply.added"}
    rows = db.session.execute(sa.select(Reply.id, Reply.body).where(Reply.id.in_(replies)))
    questions = [replies[row.id] for row in rows if asks(row.body)]
    return [act.at for act in (*versions, *questions)]
