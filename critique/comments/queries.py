"""Threads as pages read them, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, subqueryload
from sqlalchemy.orm.interfaces import LoaderOption

from critique.accounts.models import Person
from critique.comments.models import Comment, Mention, Placement, Reaction, Reply, Resolution
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.errors import NotFound
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Transcript, Walkthrough

# Events about anything else (claims, steps) change no thread, so nobody need fetch them anew.
# A verdict changes none either, but stands in the head of the same page.
THREAD_SUBJECTS = ("comment", "reply", "recording", "review", "placement", "verdict")
# Ids beyond what a database integer holds cannot exist, and would be an error to ask for.
LARGEST_ID = 2**31 - 1


def threads_of(walkthrough_id: int) -> list[Comment]:
    """The threads that readers see, by start, then by id.

    Authors, replies, resolutions, reactions, mentions and aims come along: five queries, however
    many threads, and one more where a reply was recorded.
    """
    chosen = (
        sa.select(Comment)
        .where(Comment.walkthrough_id == walkthrough_id)
        .where(Comment.removed_at.is_(None) | _is_answered())
        .order_by(Comment.start_ms, Comment.id)
        .options(*_whole_threads())
    )
    return list(db.session.scalars(chosen))


def _is_answered() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(Reply.comment_id == Comment.id, Reply.removed_at.is_(None))
        .correlate(Comment)
    )


def _whole_threads() -> list[LoaderOption]:
    # subqueryload keeps one query at any size, where selectinload would send one for each 500.
    return [
        joinedload(Comment.author).options(lazyload(Person.skills)),
        joinedload(Comment.removed_by).options(lazyload(Person.skills)),
        joinedload(Comment.aim),
        subqueryload(Comment.replies).options(
            joinedload(Reply.author).options(lazyload(Person.skills)),
            joinedload(Reply.removed_by).options(lazyload(Person.skills)),
            joinedload(Reply.recording).selectinload(Walkthrough.steps),
        ),
        subqueryload(Comment.resolutions).options(
            joinedload(Resolution.by).options(lazyload(Person.skills)),
            joinedload(Resolution.confirmed_by).options(lazyload(Person.skills)),
        ),
        subqueryload(Comment.reactions).options(
            joinedload(Reaction.person).options(lazyload(Person.skills))
        ),
        subqueryload(Comment.mentions).options(
            joinedload(Mention.person).options(lazyload(Person.skills))
        ),
    ]


def newest_change(review_id: int) -> int:
    """Id of the newest event that changed a thread of the request (or the request); 0 for none.

    Read it before the threads: what happens in between is then fetched once more, never missed.
    """
    return db.session.scalar(_newest_event().where(Event.review_id == review_id)) or 0


def newest_change_for(person: Person, walkthrough_id: int) -> int:
    """`newest_change` of a walkthrough's request in the one query that also asks who may see it.

    Raises NotFound for strangers.
    """
    newest = _newest_event().where(Event.review_id == Walkthrough.review_id)
    found = db.session.execute(
        sa.select(Walkthrough.id, newest.correlate(Walkthrough).scalar_subquery()).where(
            Walkthrough.id == min(walkthrough_id, LARGEST_ID),
            Walkthrough.version.is_not(None),
            Walkthrough.review_id.in_(visible_reviews(person).with_only_columns(Review.id)),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[1] or 0


def _newest_event() -> sa.Select[int]:
    return (
        sa.select(Event.id)
        .where(Event.subject.in_(THREAD_SUBJECTS))
        .order_by(Event.id.desc())
        .limit(1)
    )


def open_counts(review_ids: Sequence[int]) -> dict[int, int]:
    """How many comments of each request stand unresolved; requests without any are left out."""
    if not review_ids:
        return {}
    resolved = (
        sa.exists()
        .where(Resolution.comment_id == Comment.id, Resolution.reopened_at.is_(None))
        .correlate(Comment)
    )
    rows = db.session.execute(
        sa.select(Walkthrough.review_id, sa.func.count())
        .join(Comment, Comment.walkthrough_id == Walkthrough.id)
        .where(
            Walkthrough.review_id.in_(review_ids),
            Comment.removed_at.is_(None),
            Comment.kind != "praise",
            ~resolved,
        )
        .group_by(Walkthrough.review_id)
    )
    return {review_id: count for review_id, count in rows}  # noqa: C416 - rows are not tuples


def placements_in(walkthrough_id: int) -> list[Placement]:
    """Where standing comments of earlier versions lie in this one, by time, removed ones last."""
    return list(
        db.session.scalars(
            sa.select(Placement)
            .join(Placement.comment)
            .where(Placement.walkthrough_id == walkthrough_id, Comment.removed_at.is_(None))
            .order_by(Placement.start_ms.is_(None), Placement.start_ms, Placement.comment_id)
        )
    )


def comments_since(review_id: int, since: datetime) -> list[Comment]:
    """Comments written after `since` (UTC) that still stand, oldest first, with their authors."""
    return list(
        db.session.scalars(
            sa.select(Comment)
            .join(Comment.walkthrough)
            .where(
                Walkthrough.review_id == review_id,
                Comment.created_at > since,
                Comment.removed_at.is_(None),
            )
            .order_by(Comment.created_at, Comment.id)
            .options(joinedload(Comment.author).options(lazyload(Person.skills)))
        )
    )


def transcript_by_id(walkthrough_id: int, transcript_id: int) -> Transcript | None:
    """One transcript of a walkthrough, perhaps an older one that a page was still showing."""
    return db.session.scalar(
        sa.select(Transcript).where(
            Transcript.walkthrough_id == walkthrough_id, Transcript.id == transcript_id
        )
    )


def comment_posted_once(author_id: int, once: str) -> Comment | None:
    """What the author has posted already with this token of a page."""
    return db.session.scalar(
        sa.select(Comment).where(Comment.author_id == author_id, Comment.once == once)
    )


def reply_posted_once(author_id: int, once: str) -> Reply | None:
    """What the author has answered already with this token of a page."""
    return db.session.scalar(
        sa.select(Reply).where(Reply.author_id == author_id, Reply.once == once)
    )


def lengths_of(review_id: int) -> tuple[tuple[int, int], ...]:
    """Number and length (ms) of each standing version of a request that has a clock."""
    rows = db.session.execute(
        sa.select(Walkthrough.version, Walkthrough.duration_ms)
        .where(
            Walkthrough.review_id == review_id,
            Walkthrough.version.is_not(None),
            Walkthrough.duration_ms.is_not(None),
            Walkthrough.removed_at.is_(None),
        )
        .order_by(Walkthrough.version)
    )
    return tuple((row.version, row.duration_ms) for row in rows)


def answered_aims(review_id: int) -> set[int]:
    """Ids of the request's aims that a standing comment points at, on whichever version."""
    chosen = (
        sa.select(Comment.aim_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(
            Walkthrough.review_id == review_id,
            Comment.aim_id.is_not(None),
            Comment.removed_at.is_(None),
        )
        .distinct()
    )
    return {aim_id for aim_id in db.session.scalars(chosen) if aim_id is not None}
