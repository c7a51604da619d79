"""What became of a person's own requests: comments since, what is resolved, what stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from critique.accounts.models import Person
from critique.comments.ledger import Awaited, awaited_from
from critique.comments.models import Comment, Resolution
from critique.comments.operations.waiting import ASKING_BACK
from critique.comments.standing import Judged, on_version, verdicts_of
from critique.events.models import Event
from critique.mentoring.reasons import listed
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.deadlines import TimeLeft, time_left
from critique.reviews.models import Review, Reviewer
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Step, Walkthrough

MOST_SHOWN = 50


@dataclass(frozen=True)
class Tally:
    """Comments of others that want an answer: all, answered, and since the author last acted.

    Of the answered, `asked_back` wait for words of who wrote the comment, `unconfirmed` for a yes.
    """

    comments: int = 0
    resolved: int = 0
    fresh: int = 0
    since: datetime | None = None
    asked_back: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True)
class Work:
    """One of a person's own open requests and what happened to it.

    `newest` is its newest version; `stopped` names steps that failed; `left` is the deadline for
    the author; `verdicts` are the newest of each reviewer on that version.
    """

    review: Review
    newest: Walkthrough | None
    stopped: tuple[str, ...]
    tally: Tally
    left: TimeLeft | None
    verdicts: tuple[Judged, ...] = ()

    @property
    def move(self) -> str | None:
        """Why it is the author's move; None while others are at it."""
        if self.newest is None:
            return "Nothing to look at yet: add the walkthrough."
        if self.newest.state == "failed":
            why = self.newest.reason or "The room says why."
            return f"Version {self.newest.version} cannot be played. {why}"
        waiting = self.tally.comments - self.tally.resolved
        again = self._again
        if waiting:
            first = f"{again}. " if again else ""
            return f"{first}{_counted(waiting, 'comment')} to answer{self._fresh}."
        return f"{again}: post the next version, or find a time." if again else None

    @property
    def news(self) -> str:
        """What happened to it, in one line."""
        if self.verdicts:
            names = [one.by for one in self.verdicts]
            return f"Looks good, {'says' if len(names) == 1 else 'say'} {listed(names)}."
        if self.tally.comments:
            back, yes = self.tally.asked_back, self.tally.unconfirmed
            parts = [f"{_counted(self.tally.comments - back, 'comment')} resolved, none open."]
            if back:
                parts.append(f"{_counted(back, 'question')} back to reviewers.")
            if yes:
                parts.append(f"{_counted(yes, 'answer')} to be confirmed.")
            return " ".join(parts if back or yes else [*parts, "Close it when you are done."])
        asked = listed([row.person.name for row in self.review.reviewers])
        return f"Waiting for {asked}." if asked else "Stands in the queue of everyone who mentors."

    @property
    def trouble(self) -> str | None:
        """Which steps stopped, if any."""
        if not self.stopped or self.newest is None or self.newest.state == "failed":
            return None
        return f"Stopped: {listed(list(self.stopped))}. The room says why and can start it again."

    @property
    def _again(self) -> str | None:
        """Who wants another round, or to talk; None while nobody does."""
        said = [
            (listed([one.by for one in self.verdicts if one.verdict == verdict]), words)
            for verdict, words in (
                ("another_round", "asked for another round"),
                ("lets_talk", "would like to talk"),
            )
        ]
        return ", ".join(f"{names} {words}" for names, words in said if names) or None

    @property
    def _fresh(self) -> str:
        fresh = self.tally.fresh
        resolved = f", {self.tally.resolved} of {self.tally.comments} resolved"
        return (f", {fresh} new" if fresh else "") + (resolved if self.tally.resolved else "")


@dataclass(frozen=True)
class Confirming:
    """A request in which answers wait for the yes of who wrote the comments, or for words."""

    review: Review
    awaited: Awaited
    left: TimeLeft | None

    @property
    def why(self) -> str:
        """What waits, in one sentence."""
        parts = []
        if self.awaited.to_confirm:
            parts.append(f"{_counted(self.awaited.to_confirm, 'answer')} to confirm")
        if self.awaited.to_answer:
            parts.append(f"{_counted(self.awaited.to_answer, 'question')} back to you")
        return f"{', '.join(parts)}."


