"""Everything that changes sessions, open blocks and wishes; each records one event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from critique.accounts.access import MENTORING_ROLES, membership_for, memberships_of, role_in
from critique.accounts.models import Person
from critique.comments.models import Comment
from critique.events.record import record_event
from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions.models import DEFAULT_QUOTA, Opening, SessionOutcome, SessionWish
from critique.pairing.sessions.openings import LENGTHS, Block, is_in_hours
from critique.pairing.sessions.queries import (
    AHEAD,
    SHORTEST_NOTICE,
    free_between,
    openings_of,
    stretch_hours,
)
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound
from critique.plumbing.mailer import site_url
from critique.reviews.access import must_be_open
from critique.reviews.models import Review

MOST_OPENINGS = 20
LONGEST_ONCE = timedelta(hours=12)


def open_block(*, by: Person, block: Block) -> Opening:
    """Let oneself be booked in a block. Raises Forbidden for who mentors nowhere, Invalid."""
    if not any(m.role in MENTORING_ROLES for m in memberships_of(by)):
        raise Forbidden("Mentors, leads and admins open blocks; everybody can book them.")
    if len(openings_of([by.id]).get(by.id, [])) >= MOST_OPENINGS:
        raise Invalid(
            f"You have {MOST_OPENINGS} open blocks. Close one, then open this.",
            fields={"weekday": f"At most {MOST_OPENINGS} blocks."},
        )
    opening = Opening(person_id=by.id, made_at=clock.now())
    if block.once is not None:
        starts_at, ends_at = block.once
        if not clock.now() < ends_at or not timedelta(0) < ends_at - starts_at <= LONGEST_ONCE:
            raise Invalid(
                "Nothing was opened. Choose up to twelve hours that are still to come.",
                fields={"until": "End within twelve hours, after now."},
            )
        opening.starts_at, opening.ends_at = block.once
    else:
        assert block.span is not None
        _must_be_in_hours(by, block)
        opening.weekday, (opening.start_minute, opening.end_minute) = block.weekday, block.span
    db.session.add(opening)
    db.session.flush()
    _record("opening.made", by, "opening", opening.id)
    return opening


def _must_be_in_hours(by: Person, block: Block) -> None:
    stretch = stretch_hours(by, db.session.get(SessionWish, by.id))
    weeks = [by.working_hours.days, *([stretch.days] if stretch else [])]
    if not is_in_hours(block, weeks):
        raise Invalid(
            "Nothing was opened. Nobody could book this block, because it lies outside of your "
            "working hours. Open it once, for a day, or change your hours in your profile.",
            fields={"start": "Outside of your working hours on that weekday."},
        )


def close_block(*, by: Person, opening_id: int) -> Opening:
    """Close a block; what is booked in it stays. Safe to repeat. Raises NotFound."""
    opening = db.session.get(Opening, opening_id)
    if opening is None or opening.person_id != by.id:
        raise NotFound
    if opening.ended_at is None:
        opening.ended_at = clock.now()
        db.session.flush()
        _record("opening.closed", by, "opening", opening.id)
    return opening


def set_wish(
    *, by: Person, a_week: int | None = None, quota: int | None = None,
    stretch: Mapping[str, Any] | None = None,
) -> SessionWish:  # fmt: skip
    """Say how many sessions one wants set up, gives at most, and in which stretch hours."""
    wish = db.session.get(SessionWish, by.id)
    if wish is None:
        wish = SessionWish(person_id=by.id, a_week=0, quota=DEFAULT_QUOTA, stretch={})
        db.session.add(wish)
    before = [wish.a_week, wish.quota, wish.stretch]
    wish.a_week = wish.a_week if a_week is None else a_week
    wish.quota = wish.quota if quota is None else quota
    wish.stretch = wish.stretch if stretch is None else dict(stretch)
    wish.changed_at = clock.now()
    db.session.flush()
    after = [wish.a_week, wish.quota, wish.stretch]
    if before != after:
        _record("session_wish.changed", by, "person", by.id, before=before, after=after)
    return wish


def book_session(
    *,
    by: Person | None,
    guest: Person,
    host: Person,
    team_id: int,
    starts_at: datetime,
    minutes: int,
    review: Review | None = None,
    comment: Comment | None = None,
    reason: str = "",
) -> Meeting:
    """Book a mentor, mostly for a request or one of its threads; `by` None is Critique itself.

    Raises Invalid for another length, NotFound or Forbidden for who cannot host there, and
    Conflict, naming free starts in `extra`, when the time is not (or no longer) free for both.
    """
    if minutes not in LENGTHS:
        raise Invalid("Choose 15 or 30 minutes.", fields={"minutes": "15 or 30."})
    if review is not None:
        must_be_open(review)
    membership_for(guest, team_id)
    if host.id == guest.id:
        raise Forbidden("A session needs somebody else.")
    if role_in(host, team_id) not in MENTORING_ROLES:
        raise NotFound
    _hold((guest.id, host.id))
    now = clock.now()
    free = free_between(guest, [host], minutes, now + SHORTEST_NOTICE, now + AHEAD)[host.id].starts
    if starts_at not in free:
        raise _taken(host, free)
    meeting = Meeting(
        kind="feedback",
        team_id=team_id,
        review=review,
        comment=comment,
        host=host,
        booked_by_id=by.id if by else None,
        booked_at=now,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        uid=f"session-{secrets.token_hex(8)}@{urlsplit(site_url()).hostname or 'localhost'}",
        reason=reason or (f"{guest.name} asked" if by == guest else f"{host.name} offered"),
        seats=[_seat(person, asked=person == by, now=now) for person in (guest, host)],
    )
    try:
        with db.session.begin_nested():
            db.session.add(meeting)
            db.session.flush()
    except IntegrityError:
        raise _taken(host, [at for at in free if at != starts_at]) from None
    _about(meeting, "session.booked", by)
    return meeting


def give_outcome(*, by: Person, meeting: Meeting, words: str) -> SessionOutcome:
    """Note in a sentence what one takes along; it can be said anew. Raises Conflict before it."""
    if clock.now() < meeting.starts_at:
        raise Conflict("The session has not begun. Nothing was noted.", code="not_begun")
    outcome = db.session.get(SessionOutcome, (meeting.id, by.id))
    before = outcome.words if outcome else None
    if outcome is None:
        outcome = SessionOutcome(meeting_id=meeting.id, person_id=by.id, words="", at=clock.now())
        db.session.add(outcome)
    outcome.words, outcome.at = words, clock.now()
    db.session.flush()
    _about(meeting, "session.outcome_given", by, before=before, after=words)
    return outcome


def _seat(person: Person, *, asked: bool, now: datetime) -> Seating:
    # Who asks for a time comes at that time.
    seat = Seating(person=person)
    if asked:
        seat.answer, seat.answered_at = "accepted", now
    return seat


def _hold(person_ids: Sequence[int]) -> None:
    # Two bookings that share a person take their turns (SQLite lets one write at a time anyway).
    db.session.execute(
        sa.select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    )


def _taken(host: Person, free: Sequence[datetime]) -> Conflict:
    return Conflict(
        f"{host.name} is not free then (any more). Nothing was booked; choose another time.",
        code="taken",
        extra={"free": [at.isoformat() for at in free[:5]]},
    )


def _about(
    meeting: Meeting, verb: str, by: Person | None, *, before: object = None, after: object = None
) -> None:
    people = sorted(seat.person_id for seat in meeting.seats)
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="meeting",
        subject_id=meeting.id,
        team_id=meeting.team_id,
        review_id=meeting.review_id,
        before=before,
        after=after,
        details={"people": people, "host_id": meeting.host_id, "sequence": meeting.sequence},
    )


def _record(
    verb: str, by: Person, subject: str, subject_id: int, *, before: object = None,
    after: object = None,
) -> None:  # fmt: skip
    record_event(
        verb, by_id=by.id, subject=subject, subject_id=subject_id, before=before, after=after
    )
