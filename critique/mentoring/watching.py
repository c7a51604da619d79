"""What the clock sees in open requests: hand-offs to offer, people to remind, leads to tell.

Found from rows and decided by the pure rooms (`handing`, `reminding`); each is written in a
transaction of its own that looks once more, so that two workers, or one that was killed, do it
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from critique.accounts.access import LEADING_ROLES
from critique.accounts.models import Membership, Person
from critique.events.record import record_event
from critique.mentoring.clock import halfway, on_shift
from critique.mentoring.colleagues import ABOUT_MINUTES, colleagues_in
from critique.mentoring.hand_offs import lapse_offers, offer_hand_off, open_offer_on
from critique.mentoring.handing import Need, hand_off_due, hand_off_to
from critique.mentoring.models import HandOff, Reminder, Turn
from critique.mentoring.moves import ASIDE, TO_LOOK
from critique.mentoring.offering import has_been_answered, shown_at
from critique.mentoring.reminding import Ask, lead_due, reminder_due
from critique.mentoring.turns import in_force
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.queries import is_open

# A deadline farther off than this has no half that anybody could have missed.
FARTHEST = timedelta(days=60)
# What has been overdue longer was told to a lead long ago.
LONGEST_OVERDUE = timedelta(days=7)
# Who declined is not asked again about the same request within this time.
NOT_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """One ask under way: who has it, since when, in which request."""

    review_id: int
    person_id: int
    since: datetime
    in_passing: bool = False


def watch(now: datetime) -> int:
    """Do all that is due at `now` (UTC); how many things were done."""
    with transaction():
        lapse_offers(now)
    with snapshot():
        found, free = watched(now), missed_by_all(now)
    done = 0
    for one in found:
        for act in (_offer, _remind, _tell_lead):
            with transaction():
                done += act(one, clock.now())
    for review_id in free:
        with transaction():
            done += _tell_lead_of_free(review_id, clock.now())
    return done


def watched(now: datetime) -> list[Watched]:
    """Every turn to look at a request that has a deadline, the soonest first."""
    rows = db.session.execute(
        sa.select(Turn.review_id, Turn.person_id, Turn.since, Turn.in_passing)
        .join(Review, Review.id == Turn.review_id)
        .where(
            is_open,
            in_force(now),
            Turn.reason.in_(sorted(TO_LOOK)),
            Review.review_by.between(now - LONGEST_OVERDUE, now + FARTHEST),
        )
        .order_by(Review.review_by, Turn.id)
    )
    return [Watched(*row) for row in rows]


def missed_by_all(now: datetime) -> list[int]:
    """Requests whose deadline passed while nobody in particular had them."""
    theirs = sa.exists().where(
        Turn.review_id == Review.id,
        in_force(now),
        Turn.in_passing.is_(False),
        Turn.reason.not_in(sorted(ASIDE | {"fell_back"})),
    )
    chosen = sa.select(Review.id).where(
        is_open, Review.review_by.between(now - LONGEST_OVERDUE, now), ~theirs
    )
    return list(db.session.scalars(chosen.order_by(Review.review_by, Review.id)))


def _offer(one: Watched, now: datetime) -> bool:
    """Offer a request whose owner is off shift, with half of the author's working time gone.

    Who only said something in passing does not own it; it stands in everybody's queue anyway.
    """
    if one.in_passing:
        return False
    review, owner = _again(one, now)
    if review is None or owner is None or review.review_by is None or review.review_by <= now:
        return False
    half = halfway(review.author.working_hours, one.since, review.review_by)
    there = on_shift(owner.working_hours, now)
    if not hand_off_due(half, now, on_shift=there) or open_offer_on(review.id) is not None:
        return False
    skills = [row.skill for row in review.skills]
    left_out = {review.author_id, *_declined(review.id, now)}
    found = {
        person.id: colleague
        for person, colleague in colleagues_in(review.team_id, skills, now, besides=left_out)
    }
    mine = found.get(owner.id)
    if mine is None:
        return False
    need = Need(now, review.review_by, ABOUT_MINUTES, for_skill=bool(skills))
    proposal = hand_off_to(mine, found.values(), need)
    if proposal is None:
        return False
    offered = offer_hand_off(
        review=review, owner_id=owner.id, to_id=proposal.id, reason=proposal.reason
    )
    return offered is not None


def _remind(one: Watched, now: datetime) -> bool:
    review, owner = _again(one, now)
    if review is None or owner is None or review.review_by is None:
        return False
    ask = Ask(one.since, review.review_by, _given(one))
    kind = reminder_due(ask, owner.working_hours, now)
    if kind is None:
        return False
    _note(one, review, kind, now, to_id=owner.id, of_id=owner.id)
    return True


def _tell_lead(one: Watched, now: datetime) -> bool:
    review, _ = _again(one, now)
    if one.in_passing or review is None or review.review_by is None or review.review_by > now:
        return False
    return _told(one, review, now, of_id=one.person_id)


def _tell_lead_of_free(review_id: int, now: datetime) -> bool:
    """The same where nobody in particular had it: remembered by its author and its deadline."""
    review = _held(review_id)
    if review is None or review.review_by is None or review_id not in missed_by_all(now):
        return False
    shown = shown_at(review_id)
    if shown is None or has_been_answered(review, since=shown):
        return False
    return _told(Watched(review.id, review.author_id, shown), review, now, of_id=None)


def _told(one: Watched, review: Review, now: datetime, *, of_id: int | None) -> bool:
    assert review.review_by is not None
    ask = Ask(one.since, review.review_by, _given(one))
    for lead in _leads(review, besides=(one.person_id, review.author_id)):
        if lead_due(ask, lead.working_hours, now):
            _note(one, review, "lead", now, to_id=lead.id, of_id=of_id)
            return True
    return False


def _again(one: Watched, now: datetime) -> tuple[Review | None, Person | None]:
    """The request and who has it, held and read anew; nothing when it has moved on meanwhile."""
    review = _held(one.review_id)
    still = sa.select(Turn.id).where(
        Turn.review_id == one.review_id, Turn.person_id == one.person_id, in_force(now)
    )
    if review is None or db.session.scalar(still) is None:
        return None, None
    return review, db.session.get(Person, one.person_id)


def _held(review_id: int) -> Review | None:
    """The request, held, while it is open."""
    return db.session.scalar(
        sa.select(Review)
        .where(Review.id == review_id, is_open)
        .options(joinedload(Review.author), selectinload(Review.skills))
        .with_for_update(key_share=True, of=Review)
    )


def _declined(review_id: int, now: datetime) -> Iterable[int]:
    return db.session.scalars(
        sa.select(HandOff.to_id).where(
            HandOff.review_id == review_id,
            HandOff.kind == "offered",
            HandOff.answer.in_(("declined", "lapsed")),
            HandOff.at >= now - NOT_AGAIN,
        )
    ).all()


def _given(one: Watched) -> frozenset[str]:
    chosen = sa.select(Reminder.kind).where(
        Reminder.review_id == one.review_id,
        Reminder.person_id == one.person_id,
        Reminder.asked_at == one.since,
    )
    return frozenset(db.session.scalars(chosen))


def _leads(review: Review, besides: Iterable[int]) -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.team_id == review.team_id,
                Membership.ended_at.is_(None),
                Membership.role.in_(LEADING_ROLES),
                Person.id.not_in(list(besides)),
            )
            .order_by(Membership.role.desc(), Person.id)
        )
    )


def _note(
    one: Watched, review: Review, kind: str, now: datetime, *, to_id: int, of_id: int | None
) -> None:
    db.session.add(
        Reminder(
            review_id=one.review_id, person_id=one.person_id, asked_at=one.since, kind=kind, at=now
        )
    )
    db.session.flush()
    record_event(
        "reminder.given",
        by_id=None,
        subject="review",
        subject_id=review.id,
        team_id=review.team_id,
        review_id=review.id,
        details={"person_id": to_id, "of_id": of_id, "kind": kind},
    )
