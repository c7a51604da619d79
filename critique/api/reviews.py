"""Review requests."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from flask import Response
from pydantic import Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from critique.accounts.access import memberships_of
from critique.accounts.login import asker
from critique.accounts.models import Person
from critique.api.documentation import LARGEST_ID, blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.paging import link_to_next
from critique.api.shapes import ReviewShape, ReviewSummary
from critique.mentoring.turns import turns_on
from critique.plumbing.db import db
from critique.plumbing.errors import Forbidden, Invalid
from critique.reviews.access import review_for, visible_reviews
from critique.reviews.forms import ReviewForm
from critique.reviews.models import Review
from critique.reviews.operations import create_review
from critique.reviews.queries import is_open, with_details
from critique.walkthroughs.queries import walkthroughs_of
from critique.web.app import absolute_url
from critique.web.forms import SENTENCE, Form, check_query

PAGE = 100


class NewReview(ReviewForm):
    """A request to post. `team` is needed only by people of several teams."""

    team: str | None = Field(None, max_length=120)
    # What only the page's form sends.
    review_by_moment: SkipJsonSchema[str] = ""
    revision: SkipJsonSchema[int] = 1


class ReviewQuery(Form):
    """Which requests to list."""

    state: Literal["open", "closed", "all"] = "all"
    after: int | None = Field(None, ge=1, le=LARGEST_ID)


class ReviewList(RootModel[list[ReviewSummary]]):
    """Requests, newest first."""


@blueprint.post("/reviews")
@documented(takes=NewReview, answers=ReviewShape, status=201)
def create_review_request() -> Response:
    """Post a review request."""
    form = taken(NewReview)
    person = asker()
    review = create_review(by=person, team_id=_team_id(person, form.team), **form.wishes())
    shape = ReviewShape.of(review, turns_on([review.id])[review.id], [])
    return answer(shape, 201, absolute_url("api.show_review_request", review_id=review.id))


@blueprint.get("/reviews")
@documented(asks=ReviewQuery, answers=ReviewList)
def list_review_requests() -> Response:
    """List the requests you may see, newest first; 100 a page, more by `Link`."""
    query = check_query(ReviewQuery)
    chosen = visible_reviews(asker()).order_by(Review.id.desc()).limit(PAGE + 1)
    if query.state != "all":
        chosen = chosen.where(is_open if query.state == "open" else sa.not_(is_open))
    if query.after is not None:
        chosen = chosen.where(Review.id < query.after)
    found = list(db.session.scalars(with_details(chosen)))
    shown = found[:PAGE]
    turns = turns_on([review.id for review in shown])
    shapes = [ReviewSummary.of(review, turns[review.id]) for review in shown]
    response = answer(ReviewList(shapes))
    if len(found) > PAGE:
        link_to_next(response, after=shown[-1].id)
    return response


@blueprint.get("/reviews/<int:review_id>")
@documented(answers=ReviewShape)
def show_review_request(review_id: int) -> Response:
    """Show a request with its walkthroughs."""
    review = review_for(asker(), review_id)
    turns = turns_on([review.id])[review.id]
    return answer(ReviewShape.of(review, turns, walkthroughs_of(review.id)))


def _team_id(person: Person, name: str | None) -> int:
    memberships = memberships_of(person)
    if not memberships:
        raise Forbidden("You belong to no team. Ask an admin of your team to invite you.")
    if name is None and len(memberships) > 1:
        names = ", ".join(m.team.name for m in memberships)
        raise Invalid(SENTENCE, fields={"team": f"Name one of your teams: {names}."})
    for membership in memberships:
        if name in (None, membership.team.name):
            return membership.team_id
    raise Invalid(SENTENCE, fields={"team": "You do not belong to a team of that name."})
