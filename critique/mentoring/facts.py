"""What the rules of turns need to know of one request, read anew: a dozen queries at any size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

import sqlalchemy as sa

from critique.accounts.access import LEADING_ROLES
from critique.accounts.models import Membership
from critique.comments.naming import open_calls
from critique.events.models import Event
from critique.mentoring.models import Claim, Turn
from critique.mentoring.moves import TAKES_ON, Call, Facts, Given, Held, Lease
from critique.mentoring.thread_facts import (
    commented_in,
    confirmed_in,
    newest_of,
    notes_in,
    verdicts_in,
)
from critique.plumbing.db import db
from critique.reviews.models import Closure, Review, Reviewer
from critique.walkthroughs.models import Upload, Walkthrough

# By these an author goes on after a request was reopened.
GOING_ON = (
    "review.edited", "review.extended", "walkthrough.posted", "walkthrough.removed",
    "reply.added", "comment.added", "comment.resolved", "comment.reopened",
)  # fmt: skip
_SEEN_STATES = ("processing", "ready")


def facts_of(
    review_id: int, now: datetime, *, falls: bool = False, stirred: bool = False
) -> Facts | None:
    """What is so in a request at `now` (UTC); None when there is no such request (any more)."""
    review = db.session.execute(
        sa.select(Review.author_id, Review.team_id, Review.closed).where(Review.id == review_id)
    ).one_or_none()
    if review is None:
        return None
    turns = _turns(review_id)
    known = Facts(now, review.author_id, is_open=not review.closed, held=_held(turns))
    if review.closed:
        return known
    roles = _roles(review.team_id)
    return replace(
        known,
        members=roles.keys(),
        stand_in_id=next((one for one in roles if roles[one] in LEADING_ROLES), None),
        calls=[Call(*one) for one in open_calls(review_id)],
        notes=notes_in(review_id, review.author_id),
        passed=_newest_end(turns, "handed_over"),
        falls=falls,
        stirred=stirred,
        **_versions(review_id),
        **_takers(review_id, turns, now),
        **_acts(review_id, turns),
        **_reopening(review_id, review.author_id),
    )


class _Takers(TypedDict):
    """Of `Facts`: who took the request on, or was asked to."""

    asked: dict[int, datetime]
    lease: Lease | None
    took_on: set[int]


def _takers(review_id: int, turns: Sequence[Turn], now: datetime) -> _Takers:
    asked = _asked(review_id)
    claim = db.session.execute(
        sa.select(Claim.person_id, Claim.claimed_at, Claim.until).where(
            Claim.review_id == review_id
        )
    ).one_or_none()
    took_on = {*asked, *(turn.person_id for turn in turns if turn.reason in TAKES_ON)}
    if claim is None:
        return {"asked": asked, "lease": None, "took_on": took_on}
    lease = Lease(claim.person_id, claim.claimed_at, claim.until)
    return {
        "asked": asked,
        "lease": lease if lease.until > now else None,
        "took_on": took_on | {lease.person_id},
    }


class _Acts(TypedDict):
    """Of `Facts`: what people said and did."""

    verdicts: dict[int, Given]
    spoke: dict[int, datetime]
    acted: dict[int, datetime]
    aside: dict[int, datetime]


def _acts(review_id: int, turns: Sequence[Turn]) -> _Acts:
    verdicts = verdicts_in(review_id)
    spoke = newest_of(commented_in(review_id), {who: one.at for who, one in verdicts.items()})
    aside = _newest_end(turns, "done")
    return {
        "verdicts": verdicts,
        "spoke": spoke,
        "acted": newest_of(spoke, confirmed_in(review_id), aside),
        "aside": aside,
    }


class _Reopening(TypedDict):
    """Of `Facts`: whether it was reopened, and the author has gone on since."""

    reopened_at: datetime | None
    gone_on: bool


def _reopening(review_id: int, author_id: int) -> _Reopening:
    at = db.session.scalar(
        sa.select(sa.func.max(Closure.reopened_at)).where(Closure.review_id == review_id)
    )
    return {
        "reopened_at": at,
        "gone_on": at is not None and _gone_on(review_id, author_id, at),
    }


def _roles(team_id: int) -> dict[int, str]:
    """The people of a team now, who belong to it longest first."""
    rows = db.session.execute(
        sa.select(Membership.person_id, Membership.role)
        .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
        .order_by(Membership.joined_at, Membership.id)
    )
    return {row.person_id: row.role for row in rows}


def _turns(review_id: int) -> Sequence[Turn]:
    chosen = sa.select(Turn).where(Turn.review_id == review_id).order_by(Turn.id)
    return db.session.scalars(chosen.execution_options(populate_existing=True)).all()


def _held(turns: Iterable[Turn]) -> list[Held]:
    return [
        Held(row.person_id, row.reason, row.since, row.by_id, row.comment_id, row.until)
        for row in turns
        if row.ended_at is None
    ]


def _newest_end(turns: Iterable[Turn], how: str) -> dict[int, datetime]:
    ended = [row for row in turns if row.ended_how == how]
    return {row.person_id: row.ended_at for row in ended if row.ended_at is not None}


class _Versions(TypedDict):
    """Of `Facts`: what there is to look at."""

    posted_at: datetime | None
    broken: bool


def _versions(review_id: int) -> _Versions:
    arrived = (
        sa.select(sa.func.min(Upload.finished_at))
        .where(Upload.walkthrough_id == Walkthrough.id)
        .correlate(Walkthrough)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Walkthrough.state, arrived.label("arrived"), Walkthrough.created_at)
        .where(
            Walkthrough.review_id == review_id,
            Walkthrough.version.is_not(None),
            Walkthrough.removed_at.is_(None),
            Walkthrough.state != "uploading",
        )
        .order_by(Walkthrough.version.desc())
    ).all()
    seen = next((row for row in rows if row.state in _SEEN_STATES), None)
    return {
        "posted_at": (seen.arrived or seen.created_at) if seen else None,
        "broken": bool(rows) and rows[0].state not in _SEEN_STATES,
    }


def _asked(review_id: int) -> dict[int, datetime]:
    rows = db.session.execute(
        sa.select(Reviewer.person_id, Reviewer.asked_at).where(Reviewer.review_id == review_id)
    )
    return {row.person_id: row.asked_at for row in rows}


def _gone_on(review_id: int, author_id: int, since: datetime) -> bool:
    did = sa.exists().where(
        Event.review_id == review_id,
        Event.actor_id == author_id,
        Event.at > since,
        Event.verb.in_(GOING_ON),
    )
    return bool(db.session.scalar(sa.select(did)))
