"""Library: one search over requests, transcripts and comments; results are moments."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import render_template, request
from sqlalchemy.orm import joinedload, lazyload, selectinload

from critique.accounts.access import team_ids_of
from critique.accounts.login import asker, signed_in
from critique.accounts.models import Person
from critique.mentoring.turns import turns_on
from critique.mentoring.words import Move, whose_move
from critique.pages import blueprint
from critique.pages.moments import LONGEST_QUERY, Moment, moments_for
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.models import Closure, Project, Review
from critique.reviews.queries import is_open

__all__ = ["Moment", "library", "moments_for"]

PAGE = 30
_LAST_PAGE = 1000


@blueprint.get("/library")
@signed_in
def library() -> str:
    """Show what was found; without a query, what was asked, newest first, by state and project."""
    person = asker()
    query = request.args.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    if query:
        moments = moments_for(person, query)
        asked = [one.review for one in moments if one.source == "review"]
        return render_template(
            "pages/library.html", q=query, moments=moments, reviews=[], moves=moves_in(asked)
        )
    state = request.args.get("state", "all")
    project_id = request.args.get("project", type=int)
    page = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    chosen = _requests(person, state, project_id, page)
    reviews = list(db.session.scalars(chosen))
    return render_template(
        "pages/library.html",
        q="",
        moments=[],
        reviews=reviews[:PAGE],
        moves=moves_in([review for review in reviews[:PAGE] if not review.closed]),
        more=len(reviews) > PAGE,
        page=page,
        state=state,
        project_id=project_id,
        projects=_projects(person),
    )


def moves_in(reviews: Sequence[Review]) -> dict[int, Move]:
    """Whose move it is in each request, as the person reads it; one query."""
    person, now = asker(), clock.now()
    turns = turns_on([review.id for review in reviews], now)
    return {
        review.id: whose_move(review, turns[review.id], viewer=person, now=now)
        for review in reviews
    }


def _requests(person: Person, state: str, project_id: int | None, page: int) -> sa.Select[Review]:
    plain = lazyload(Person.skills)
    chosen = visible_reviews(person)
    if state == "open":
        chosen = chosen.where(is_open)
    elif state == "closed":
        chosen = chosen.where(~is_open)
    elif state == "mine":
        chosen = chosen.where(Review.author_id == person.id)
    if project_id is not None and 0 < project_id < 2**31:
        chosen = chosen.where(Review.project_id == project_id)
    return (
        chosen.order_by(Review.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
        .options(
            joinedload(Review.author).options(plain),
            joinedload(Review.project),
            selectinload(Review.closures).joinedload(Closure.by).options(plain),
        )
    )


def _projects(person: Person) -> list[Project]:
    return list(
        db.session.scalars(
            sa.select(Project)
            .where(Project.team_id.in_(team_ids_of(person)))
            .order_by(Project.name)
            .limit(100)
        )
    )
