"""The mentor queue and claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import Response
from pydantic import BaseModel, Field, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.api.paging import link_to_next
from critique.api.person_shape import PersonShape
from critique.api.shapes import ReviewSummary
from critique.mentoring.operations import begin_next, claim_review, release_claim
from critique.mentoring.queries import LAST_PAGE, PAGE, QueueRow, queue_for, rows_of
from critique.mentoring.turns import turns_on
from critique.plumbing import clock
from critique.plumbing.errors import NotFound
from critique.web.forms import Form, check_query


class QueueQuery(Form):
    """Which page of the queue."""

    page: int = Field(1, ge=1, le=LAST_PAGE)


class QueueRowShape(BaseModel):
    """One request of the queue and why it stands there."""

    review: ReviewSummary
    why: str
    claimed_by: PersonShape | None
    claimed_until: datetime | None
    slack_minutes: int | None
    about_minutes: int | None
    savable: bool | None

    @classmethod
    def of(cls, row: QueueRow) -> QueueRowShape:
        """From a row; what was not weighed (answered, held) has no slack."""
        found = row.weighed
        return cls(
            review=ReviewSummary.of(row.review, row.turns),
            why=row.why,
            claimed_by=PersonShape.of(row.claimed_by) if row.claimed_by else None,
            claimed_until=row.claimed_until,
            slack_minutes=found.suggestion.slack if found else None,
            about_minutes=found.about if found else None,
            savable=found.suggestion.savable if found else None,
        )


class QueueList(RootModel[list[QueueRowShape]]):
    """The caller's queue, what needs them most first."""


class ClaimShape(BaseModel):
    """Who holds a request until when."""

    review_id: int
    claimed_by: PersonShape
    claimed_at: datetime
    claimed_until: datetime


@blueprint.get("/queue")
@documented(asks=QueueQuery, answers=QueueList)
def show_queue() -> Response:
    """Your queue, what needs you most first, and why; 50 a page, 1,000 in all, more by `Link`."""
    page = check_query(QueueQuery).page
    rows = queue_for(asker(), clock.now(), page=page)
    shapes = [QueueRowShape.of(row) for row in rows]
    response = answer(QueueList(shapes))
    if len(rows) == PAGE and page < LAST_PAGE:
        link_to_next(response, page=page + 1)
    return response


@blueprint.post("/queue/next")
@documented(answers=QueueRowShape)
def take_next() -> Response:
    """Take up what stands first: what is free is claimed; 404 when nothing waits."""
    taken = begin_next(by=asker())
    if taken is None:
        raise NotFound("Nothing waits for you now, and nothing is free to take.")
    # What is claimed now is mine, and need not stand first among what is.
    (row,) = rows_of(asker(), [replace(taken, section="mine")], clock.now())
    return answer(QueueRowShape.of(row))


@blueprint.put("/reviews/<int:review_id>/claim")
@documented(answers=ClaimShape)
def put_claim(review_id: int) -> Response:
    """Claim a request for 30 minutes, or renew your claim; 409 says who holds it until when."""
    claim = claim_review(by=asker(), review_id=review_id)
    return answer(
        ClaimShape(
            review_id=review_id,
            claimed_by=PersonShape.of(claim.person),
            claimed_at=claim.claimed_at,
            claimed_until=claim.until,
        )
    )


@blueprint.delete("/reviews/<int:review_id>/claim")
@documented(status=200, answers=ReviewSummary)
def delete_claim(review_id: int) -> Response:
    """Release your claim; repeating it changes nothing."""
    review = release_claim(by=asker(), review_id=review_id)
    return answer(ReviewSummary.of(review, turns_on([review.id])[review.id]))
