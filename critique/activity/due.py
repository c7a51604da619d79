"""What the schedule finds due by the clock: mornings, asks that may be mailed now, ending claims.

Each round looks at few people: those whose moment to be looked at has come. That moment is only a
plan, made anew every few hours and whenever hours or wishes change; whether something is due
follows from the rows as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from critique.accounts.models import Person
from critique.activity.asks import asks_of
from critique.activity.letters import deadlines_in
from critique.activity.models import Courier, Digest, Notice, NoticeWishes
from critique.activity.mornings import Morning, is_due, morning_of, next_morning
from critique.activity.operations import insert_notice, plan, plan_digests
from critique.activity.queries import no_wishes, wants_mornings, wishes_of
from critique.activity.reach import calendar_of, may_ask_at
from critique.comments.models import Draft
from critique.events.models import Event
from critique.mentoring.models import Claim
from critique.plumbing import jobs
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


@dataclass(frozen=True)
class Look:
    """Somebody to look at, since when (UTC) that is due; None where no plan was made yet."""

    person: Person
    wishes: NoticeWishes
    due_at: datetime | None


def enqueue_due_digests(now: datetime) -> None:
    """Enqueue the digest of everybody whose morning has come; once, by person and local date."""
    looks = [*_planned(now), *_unplanned()]
    mornings = {
        look.person.id: morning_of(calendar_of(look.person, look.wishes), now) for look in looks
    }
    written = _written(mornings)
    again = {}
    for look in looks:
        person_id, morning = look.person.id, mornings[look.person.id]
        if wants_mornings(look.wishes) and is_due(morning, now) and person_id not in written:
            _enqueue_digest(look, morning, now)
            again[person_id] = now + JOB_TIME
        else:
            coming = next_morning(calendar_of(look.person, look.wishes), now)
            again[person_id] = min(coming or now + LOOK_AGAIN, now + LOOK_AGAIN)
    plan_digests(again)


def _enqueue_digest(look: Look, morning: Morning | None, now: datetime) -> None:
    assert morning is not None
    day = str(morning.day)
    key = f"digest-{look.person.id}-{day}"
    if look.due_at is not None and look.due_at <= morning.starts_at:
        jobs.enqueue("write_digest", look.person.id, day, key=key)
    else:
        # It may have been enqueued before, and have failed for good.
        enqueue_until_done("write_digest", look.person.id, day, key=key, now=now, pause=PAUSE)


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
    coming = wants_mornings(wishes) and morning is not None and is_due(morning, now)
    if coming and morning and not _has_digest(person, morning.day):
        # This morning's letter is about to tell of them.
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


def _planned(now: datetime) -> list[Look]:
    """Whose moment to be looked at has come, the longest due first."""
    rows = db.session.execute(
        sa.select(Person, NoticeWishes, Courier.digest_look_at)
        .select_from(Courier)
        .join(Person, Person.id == Courier.person_id)
        .outerjoin(NoticeWishes, NoticeWishes.person_id == Person.id)
        .where(Courier.digest_look_at <= now)
        .options(lazyload(Person.skills))
        .order_by(Courier.digest_look_at, Person.id)
        .limit(AT_ONCE)
    )
    return [Look(person, wishes or no_wishes(person.id), at) for person, wishes, at in rows]


def _unplanned() -> list[Look]:
    """Who has no plan yet, or none any more since their hours or wishes changed."""
    planned = sa.exists().where(Courier.person_id == Person.id, Courier.digest_look_at.is_not(None))
    rows = db.session.execute(
        sa.select(Person, NoticeWishes)
        .outerjoin(NoticeWishes, NoticeWishes.person_id == Person.id)
        .where(~planned)
        .options(lazyload(Person.skills))
        .order_by(Person.id)
        .limit(AT_ONCE)
    )
    return [Look(person, wishes or no_wishes(person.id), None) for person, wishes in rows]


def _written(mornings: Mapping[int, Morning | None]) -> set[int]:
    """Whose digest of that morning is written."""
    days = {morning.day for morning in mornings.values() if morning is not None}
    rows = db.session.execute(
        sa.select(Digest.person_id, Digest.day).where(
            Digest.person_id.in_(mornings), Digest.day.in_(days)
        )
    )
    found = {(row.person_id, row.day) for row in rows}
    return {
        person_id
        for person_id, morning in mornings.items()
        if morning is not None and (person_id, morning.day) in found
    }


def _has_digest(person: Person, day: date) -> bool:
    return db.session.get(Digest, (person.id, day)) is not None
