"""Taking, renewing and giving back a claim.

Each holds the log before it writes: what is said in a thread renews the claim after its event, and
the two would wait for each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from critique.accounts.access import MENTORING_ROLES, role_in
from critique.accounts.models import Person
from critique.events.record import hold_log, record_event
from critique.mentoring.keeping import prolong_turn
from critique.mentoring.models import Claim
from critique.mentoring.queries import claim_on
from critique.mentoring.queue import Standing, next_for
from critique.plumbing import clock
from critique.plumbing.calendar import spoken_moment
from critique.plumbing.db import db, dialect
from critique.plumbing.errors import Conflict, Forbidden, NotFound
from critique.reviews.access import must_be_open, review_for
from critique.reviews.models import Review

# Exercism's figure (facts of its queue: 30 minutes); real activity renews it.
LEASE = timedelta(minutes=30)
MOST_OPEN = 3
# A heartbeat that changes the end by less than this is not worth a write.
RENEW_AFTER = timedelta(minutes=2)


def claim_review(*, by: Person, review_id: int) -> Claim:
    """Take a request for 30 minutes, or renew one's own claim; one statement decides who gets it.

    Raises NotFound for strangers, Forbidden for authors and their own work, and Conflict when the
    request is closed, somebody else holds it (says who and until when), or three are held already.
    """
    review = review_for(by, review_id)
    _must_be_able_to_claim(by, review)
    # Closing and claiming lock the same row, so a closed request is never claimed after all.
    review = review_for(by, review_id, lock=True)
    must_be_open(review)
    hold_log()
    now = clock.now()
    held_before = claim_on(review_id, now)
    _one_at_a_time(by)
    if not _take(by, review_id, now):
        raise _refusal(by, review_id, now)
    db.session.expire_all()
    claim = db.session.get_one(Claim, review_id)
    if held_before is None:
        _record("claimed", review, by)
    else:
        prolong_turn(review_id, by.id, now, claim.until)
    return claim


def begin_next(*, by: Person) -> Standing | None:
    """Take up what stands first for somebody: what is free is claimed. None when nothing waits."""
    standing = next_for(by, clock.now())
    if standing is None or standing.section == "mine":
        return standing
    try:
        claim_review(by=by, review_id=standing.review_id)
    except Conflict as gone:
        # Somebody pressed Next at the same moment: for this one it is the next but one.
        if gone.code != "held":
            raise
        return begin_next(by=by)
    return standing


def renew_claim(*, by: Person, review_id: int) -> Claim | None:
    """Prolong one's own claim because of real activity; None when one holds none (any more).

    Never takes a request: what has run out may be somebody else's by now.
    """
    review = review_for(by, review_id)
    hold_log()
    now = clock.now()
    db.session.execute(
        sa.update(Claim)
        .where(
            Claim.review_id == review.id,
            Claim.person_id == by.id,
            Claim.until > now,
            Claim.until < now + LEASE - RENEW_AFTER,
        )
        .values(until=now + LEASE)
    )
    prolong_turn(review.id, by.id, now, now + LEASE)
    claim = claim_on(review.id, now)
    return claim if claim is not None and claim.person_id == by.id else None


def release_claim(*, by: Person, review_id: int) -> Review:
    """Give one's claim back. Safe to repeat. Raises NotFound, or Conflict for somebody else's."""
    review = review_for(by, review_id)
    hold_log()
    now = clock.now()
    given_back = db.session.execute(
        sa.update(Claim)
        .where(Claim.review_id == review.id, Claim.person_id == by.id, Claim.until > now)
        .values(until=now)
        .returning(Claim.review_id)
    ).first()
    if given_back is not None:
        _record("released", review, by)
        return review
    standing = claim_on(review.id, now)
    if standing is not None:
        raise Conflict(
            f"{standing.person.name} holds this request, so it is not yours to give back.",
            code="held",
        )
    return review


def most_claims(person: Person) -> int:
    """How many claims somebody may hold at once: three, or fewer where they want fewer, one."""
    return max(1, min(MOST_OPEN, person.capacity))


def set_capacity(*, by: Person, capacity: int) -> Person:
    """Say how many requests one wants to have at once; beyond it nobody is suggested or offered."""
    before, by.capacity = by.capacity, capacity
    db.session.flush()
    if before != capacity:
        record_event(
            "capacity.changed",
            by_id=by.id,
            subject="person",
            subject_id=by.id,
            before=before,
            after=capacity,
        )
    return by


def _must_be_able_to_claim(by: Person, review: Review) -> None:
    role = role_in(by, review.team_id)
    if role is None:
        raise NotFound
    if review.author_id == by.id:
        raise Forbidden("This is your own request: somebody else has to look at it.")
    if role not in MENTORING_ROLES:
        raise Forbidden(
            "Mentors, leads and admins claim requests. You can comment without a claim."
        )


def _one_at_a_time(by: Person) -> None:
    # PostgreSQL would let two claims of one person count each other out of sight; SQLite cannot.
    db.session.execute(sa.select(Person.id).where(Person.id == by.id).with_for_update())


def _take(by: Person, review_id: int, now: datetime) -> bool:
    """The guarded statement: a free request, or one's own, and fewer than three others."""
    insert = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    others = Claim.__table__.alias("others")
    open_claims = (
        sa.select(sa.func.count())
        .select_from(others.join(Review.__table__, others.c.review_id == Review.id))
        .where(
            others.c.person_id == by.id,
            others.c.until > now,
            others.c.review_id != review_id,
            Review.closed.is_(False),
        )
        .scalar_subquery()
    )
    moment = Claim.__table__.c.until.type
    row = sa.select(
        sa.literal(review_id),
        sa.literal(by.id),
        sa.literal(now, moment),
        sa.literal(now + LEASE, moment),
    ).where(open_claims < most_claims(by))
    guarded = insert(Claim).from_select(["review_id", "person_id", "claimed_at", "until"], row)
    statement = guarded.on_conflict_do_update(
        index_elements=["review_id"],
        set_={
            "person_id": guarded.excluded.person_id,
            "claimed_at": sa.case(
                (
                    (Claim.person_id == by.id) & (Claim.until > now),
                    Claim.claimed_at,
                ),
                else_=guarded.excluded.claimed_at,
            ),
            "until": guarded.excluded.until,
        },
        where=(Claim.until <= now) | (Claim.person_id == by.id),
    ).returning(Claim.review_id)
    return db.session.execute(statement).first() is not None


def _refusal(by: Person, review_id: int, now: datetime) -> Conflict:
    standing = claim_on(review_id, now)
    if standing is not None and standing.person_id != by.id:
        until = spoken_moment(standing.until, by.zone, now).removeprefix("today ")
        return Conflict(
            f"{standing.person.name} claimed it first and has it until {until}. "
            "You can comment all the same, or take the next one.",
            code="held",
            extra={"claimed_by": standing.person.name, "claimed_until": standing.until.isoformat()},
        )
    return Conflict(
        f"You hold {most_claims(by)} already, which is the most you want at once. Finish one or "
        "give it back, then take this one.",
        code="too_many_claims",
    )


def _record(happened: str, review: Review, by: Person) -> None:
    record_event(
        f"claim.{happened}",
        by_id=by.id,
        subject="claim",
        subject_id=review.id,
        team_id=review.team_id,
        review_id=review.id,
    )
