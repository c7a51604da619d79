"""Who could come to a meeting: in somebody's place, or as a third.

Who is never to meet whom is asked and never said: such a person is missing here as one is who has
something else at that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import sqlalchemy as sa

from critique.accounts.access import MENTORING_ROLES, active_people
from critique.accounts.models import Membership, Person
from critique.pairing.meetings.times import covers
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.pooling import people_in
from critique.pairing.sessions.openings import available
from critique.pairing.sessions.queries import busy_of, stretch_hours, wishes_of
from critique.pairing.wishes.queries import apart_among, forbidden_among
from critique.plumbing.db import db
from critique.reviews.access import is_visible
from critique.reviews.models import Review

MOST_PEOPLE = 3
MOST_PARTNERS = 5
MOST_THIRDS = 100


@dataclass(frozen=True)
class Candidate:
    """Somebody who is free then, and what speaks for asking them."""

    person: Person
    why: str


def replaced_seat(meeting: Meeting, by: Person) -> Seating | None:
    """Whose place `by` may give to somebody else; None when there is no such place.

    One's own at a coffee; the host's of a session, by the host. Of a meeting that is cancelled
    because somebody left, their place, by who is left.
    """
    own = seat_at(meeting, by.id)
    if own is None or own.left_at is not None:
        return None
    if meeting.cancelled_at is None:
        return own if meeting.kind == "coffee" or by.id == meeting.host_id else None
    gone = [seat for seat in meeting.seats if seat.left_at is not None]
    if meeting.kind != "coffee":
        gone = [seat for seat in gone if seat.person_id == meeting.host_id]
    return max(gone, key=lambda seat: (seat.left_at, seat.person_id), default=None)


def seat_at(meeting: Meeting, person_id: int) -> Seating | None:
    """The person's seat, given up or not."""
    return next((seat for seat in meeting.seats if seat.person_id == person_id), None)


def partners_for(meeting: Meeting, by: Person, now: datetime) -> list[Candidate]:
    """Who could come in the place that `by` may give, best first; a handful at most.

    Of a coffee those of its group's pool, first who has none that week; of a session other mentors.
    """
    replaced = replaced_seat(meeting, by)
    if replaced is None or meeting.starts_at <= now:
        return []
    stay = [one for one in meeting.people if one.id != replaced.person_id]
    if meeting.kind != "coffee":
        return [Candidate(one, "Mentors here, free then.") for one in _mentors(meeting, stay)]
    drawn = meeting.drawn_in
    pool = list(_free_then(meeting, people_in(drawn.group, drawn.week, now), stay))
    seated = _seated_in(drawn.week, [one.id for one in pool])
    pool.sort(key=lambda one: (one.id in seated, one.name, one.id))
    return [
        Candidate(one, "Has another coffee that week." if one.id in seated else "Has none yet.")
        for one in pool[:MOST_PARTNERS]
    ]


def thirds_for(meeting: Meeting, now: datetime) -> list[Person]:
    """Who of the team could come as well, by name, a hundred at most."""
    if not _takes_one_more(meeting, now):
        return []
    team = db.session.scalars(active_people(meeting.team_id))
    return list(islice(_free_then(meeting, team, meeting.people), MOST_THIRDS))


def may_join(meeting: Meeting, person: Person, now: datetime) -> bool:
    """Whether somebody of the team could come as well."""
    return _takes_one_more(meeting, now) and person in _free_then(meeting, [person], meeting.people)


def _takes_one_more(meeting: Meeting, now: datetime) -> bool:
    coming = meeting.cancelled_at is None and meeting.starts_at > now
    return coming and len(meeting.people) < MOST_PEOPLE


def _mentors(meeting: Meeting, stay: Sequence[Person]) -> list[Person]:
    mentors = active_people(meeting.team_id).where(Membership.role.in_(MENTORING_ROLES))
    return list(islice(_free_then(meeting, db.session.scalars(mentors), stay), MOST_PARTNERS))


def _free_then(
    meeting: Meeting, people: Iterable[Person], stay: Sequence[Person]
) -> Iterator[Person]:
    """Of these people who may meet those who stay, may see the request and is free at that time."""
    had_a_seat = {seat.person_id for seat in meeting.seats}
    wanted = [one for one in people if one.id not in had_a_seat]
    ids = [one.id for one in wanted]
    never = forbidden_among if meeting.kind == "coffee" else apart_among
    forbidden = never([*ids, *(one.id for one in stay)])
    staying = {one.id for one in stay}
    barred = {who for pair in forbidden if staying.intersection(pair) for who in pair}
    at = (meeting.starts_at, meeting.ends_at)
    busy, wishes = busy_of(ids, *at), {} if meeting.kind == "coffee" else wishes_of(ids)
    for one in wanted:
        if one.id in barred or busy.get(one.id):
            continue
        more = stretch_hours(one, wishes.get(one.id))
        reachable = available(one.working_hours, *at, stretch=more)
        if covers(reachable, at) and _may_see(one, meeting.review_id):
            yield one


def _may_see(person: Person, review_id: int | None) -> bool:
    if review_id is None:
        return True
    seen = sa.select(Review.id).where(Review.id == review_id, is_visible(person, Review.id))
    return db.session.scalar(seen) is not None


def _seated_in(week: str, person_ids: Sequence[int]) -> set[int]:
    """Who of them has a coffee in that week."""
    return set(
        db.session.scalars(
            sa.select(Seating.person_id)
            .join(Meeting, Meeting.id == Seating.meeting_id)
            .join(Round, Round.id == Meeting.round_id)
            .where(
                Round.week == week,
                Seating.person_id.in_(person_ids),
                Seating.left_at.is_(None),
                Meeting.cancelled_at.is_(None),
            )
        )
    )
