"""Reading what the people of a meeting have in common, of what every one of them may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.models import Person
from critique.comments.models import Comment, Resolution
from critique.pairing.models import Meeting
from critique.pairing.week.questions import (
    Ground,
    Looked,
    OpenThread,
    Question,
    suggested_question,
)
from critique.plumbing.db import db
from critique.plumbing.markup import without_marks
from critique.plumbing.wording import named
from critique.reviews.access import visible_reviews
from critique.reviews.models import Project, Review
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Walkthrough

# What is longer ago is nothing that anybody would begin with.
REMEMBERED = timedelta(days=180)
MOST = 5
LONGEST_TITLE = 50
LONGEST_QUOTE = 60


def question_for(meeting: Meeting, now: datetime) -> Question:
    """The one question suggested for a meeting; the same for everybody at its table."""
    return suggested_question(ground_of(meeting, now), meeting.uid)


def ground_of(meeting: Meeting, now: datetime) -> Ground:
    """What those who come have in common; a session's own request comes before others.

    The closest ground alone is read: a week shows several meetings, and asks one question for each.
    """
    people = meeting.people
    since = now - REMEMBERED
    about = named(meeting.review.title, LONGEST_TITLE) if meeting.review else ""
    threads = _threads(people, meeting.review_id)
    if threads or about:
        return Ground(threads=threads, about=about)
    looked = _looked(people, since)
    if looked:
        return Ground(looked=looked)
    projects = _projects(people, since)
    if projects:
        return Ground(projects=projects)
    return Ground(skills=_skills(people), levels=[person.level for person in people])


def _seen_by_all(people: Sequence[Person]) -> sa.ColumnElement[bool]:
    """Whether everybody at the table may see a request."""
    return sa.and_(
        *(Review.id.in_(visible_reviews(p).with_only_columns(Review.id)) for p in people)
    )


def _remarks(people: Sequence[Person], review_id: int | None = None) -> sa.ColumnElement[bool]:
    """Whether a comment that stands is of one at the table, about the request of another.

    On the request of that id, anybody's is.
    """
    ids = [person.id for person in people]
    between = sa.and_(Review.author_id.in_(ids), Comment.author_id.in_(ids))
    return sa.and_(
        _seen_by_all(people),
        between if review_id is None else sa.or_(between, Review.id == review_id),
        Comment.author_id != Review.author_id,
        Comment.removed_at.is_(None),
    )


def _threads(people: Sequence[Person], review_id: int | None) -> list[OpenThread]:
    settled = sa.exists().where(
        Resolution.comment_id == Comment.id, Resolution.reopened_at.is_(None)
    )
    rows = db.session.execute(
        sa.select(Review.title, Person.name, Comment.body)
        .select_from(Comment)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .join(Review, Review.id == Walkthrough.review_id)
        .join(Person, Person.id == Comment.author_id)
        .where(
            _remarks(people, review_id),
            is_open,
            ~settled,
            Comment.kind != "praise",
            Comment.body != "",
        )
        .order_by(*_own_first(review_id), Comment.id.desc())
        .limit(MOST)
    )
    return [
        OpenThread(named(title, LONGEST_TITLE), named(by), _first_words(body))
        for title, by, body in rows
    ]


def _first_words(body: str) -> str:
    words = named(without_marks(body), LONGEST_QUOTE)
    if words.endswith("…") and " " in words:
        # Half a word at the end reads like a mistake of whoever wrote it.
        return f"{words.rsplit(' ', 1)[0].rstrip('?.!,;: ')}…"
    return words.rstrip("?.!,;: ")


def _looked(people: Sequence[Person], since: datetime) -> list[Looked]:
    author, reviewer = aliased(Person), aliased(Person)
    rows = db.session.execute(
        sa.select(Review.title, author.name, reviewer.name)
        .select_from(Comment)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .join(Review, Review.id == Walkthrough.review_id)
        .join(author, author.id == Review.author_id)
        .join(reviewer, reviewer.id == Comment.author_id)
        .where(_remarks(people), Comment.created_at > since)
        .order_by(Comment.id.desc())
        .limit(MOST)
    )
    return [Looked(named(title, LONGEST_TITLE), named(by), named(of)) for title, by, of in rows]


def _own_first(review_id: int | None) -> list[sa.ColumnElement[int]]:
    return [] if review_id is None else [sa.case((Review.id == review_id, 0), else_=1)]


def _projects(people: Sequence[Person], since: datetime) -> list[str]:
    """Projects in which each of them posted or commented, by name."""
    ids = [person.id for person in people]
    posted = sa.select(Review.author_id, Project.name).where(
        Review.author_id.in_(ids), Review.created_at > since
    )
    commented = (
        sa.select(Comment.author_id, Project.name)
        .select_from(Comment)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .join(Review, Review.id == Walkthrough.review_id)
        .where(Comment.author_id.in_(ids), Comment.created_at > since, Comment.removed_at.is_(None))
    )
    found: dict[str, set[int]] = defaultdict(set)
    for chosen in (posted, commented):
        rows = chosen.join(Project, Project.id == Review.project_id).where(_seen_by_all(people))
        for person_id, name in db.session.execute(rows.distinct()):
            found[named(name, LONGEST_TITLE)].add(person_id)
    return sorted(name for name, who in found.items() if len(who) == len(ids))


def _skills(people: Sequence[Person]) -> list[str]:
    shared = set.intersection(*(set(person.skill_names) for person in people)) if people else set()
    return sorted(named(skill) for skill in shared)