def work_of(person: Person, now: datetime) -> list[Work]:
    """The person's open requests by deadline, in a constant number of queries."""
    plain = lazyload(Person.skills)
    chosen = (
        visible_reviews(person)
        .where(Review.author_id == person.id, is_open)
        .order_by(Review.review_by.is_(None), Review.review_by, Review.id)
        .limit(MOST_SHOWN)
        .options(
            joinedload(Review.project),
            selectinload(Review.reviewers).joinedload(Reviewer.person).options(plain),
        )
    )
    reviews = db.session.scalars(chosen).all()
    ids = [review.id for review in reviews]
    newest = _newest_versions(ids)
    stopped = _stopped_steps([walkthrough.id for walkthrough in newest.values()])
    tallies = _tallies(person, ids)
    verdicts = verdicts_of(ids)
    hours = person.working_hours
    return [
        Work(
            review,
            walkthrough := newest.get(review.id),
            tuple(stopped.get(walkthrough.id, ())) if walkthrough else (),
            tallies.get(review.id, Tally()),
            time_left(review.review_by, hours, now) if review.review_by else None,
            tuple(
                on_version(
                    (one for one in verdicts if one.review_id == review.id),
                    walkthrough.version if walkthrough else None,
                )
            ),
        )
        for review in reviews
    ]


def _newest_versions(ids: Sequence[int]) -> dict[int, Walkthrough]:
    chosen = (
        sa.select(Walkthrough)
        .where(
            Walkthrough.review_id.in_(ids),
            Walkthrough.version.is_not(None),
            Walkthrough.removed_at.is_(None),
        )
        .order_by(Walkthrough.review_id, Walkthrough.version)
    )
    return {walkthrough.review_id: walkthrough for walkthrough in db.session.scalars(chosen)}


def _stopped_steps(walkthrough_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        sa.select(Step.walkthrough_id, Step.name)
        .where(Step.walkthrough_id.in_(walkthrough_ids), Step.state == "failed")
        .order_by(Step.position)
    )
    stopped: dict[int, list[str]] = {}
    for row in rows:
        stopped.setdefault(row.walkthrough_id, []).append(row.name)
    return stopped


def _tallies(person: Person, ids: Sequence[int]) -> dict[int, Tally]:
    acted = (
        sa.select(Event.review_id, sa.func.max(Event.at).label("at"))
        .where(Event.review_id.in_(ids), Event.actor_id == person.id)
        .group_by(Event.review_id)
        .subquery()
    )
    in_force = (Resolution.comment_id == Comment.id) & Resolution.reopened_at.is_(None)
    asks = Resolution.how.in_(ASKING_BACK)
    waits = Resolution.id.is_not(None) & Resolution.confirmed_at.is_(None) & sa.not_(asks)
    rows = db.session.execute(
        sa.select(
            Walkthrough.review_id,
            sa.func.count(Comment.id).label("comments"),
            sa.func.count(Resolution.id).label("resolved"),
            sa.func.sum(sa.case((Comment.created_at > acted.c.at, 1), else_=0)).label("fresh"),
            sa.func.max(acted.c.at).label("since"),
            sa.func.sum(sa.case((asks, 1), else_=0)).label("asked_back"),
            sa.func.sum(sa.case((waits, 1), else_=0)).label("unconfirmed"),
        )
        .join(Comment, Comment.walkthrough_id == Walkthrough.id)
        .join(Resolution, in_force, isouter=True)
        .join(acted, acted.c.review_id == Walkthrough.review_id, isouter=True)
        .where(
            Walkthrough.review_id.in_(ids),
            Comment.removed_at.is_(None),
            Comment.author_id != person.id,
            Comment.kind != "praise",
        )
        .group_by(Walkthrough.review_id)
    )
    return {
        row.review_id: Tally(
            int(row.comments), int(row.resolved), int(row.fresh), row.since,
            int(row.asked_back), int(row.unconfirmed),
        )
        for row in rows
    }  # fmt: skip


def confirming_of(person: Person, now: datetime) -> list[Confirming]:
    """The open requests in which somebody's answers wait for the person, by deadline."""
    awaited = {one.review_id: one for one in awaited_from(person)}
    if not awaited:
        return []
    reviews = db.session.scalars(
        sa.select(Review)
        .where(Review.id.in_(sorted(awaited)))
        .order_by(Review.review_by.is_(None), Review.review_by, Review.id)
        .limit(MOST_SHOWN)
        .options(
            joinedload(Review.project),
            joinedload(Review.author).options(lazyload(Person.skills)),
        )
    )
    hours = person.working_hours
    return [
        Confirming(
            review,
            awaited[review.id],
            time_left(review.review_by, hours, now) if review.review_by else None,
        )
        for review in reviews
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
