"""Loops and windows of a team, from its rows, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.comments.models import Comment, Verdict
from critique.events.models import Event
from critique.mentoring.loops import Loop, Window
from critique.plumbing.calendar import WorkingHours, working_minutes
from critique.plumbing.db import db
from critique.reviews.models import Closure, Review
from critique.walkthroughs.models import Walkthrough

LONGEST_UPLOAD = timedelta(days=7)


@dataclass(frozen=True)
class Posted:
    """One version as it was posted, and the first feedback of somebody else on it."""

    walkthrough_id: int
    review_id: int
    version: int
    author_id: int
    due: datetime | None
    at: datetime
    answered: datetime | None
    answered_by: int | None


def loops_of(team_id: int, start: datetime, end: datetime) -> list[Loop]:
    """The loops of versions posted in [start, end), by moment; removed versions do not count."""
    posted = _posted(team_id, start, end)
    closed = _closures({one.review_id for one in posted})
    hours = _hours({one.author_id for one in posted})
    return sorted(
        (
            _loop(one, later, closed.get(one.review_id, ()), hours[one.author_id])
            for one, later in _with_next(posted)
            if start <= one.at < end
        ),
        key=lambda loop: loop.posted,
    )


def windows_of(team_id: int, start: datetime, end: datetime) -> list[Window]:
    """The deadlines that passed in [start, end) with something posted before them, by moment."""
    chosen = sa.select(Review.id).where(
        Review.team_id == team_id, Review.review_by >= start, Review.review_by < end
    )
    seen: dict[int, list[Posted]] = {}
    for one in _versions(Walkthrough.review_id.in_(chosen)):
        if one.due is not None and one.at <= one.due:
            seen.setdefault(one.review_id, []).append(one)
    windows = []
    for review_id, versions in seen.items():
        due = versions[0].due
        answers = [one.answered for one in versions if one.answered is not None]
        assert due is not None
        windows.append(Window(review_id, due, min(answers, default=None)))
    return sorted(windows, key=lambda window: (window.due, window.review_id))


def _posted(team_id: int, start: datetime, end: datetime) -> list[Posted]:
    in_time = (
        sa.select(Walkthrough.review_id)
        .join(Review, Walkthrough.review_id == Review.id)
        .where(
            Review.team_id == team_id,
            Walkthrough.version.is_not(None),
            # A version is created when its upload begins, and an upload may rest for days.
            Walkthrough.created_at < end,
        )
        .group_by(Walkthrough.review_id)
        .having(sa.func.max(Walkthrough.created_at) >= start - LONGEST_UPLOAD)
    )
    return _versions(Walkthrough.review_id.in_(in_time))


def _versions(which: sa.ColumnElement[bool]) -> list[Posted]:
    rows = db.session.execute(
        sa.select(
            Walkthrough.id,
            Walkthrough.review_id,
            Walkthrough.version,
            Review.author_id,
            Review.review_by,
            sa.func.min(Event.at).label("at"),
        )
        .join(Review, Walkthrough.review_id == Review.id)
        .join(
            Event,
            (Event.review_id == Walkthrough.review_id)
            & (Event.subject == "walkthrough")
            & (Event.subject_id == Walkthrough.id)
            & (Event.verb == "walkthrough.posted"),
        )
        .where(which, Walkthrough.version.is_not(None), Walkthrough.removed_at.is_(None))
        .group_by(Walkthrough.id, Review.author_id, Review.review_by)
        .order_by(Walkthrough.review_id, Walkthrough.version)
    ).all()
    first = _first_feedback(which)
    return [
        Posted(
            row.id, row.review_id, row.version, row.author_id, row.review_by, row.at,
            *first.get(row.id, (None, None)),
        )
        for row in rows
    ]  # fmt: skip


def _first_feedback(which: sa.ColumnElement[bool]) -> dict[int, tuple[datetime, int]]:
    """By version: when somebody other than the author first commented or judged, and who."""
    of_others = (
        sa.select(Comment.walkthrough_id, Comment.created_at.label("at"), Comment.author_id)
        .join(Walkthrough, Comment.walkthrough_id == Walkthrough.id)
        .join(Review, Walkthrough.review_id == Review.id)
        .where(which, Comment.removed_at.is_(None), Comment.author_id != Review.author_id)
    )
    judged = (
        sa.select(Verdict.walkthrough_id, Verdict.at, Verdict.by_id.label("author_id"))
        .join(Walkthrough, Verdict.walkthrough_id == Walkthrough.id)
        .where(which)
    )
    found: dict[int, tuple[datetime, int]] = {}
    for statement in (of_others, judged):
        for walkthrough_id, at, person_id in db.session.execute(statement):
            if walkthrough_id not in found or at < found[walkthrough_id][0]:
                found[walkthrough_id] = (at, person_id)
    return found


def _closures(review_ids: Iterable[int]) -> dict[int, tuple[datetime, ...]]:
    found: dict[int, tuple[datetime, ...]] = {}
    rows = db.session.execute(
        sa.select(Closure.review_id, Closure.at)
        .where(Closure.review_id.in_(sorted(review_ids)))
        .order_by(Closure.at)
    )
    for review_id, at in rows:
        found[review_id] = (*found.get(review_id, ()), at)
    return found


def _hours(people: Iterable[int]) -> dict[int, WorkingHours]:
    chosen = sa.select(Person).where(Person.id.in_(sorted(people)))
    return {person.id: person.working_hours for person in db.session.scalars(chosen)}


def _with_next(posted: list[Posted]) -> Iterable[tuple[Posted, datetime | None]]:
    if not posted:
        return
    for one, later in pairwise(posted):
        yield one, later.at if later.review_id == one.review_id else None
    yield posted[-1], None


def _loop(
    one: Posted, next_at: datetime | None, closed: Iterable[datetime], hours: WorkingHours
) -> Loop:
    ends = [at for at in (next_at, *closed) if at is not None and at > one.at]
    ended = min(ends, default=None)
    return Loop(
        review_id=one.review_id,
        version=one.version,
        author_id=one.author_id,
        posted=one.at,
        answered=one.answered,
        answered_by=one.answered_by,
        ended=ended,
        answer_minutes=working_minutes(hours, one.at, one.answered) if one.answered else None,
        length_minutes=working_minutes(hours, one.at, ended) if ended else None,
    )
