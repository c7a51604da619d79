"""What the schedule finds due by the clock: mornings, asks that may be mailed now, ending claims.

Each round looks at few people: those whose moment to be looked at has come. That moment is only a
plan, made anew every few hours and whenever hours or wishes change; whether something is due
follows from the rows as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from critique.accounts.models import Membership, Person
from critique.activity.asks import asks_of
from critique.activity.letters import deadlines_in
from critique.activity.models import Courier, Digest, Notice, NoticeWishes
from critique.activity.mornings import is_due, morning_of
from critique.activity.operations import insert_notice, plan
from critique.activity.queries import wishes_of
from critique.activity.reach import calendar_of, may_ask_at
from critique.comments.models import Draft
from critique.events.models import Event
from critique.mentoring.clock import next_reachable
from critique.mentoring.models import Claim
from critique.plumbing.db import db
from critique.plumbing.repeat import enqueue_until_done
from critique.reviews.models import Review
from critique.reviews.queries import is_open
from critique.walkthroughs.models import Walkthrough

AT_ONCE = 50
# A plan is made anew after this long, however far away the next morning is.
LOOK_AGAIN = timedelta(hours=6)
# A job that was enqueued is given this long before anybody looks again.
JOB_TIME = timedelta(minutes=1)
PAUSE = timedelta(minutes=15)
# An ask that is read in the page at once needs no mail.
GRACE = timedelta(seconds=20)
BEFORE_END = timedelta(minutes=10)


def enqueue_due_digests(now: datetime) -> None:
    """Enqueue the digest of everybody whose morning has come; once, by person and local date."""
    for person, wishes in _to_look_at(now):
        calendar = calendar_of(person, wishes)
        morning = morning_of(calendar, now)
        if not wishes.digest:
            plan(person.id, digest_look_at=now + LOOK_AGAIN)
        elif morning is not None and is_due(morning, now) and not _has_digest(person, morning.day):
            key = f"digest-{person.id}-{morning.day}"
            enqueue_until_done(
                "write_digest", person.id, str(morning.day), key=key, now=now, pause=PAUSE
            )
            plan(person.id, digest_look_at=now + JOB_TIME)
        else:
            after = now if morning is None or now < morning.starts_at else morning.ends_at
            coming = next_reachable(calendar, after)
            plan(person.id, digest_look_at=min(coming or now + LOOK_AGAIN, now + LOOK_AGAIN))


def enqueue_due_asks(now: datetime) -> None:
    """Enqueue one letter for everybody who is asked something and may be written to now."""
    chosen = sa.select(Courier).where(Courier.asks_look_at <= now)
    for courier in db.session.scalars(chosen.order_by(Courier.asks_look_at).limit(AT_ONCE)).all():
        courier.asks_look_at = _asks_look_at(courier, now)


def _asks_look_at(courier: Courier, now: datetime) -> datetime | None:
    """When to look for this person's asks again, having enqueued their letter if it is time."""
    person = db.session.get_one(Person, courier.person_id)
    wishes = wishes_of(person.id)
    asks = asks_of(person, now) if wishes.immediate else []
    if not asks:
        return None
    calendar = calendar_of(person, wishes)
    told_at = [ask.notice.at for ask in asks]
    settled = min(max(told_at) + GRACE, min(told_at) + JOB_TIME)
    if settled > now:
        return settled
    morning = morning_of(calendar, now)
    if wishes.digest and morning and is_due(morning, now) and not _has_digest(person, morning.day):
        # This morning's digest is about to tell of them.
        return now + JOB_TIME
    when = may_ask_at(calendar, now, asked_at=courier.asked_at, deadlines=deadlines_in(asks))
    if when is None or when > now:
        return min(when or now + LOOK_AGAIN, now + LOOK_AGAIN)
    first = min(ask.notice.id for ask in asks)
    enqueue_until_done(
        "write_asks", person.id, key=f"asks-{person.id}-{first}", now=now, pause=JOB_TIME
    )
    return now + JOB_TIME


def tell_of_ending_claims(now: datetime) -> None:
    """Tell holders 10 minutes before a claim ends on which they worked and which nothing renewed.

    Renewing moves the end, and so does away with the notice; a claim without work just ends.
    """
    chosen = (
        sa.select(Claim)
        .join(Review, Review.id == Claim.review_id)
        .where(Claim.until > now, Claim.until <= now + BEFORE_END, is_open)
        .options(lazyload(Claim.person))
    )
    for claim in db.session.scalars(chosen).all():
        occasion = f"lapse-{claim.review_id}-{claim.until.isoformat()}"
        known = sa.exists().where(Notice.person_id == claim.person_id, Notice.occasion == occasion)
        if db.session.scalar(sa.select(known)) or not _has_worked(claim):
            continue
        insert_notice(
            person_id=claim.person_id,
            review_id=claim.review_id,
            occasion=occasion,
            kind="lapsing",
            details={"until": claim.until.isoformat()},
            direct=True,
            at=now,
        )
        plan(claim.person_id, asks_look_at=now)


def _has_worked(claim: Claim) -> bool:
    """Whether the holder did anything in the request since they claimed it, or has drafts there."""
    acted = sa.exists().where(
        Event.review_id == claim.review_id,
        Event.actor_id == claim.person_id,
        Event.at >= claim.claimed_at,
        Event.verb.not_in(("claim.claimed", "turn.given", "turn.changed", "turn.ended")),
    )
    drafted = (
        sa.exists()
        .where(Draft.author_id == claim.person_id, Walkthrough.review_id == claim.review_id)
        .where(Draft.walkthrough_id == Walkthrough.id)
    )
    return bool(db.session.scalar(sa.select(acted | drafted)))


def _to_look_at(now: datetime) -> Iterable[tuple[Person, NoticeWishes]]:
    member = sa.exists().where(Membership.person_id == Person.id, Membership.ended_at.is_(None))
    rows = db.session.execute(
        sa.select(Person, NoticeWishes)
        .outerjoin(Courier, Courier.person_id == Person.id)
        .outerjoin(NoticeWishes, NoticeWishes.person_id == Person.id)
        .where(sa.or_(Courier.digest_look_at.is_(None), Courier.digest_look_at <= now), member)
        .options(lazyload(Person.skills))
        .order_by(Courier.digest_look_at, Person.id)
        .limit(AT_ONCE)
    ).all()
    return [(person, wishes or wishes_of(person.id)) for person, wishes in rows]


def _has_digest(person: Person, day: object) -> bool:
    return db.session.get(Digest, (person.id, day)) is not None
