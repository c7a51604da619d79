"""The reason why somebody was suggested is kept beside the fact that they were asked."""

from __future__ import annotations

import sqlalchemy as sa

from critique.events.listening import on
from critique.events.models import Event
from critique.mentoring.colleagues import suggested_reviewers
from critique.plumbing.db import db
from critique.reviews.models import Review, Reviewer


@on("review.created", "review.edited")
def keep_reasons(happened: Event) -> None:
    """Note on who was just asked what the suggestion said of them, if they were one."""
    asked = db.session.scalars(
        sa.select(Reviewer).where(
            Reviewer.review_id == happened.review_id,
            Reviewer.reason == "",
            Reviewer.asked_at >= happened.at.replace(microsecond=0, second=0),
        )
    ).all()
    review = db.session.get(Review, happened.review_id)
    if not asked or review is None:
        return
    reasons = {
        person.id: proposal.reason
        for person, proposal in suggested_reviewers(
            review.team_id,
            [row.skill for row in review.skills],
            review.review_by,
            happened.at,
            author_id=review.author_id,
        )
    }
    for row in asked:
        row.reason = reasons.get(row.person_id, "")[:300]
    db.session.flush()
