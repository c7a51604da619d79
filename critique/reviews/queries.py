"""Questions about review requests that read only."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.models import Membership, Person, PersonSkill
from critique.plumbing.db import db
from critique.reviews.deadlines import outside_hours
from critique.reviews.models import Project, Review, Reviewer

# The column follows the closures (operations keep both in one transaction), so that the open
# requests of a team stay one short index however many have been closed.
is_open = Review.closed.is_(False)


def warnings_for(review: Review) -> list[tuple[Person, str]]:
    """Reviewers for whom the deadline lies outside their hours, each with a sentence about it."""
    if review.review_by is None:
        return []
    noted = [
        (row.person, outside_hours(row.person.name, row.person.working_hours, review.review_by))
        for row in review.reviewers
    ]
    return [(person, words) for person, words in noted if words is not None]


def projects_of(team_id: int) -> list[Project]:
    """Projects of a team by name."""
    return list(
        db.session.scalars(
            sa.select(Project).where(Project.team_id == team_id).order_by(Project.name)
        )
    )


def people_to_ask(team_id: int, author_id: int) -> list[tuple[Person, str]]:
    """Everybody of the team but the author, with their role; those who mentor come first."""
    rows = db.session.execute(
        sa.select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == team_id,
            Membership.ended_at.is_(None),
            Person.id != author_id,
        )
        .order_by(sa.case((Membership.role == "author", 1), else_=0), Person.name)
    )
    return [(person, role) for person, role in rows]


def skills_in(team_id: int) -> list[str]:
    """Skills that people of the team have, alphabetical, at most 50."""
    return list(
        db.session.scalars(
            sa.select(PersonSkill.skill)
            .join(Membership, Membership.person_id == PersonSkill.person_id)
            .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
            .distinct()
            .order_by(PersonSkill.skill)
            .limit(50)
        )
    )


def with_details(chosen: sa.Select[Review]) -> sa.Select[Review]:
    """The same choice with everything a list or page shows, in a constant number of queries."""
    return chosen.options(
        selectinload(Review.author),
        selectinload(Review.project),
        selectinload(Review.aims),
        selectinload(Review.links),
        selectinload(Review.skills),
        selectinload(Review.closures),
        selectinload(Review.reviewers).selectinload(Reviewer.person),
    )


def reviews_named(ids: Sequence[int]) -> dict[int, Review]:
    """Requests by id with their details. Scope the ids by access before asking."""
    chosen = with_details(sa.select(Review).where(Review.id.in_(ids)))
    return {review.id: review for review in db.session.scalars(chosen)}
