"""Handing a request over: to a person with a note, or, offered by Critique, to who is on shift.

An offer is a preference with a fallback: until somebody takes it the request stays with its owner.
The old owner keeps their drafts and everything they could see.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.accounts.access import LEADING_ROLES, MENTORING_ROLES, role_in
from critique.accounts.models import Person
from critique.events.record import hold_log, record_event
from critique.mentoring.models import Claim, HandOff, Turn
from critique.mentoring.moves import TAKES_ON
from critique.mentoring.passing import hand_over_turn
from critique.mentoring.turns import in_force
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound
from critique.reviews.access import must_be_open, review_for
from critique.reviews.models import Review, Reviewer


def hand_over(*, by: Person, review_id: int, to_id: int, note: str = "") -> HandOff:
    """Give a request one was asked for, or holds, to somebody who mentors; leads may for others.

    Raises NotFound, Forbidden for who does not have it, Invalid for the author or oneself, and
    Conflict once it is closed.
    """
    review = review_for(by, review_id, lock=True)
    must_be_open(review)
    owner_id = owner_of(review, by)
    to = _taker(review, to_id)
    if to.id == owner_id:
        raise Invalid("Nothing was changed.", fields={"to": f"{to.name} has it already."})
    _end_offer(review.id, "lapsed")
    given = HandOff(
        review_id=review.id, from_id=owner_id, to_id=to.id, kind="given", note=note,
        at=clock.now(), answered_at=clock.now(), answer="taken",
    )  # fmt: skip
    db.session.add(given)
    _pass_on(review, given, by)
    return given


def offer_hand_off(*, review: Review, owner_id: int, to_id: int, reason: str) -> HandOff | None:
    """Offer a request to who is on shift; None when an offer of it is open already."""
    if open_offer_on(review.id) is not None:
        return None
    offer = HandOff(
        review_id=review.id, from_id=owner_id, to_id=to_id, kind="offered", reason=reason,
        at=clock.now(),
    )  # fmt: skip
    db.session.add(offer)
    db.session.flush()
    _record("handoff.offered", None, review, offer, person_id=to_id)
    return offer


def take_hand_off(*, by: Person, review_id: int) -> HandOff:
    """Take what was offered to oneself. Raises NotFound, or Conflict when it is gone."""
    review, offer = _offered_to(by, review_id)
    offer.answered_at, offer.answer = clock.now(), "taken"
    _pass_on(review, offer, by)
    return offer


def decline_hand_off(*, by: Person, review_id: int) -> HandOff:
    """Leave it with its owner; it is offered to the next one. Raises NotFound, Conflict."""
    review, offer = _offered_to(by, review_id)
    offer.answered_at, offer.answer = clock.now(), "declined"
    db.session.flush()
    _record("handoff.declined", by, review, offer, person_id=offer.from_id)
    return offer


def open_offer_on(review_id: int) -> HandOff | None:
    """The offer of a request that nobody has answered yet, with both people."""
    return db.session.scalar(
        sa.select(HandOff)
        .where(HandOff.review_id == review_id, HandOff.answered_at.is_(None))
        .options(joinedload(HandOff.giver), joinedload(HandOff.taker))
    )


def offers_to(person: Person) -> list[HandOff]:
    """What is offered to somebody now, the oldest first, with requests and owners."""
    return list(
        db.session.scalars(
            sa.select(HandOff)
            .join(Review, Review.id == HandOff.review_id)
            .where(
                HandOff.to_id == person.id, HandOff.answered_at.is_(None), Review.closed.is_(False)
            )
            .options(joinedload(HandOff.review), joinedload(HandOff.giver))
            .order_by(HandOff.id)
        )
    )


def lapse_offers(now: datetime) -> None:
    """End offers that keep no deadline any more.

    The request is closed or late, or its owner has nothing to hand over.
    """
    still = sa.exists().where(
        Turn.review_id == HandOff.review_id, Turn.person_id == HandOff.from_id, in_force(now)
    )
    over = sa.exists().where(
        Review.id == HandOff.review_id, sa.or_(Review.closed, Review.review_by <= now)
    )
    db.session.execute(
        sa.update(HandOff)
        .where(HandOff.answered_at.is_(None), sa.or_(~still, over))
        .values(answered_at=now, answer="lapsed")
        .execution_options(synchronize_session=False)
    )


def note_to(person: Person, review_id: int) -> HandOff | None:
    """What somebody was last handed over by a person in a request, where a note went along."""
    return db.session.scalar(
        sa.select(HandOff)
        .where(HandOff.review_id == review_id, HandOff.to_id == person.id, HandOff.note != "")
        .order_by(HandOff.id.desc())
        .limit(1)
    )


def owner_of(review: Review, by: Person) -> int:
    """Whose it is: the actor's own, or, for a lead, that of who has it longest.

    Raises Conflict where nobody has it, and Forbidden for who may not hand it over.
    """
    now = clock.now()
    chosen = (
        sa.select(Turn.person_id)
        .where(Turn.review_id == review.id, in_force(now), Turn.reason.in_(sorted(TAKES_ON)))
        .order_by(Turn.since)
    )
    owners = db.session.scalars(chosen).all()
    if by.id in owners:
        return by.id
    if owners and role_in(by, review.team_id) in LEADING_ROLES:
        return owners[0]
    if not owners:
        raise Conflict("Nobody has this request now, so there is nothing to hand over.")
    raise Forbidden("Only who has it hands it over, or a lead. You can comment all the same.")


def _taker(review: Review, to_id: int) -> Person:
    to = db.session.get(Person, to_id)
    if to is None or (role := role_in(to, review.team_id)) is None:
        raise NotFound
    if to.id == review.author_id or role not in MENTORING_ROLES:
        raise Invalid(
            "Nothing was changed. Choose somebody who mentors and did not post it.",
            fields={"to": f"{to.name} cannot take it."},
        )
    return to


def _offered_to(by: Person, review_id: int) -> tuple[Review, HandOff]:
    review = review_for(by, review_id, lock=True)
    must_be_open(review)
    offer = open_offer_on(review.id)
    if offer is None or offer.to_id != by.id:
        raise Conflict(
            "This is not offered to you (any more): somebody took it, or its owner went on. "
            "Nothing was changed; the queue shows what needs you.",
            code="not_offered",
        )
    return review, offer


def _pass_on(review: Review, given: HandOff, by: Person) -> None:
    """Move claim, turn and the ask itself from one to the other."""
    hold_log()
    now = clock.now()
    db.session.flush()
    db.session.execute(
        sa.update(Claim)
        .where(Claim.review_id == review.id, Claim.person_id == given.from_id, Claim.until > now)
        .values(until=now)
    )
    if db.session.get(Reviewer, (review.id, given.to_id)) is None:
        why = given.reason or f"{given.giver.name} handed it over"
        db.session.add(
            Reviewer(review_id=review.id, person_id=given.to_id, asked_at=now, reason=why[:300])
        )
        db.session.flush()
        db.session.expire(review, ["reviewers"])
    hand_over_turn(by=by, review=review, from_id=given.from_id, to_id=given.to_id)
    told = given.from_id if given.kind == "offered" else given.to_id
    verb = "handoff.taken" if given.kind == "offered" else "claim.handed_over"
    _record(verb, by, review, given, person_id=told)


def _end_offer(review_id: int, how: str) -> None:
    db.session.execute(
        sa.update(HandOff)
        .where(HandOff.review_id == review_id, HandOff.answered_at.is_(None))
        .values(answered_at=clock.now(), answer=how)
        .execution_options(synchronize_session="fetch")
    )


def _record(verb: str, by: Person | None, review: Review, of: HandOff, *, person_id: int) -> None:
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="hand_off",
        subject_id=of.id,
        team_id=review.team_id,
        review_id=review.id,
        after=of.note or None,
        details={"person_id": person_id, "from_id": of.from_id, "to_id": of.to_id},
    )
