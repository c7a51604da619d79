"""Reading wishes: who is not drawn for whom, and who has not been heard of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from critique.accounts.models import Membership, Person
from critique.events.models import Event
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.pool import Pair, pair_of
from critique.pairing.wishes.models import Apart, Silence
from critique.plumbing.db import db

# After so many rounds in a row without a sign somebody is not drawn any more.
SILENT_ROUNDS = 3
# Rounds further back say nothing about now.
LOOKED_BACK = 30


def apart_from(person: Person) -> list[Apart]:
    """Whom the person does not want to meet, by name; for nobody's eyes but theirs."""
    return list(
        db.session.scalars(
            sa.select(Apart)
            .join(Apart.other)
            .where(Apart.person_id == person.id)
            .order_by(sa.func.lower(Person.name), Person.id)
        )
    )


def forbidden_among(person_ids: Collection[int]) -> frozenset[Pair]:
    """The pairs of these people who are not to be drawn for each other, whatever the reason."""
    return lines_among(person_ids) | apart_among(person_ids)


def lines_among(person_ids: Collection[int]) -> frozenset[Pair]:
    """The pairs of whom one reports to the other, in any team."""
    rows = db.session.execute(
        sa.select(Membership.person_id, Membership.reports_to_id).where(
            Membership.reports_to_id.is_not(None), Membership.ended_at.is_(None)
        )
    )
    return _among(person_ids, ((person_id, boss_id) for person_id, boss_id in rows if boss_id))


def apart_among(person_ids: Collection[int]) -> frozenset[Pair]:
    """The pairs of whom one does not want to meet the other; never to be said to anybody."""
    rows = db.session.execute(sa.select(Apart.person_id, Apart.other_id))
    return _among(person_ids, ((one, other) for one, other in rows))


def apart_of(person_id: int) -> set[int]:
    """Whom one person does not want to meet, and who does not want to meet them; never to be said.

    For those who are put together by Critique; `apart_from` is what the person may read.
    """
    rows = db.session.execute(
        sa.select(Apart.person_id, Apart.other_id).where(
            sa.or_(Apart.person_id == person_id, Apart.other_id == person_id)
        )
    )
    return {other if one == person_id else one for one, other in rows}


def _among(person_ids: Collection[int], pairs: Iterable[Pair]) -> frozenset[Pair]:
    here = frozenset(person_ids)
    return frozenset(pair_of(a, b) for a, b in pairs if a in here and b in here)


def silence_of(person: Person) -> Silence | None:
    """The silence in force for which the person is not drawn."""
    return db.session.scalar(
        sa.select(Silence).where(Silence.person_id == person.id, Silence.ended_at.is_(None))
    )


def silences_of(round_id: int) -> list[Silence]:
    """Who was not drawn in that round because nothing was heard of them, and still is not."""
    return list(
        db.session.scalars(
            sa.select(Silence)
            .where(Silence.round_id == round_id, Silence.ended_at.is_(None))
            .order_by(Silence.person_id)
        )
    )


def is_silent() -> sa.ColumnElement[bool]:
    """Whether a person (of an outer query) is out because of silence."""
    return sa.exists().where(Silence.person_id == Person.id, Silence.ended_at.is_(None))


def fallen_silent(person_ids: Collection[int], now: datetime) -> set[int]:
    """Who of these people gave no sign in the last three rounds that booked something for them.

    A sign is an answer to the invitation or to "did it happen?", a seat given up, somebody at the
    table saying that it happened, or anything done in Critique since the round was drawn, unless
    somebody at the table said that it did not happen. Rounds before a silence that was ended do not
    count again.
    """
    quiet = {
        person_id: seats
        for person_id, seats in _last_seats(person_ids, now).items()
        if len(seats) == SILENT_ROUNDS and not any(seat.answered for seat in seats)
    }
    heard = _last_heard(quiet, min((s[-1].drawn_at for s in quiet.values()), default=now))
    return {
        person_id
        for person_id, seats in quiet.items()
        if all(
            seat.missed or heard.get(person_id, seat.drawn_at) <= seat.drawn_at for seat in seats
        )
    }


@dataclass(frozen=True)
class _Seat:
    """One seat of a meeting that is over: was there an answer, did others say it did not happen."""

    drawn_at: datetime
    answered: bool
    missed: bool


def _last_seats(person_ids: Collection[int], now: datetime) -> dict[int, list[_Seat]]:
    """Each one's last three seats, newest first, at meetings that are over and were to be held."""
    ended = (
        sa.select(Silence.person_id, sa.func.max(Silence.ended_at).label("at"))
        .where(Silence.ended_at.is_not(None))
        .group_by(Silence.person_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            Seating.person_id,
            Round.drawn_at,
            sa.or_(Seating.answered_at.is_not(None), Seating.happened_at.is_not(None)),
            Seating.left_at,
            _somebody_said(happened=True),
            _somebody_said(happened=False),
        )
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .outerjoin(ended, ended.c.person_id == Seating.person_id)
        .where(
            Meeting.ends_at <= now,
            Meeting.cancelled_at.is_(None),
            # Who was asked in by somebody has a table in that round already, or none of its own.
            Seating.joined_at.is_(None),
            sa.or_(ended.c.at.is_(None), Round.drawn_at > ended.c.at),
            Round.number > _newest_number() - LOOKED_BACK,
        )
        .order_by(Round.drawn_at.desc(), Seating.meeting_id.desc())
    )
    here = frozenset(person_ids)
    found: dict[int, list[_Seat]] = defaultdict(list)
    for person_id, drawn_at, answered, left_at, happened, missed in rows:
        if person_id in here and len(found[person_id]) < SILENT_ROUNDS:
            said = bool(answered or happened or left_at)
            found[person_id].append(_Seat(drawn_at, said, bool(missed)))
    return found


def _newest_number() -> sa.ScalarSelect[int]:
    return sa.select(sa.func.max(Round.number)).scalar_subquery()


def _somebody_said(*, happened: bool) -> sa.ColumnElement[bool]:
    """Whether anybody at the table said this to "did it happen?"."""
    other = sa.orm.aliased(Seating)
    return sa.exists().where(
        other.meeting_id == Seating.meeting_id,
        other.left_at.is_(None),
        other.happened.is_(happened),
    )


def _last_heard(person_ids: Collection[int], since: datetime) -> dict[int, datetime]:
    """When each last did anything, of what happened since that moment."""
    rows = db.session.execute(
        sa.select(Event.actor_id, sa.func.max(Event.at))
        .where(Event.at > since, Event.actor_id.in_(list(person_ids)))
        .group_by(Event.actor_id)
    )
    return {actor_id: at for actor_id, at in rows if actor_id is not None}


def colleagues_of(person: Person) -> list[Person]:
    """Everybody with whom the person shares a team now, by name."""
    mine = sa.select(Membership.team_id).where(
        Membership.person_id == person.id, Membership.ended_at.is_(None)
    )
    theirs = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.ended_at.is_(None),
        Membership.team_id.in_(mine),
    )
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(theirs, Person.id != person.id)
            .order_by(sa.func.lower(Person.name), Person.id)
        )
    )
