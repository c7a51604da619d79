"""What became of a person's own requests: comments since, what is resolved, what stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from critique.accounts.models import Person
from critique.comments.models import Comment, Resolution
from critique.comments.operations.waiting import ASKING_BACK
from critique.comments.standing import Judged, on_version, verdicts_of
from critique.events.models import Event
from critique.mentoring.models import Turn
from critique.mentoring.moves import ANSWERED
from critique.mentoring.turns import turns_on
from critique.mentoring.words import Move, as_sentence, listed, whose_move
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.deadlines import TimeLeft, time_left
from critique.reviews.models import Review, Reviewer
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Step, Walkthrough

MOST_SHOWN = 50
# For a yes or for words of who wrote a comment.
OWED = ("asked", "to_confirm")


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
    the author; `whose` says whose move it is, `turn` is the author's own; `verdicts` are the newest
    of each reviewer on that version.
    """

    review: Review
    newest: Walkthrough | None
    stopped: tuple[str, ...]
    tally: Tally
    left: TimeLeft | None
    whose: Move
    turn: Turn | None = None
    verdicts: tuple[Judged, ...] = ()

    @property
    def move(self) -> str | None:
        """Why it is the author's move; None while others are at it."""
        if self.turn is None:
            return None
        return self._to_show or self._to_answer or self._to_go_on(self.turn)

    @property
    def _to_show(self) -> str | None:
        """What keeps others from looking at it."""
        if self.newest is None:
            return "Nothing to look at yet: add the walkthrough."
        if self.newest.state == "failed":
            why = self.newest.reason or "The room says why."
            return f"Version {self.newest.version} cannot be played. {why}"
        return None

    @property
    def _to_answer(self) -> str | None:
        """What reviewers said that waits for the author."""
        again = self._again
        waiting = self.tally.comments - self.tally.resolved
        if waiting and self.turn and self.turn.reason in (*ANSWERED, *OWED, "remarked"):
            first = f"{again}. " if again else ""
            return f"{first}{_counted(waiting, 'comment')} to answer{self._fresh}."
        return f"{again}: post the next version, or find a time." if again else None

    def _to_go_on(self, turn: Turn) -> str:
        if turn.reason == "approved" and self.verdicts:
            names = [one.by for one in self.verdicts]
            good = f"Looks good, {'says' if len(names) == 1 else 'say'} {listed(names)}."
            return f"{good} Close it, or post the next version."
        if turn.reason in OWED:
            # How much that is stands beside it already.
            return ""
        steps = (as_sentence(self.whose.why), as_sentence(self.whose.next_step))
        return " ".join(filter(None, steps))

    @property
    def news(self) -> str:
        """Whose move it is, and what happened to it, in one line."""
        said = as_sentence(self.whose.sentence)
        if not self.tally.resolved:
            return said
        back, yes = self.tally.asked_back, self.tally.unconfirmed
        parts = [f"{_counted(self.tally.comments - back, 'comment')} resolved, none open."]
        if self.tally.comments > self.tally.resolved:
            parts = [
                f"{self.tally.resolved} of {_counted(self.tally.comments, 'comment')} resolved."
            ]
        if back:
            parts.append(f"{_counted(back, 'question')} back to reviewers.")
        if yes:
            parts.append(f"{_counted(yes, 'answer')} to be confirmed.")
        return " ".join([said, *parts])

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
    tallies, turns = _tallies(person, ids), turns_on(ids, now)
    verdicts = verdicts_of(ids)
    hours = person.working_hours
    return [
        Work(
            review,
            walkthrough := newest.get(review.id),
            tuple(stopped.get(walkthrough.id, ())) if walkthrough else (),
            tallies.get(review.id, Tally()),
            time_left(review.review_by, hours, now) if review.review_by else None,
            whose_move(review, turns[review.id], viewer=person, now=now),
            next((turn for turn in turns[review.id] if turn.person_id == person.id), None),
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


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
