"""Writing turns down: what the rules say has changed, one event for each change.

Whoever calls this has recorded an event (or holds the log): that lock is the one order in which
turns are written, so of two things at once the second sees what the first one did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from critique.events.record import record_event
from critique.mentoring.facts import facts_of
from critique.mentoring.models import Turn
from critique.mentoring.moves import Due, Facts, Held
from critique.mentoring.rules import changes_in, is_in_passing
from critique.plumbing.db import db
from critique.reviews.models import Review


def keep_turns(
    review_id: int,
    now: datetime,
    *,
    by_id: int | None,
    how: str | None = None,
    falls: bool = False,
    stirred: bool = False,
) -> None:
    """Make the turns of a request say whose move it is at `now` (UTC); nothing new, nothing done.

    `by_id` is who acted, None for the clock; `how` names the end of a turn of theirs where it is
    not the usual one. With `falls` an empty set falls to the author; `stirred` is as in `Facts`.
    """
    facts = facts_of(review_id, now, falls=falls, stirred=stirred)
    if facts is None:
        return
    changes = changes_in(facts)
    if not (changes.begun or changes.altered or changes.ended):
        return
    rows = {row.person_id: row for row in turns_written(review_id)}
    for held in changes.ended:
        end_turn(rows[held.person_id], facts.now, _ending(held, facts, by_id, how), by_id=by_id)
    for due in changes.altered:
        passing = is_in_passing(due.person_id, facts)
        take_turn(rows[due.person_id], due, by_id=by_id, in_passing=passing)
    for due in changes.begun:
        passing = is_in_passing(due.person_id, facts)
        begin_turn(review_id, due, now, by_id=by_id, in_passing=passing)


def turns_written(review_id: int) -> list[Turn]:
    """The turns of a request that no row ends, also those the clock did, read anew."""
    chosen = sa.select(Turn).where(Turn.review_id == review_id, Turn.ended_at.is_(None))
    return list(db.session.scalars(chosen.execution_options(populate_existing=True)))


def begin_turn(
    review_id: int, due: Due, now: datetime, *, by_id: int | None, in_passing: bool = False
) -> Turn:
    """Give somebody a turn who has none in this request."""
    turn = Turn(
        review_id=review_id,
        person_id=due.person_id,
        reason=due.reason,
        since=now,
        by_id=_cause(due, by_id),
        comment_id=due.comment_id,
        until=due.until,
        in_passing=in_passing,
    )
    db.session.add(turn)
    db.session.flush()
    _record("turn.given", turn, by_id)
    return turn


def end_turn(turn: Turn, now: datetime, how: str, *, by_id: int | None) -> None:
    """End a turn; one that the clock ended, at its own moment."""
    lapsed = how == "lapsed" and turn.until is not None
    turn.ended_at = turn.until if lapsed else now
    turn.ended_how = how
    db.session.flush()
    _record("turn.ended", turn, by_id, how=how)


def prolong_turn(review_id: int, person_id: int, now: datetime, until: datetime) -> None:
    """Let the turn of a claim last as long as the claim, which its holder has just prolonged."""
    db.session.execute(
        sa.update(Turn)
        .where(
            Turn.review_id == review_id,
            Turn.person_id == person_id,
            Turn.reason == "claimed",
            Turn.ended_at.is_(None),
            Turn.until > now,
        )
        .values(until=until)
    )


def take_turn(turn: Turn, due: Due, *, by_id: int | None, in_passing: bool = False) -> None:
    """Let a turn say another reason; `since` stays."""
    told = (turn.reason, turn.comment_id)
    turn.reason, turn.comment_id, turn.until = due.reason, due.comment_id, due.until
    turn.in_passing = in_passing
    if told == (due.reason, due.comment_id):
        # Only the claim was prolonged.
        db.session.flush()
        return
    turn.by_id = _cause(due, by_id)
    db.session.flush()
    _record("turn.changed", turn, by_id)


def _cause(due: Due, by_id: int | None) -> int | None:
    if due.reason == "fell_back":
        return None
    return by_id if due.by_id is None else due.by_id


def _ending(held: Held, facts: Facts, by_id: int | None, how: str | None) -> str:
    if held.until is not None and held.until <= facts.now:
        return "lapsed"
    if not facts.is_open:
        return "withdrawn"
    if held.person_id not in facts.members:
        return "left"
    if held.person_id == by_id:
        return how or "answered"
    return "lifted"


def _record(verb: str, turn: Turn, by_id: int | None, **more: str) -> None:
    team_id = db.session.scalar(sa.select(Review.team_id).where(Review.id == turn.review_id))
    details: Mapping[str, int | str | None] = {
        "person_id": turn.person_id,
        "reason": turn.reason,
        "comment_id": turn.comment_id,
        **more,
    }
    record_event(
        verb,
        by_id=by_id,
        subject="turn",
        subject_id=turn.id,
        team_id=team_id,
        review_id=turn.review_id,
        details=details,
    )
