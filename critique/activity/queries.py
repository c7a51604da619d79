"""Reading notices, mutes and wishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.models import Person
from critique.activity.access import visible_notices
from critique.activity.models import Mute, Notice, NoticeWishes
from critique.events.models import Event
from critique.plumbing.db import db
from critique.reviews.models import Review

PAGE = 50
# Events of one act are recorded right after each other; nothing else joins those of a job.
ONE_ACT = timedelta(seconds=5)


@dataclass(frozen=True)
class Unseen:
    """How many notices a person has not read, and how many of them ask for something."""

    count: int
    asks: int


def unseen_of(person: Person) -> Unseen:
    """What the bell shows; one query."""
    chosen = visible_notices(person).where(Notice.seen_at.is_(None))
    row = db.session.execute(
        chosen.with_only_columns(
            sa.func.count(), sa.func.count().filter(Notice.direct, Notice.settled_at.is_(None))
        )
    ).one()
    return Unseen(*row)


def notices_of(
    person: Person, *, unseen: bool = False, page: int = 1, size: int = PAGE
) -> list[Notice]:
    """One page of a person's notices, newest first, with who did it and what it is about."""
    plain = lazyload(Person.skills)
    chosen = (
        visible_notices(person)
        .options(joinedload(Notice.actor).options(plain))
        .options(joinedload(Notice.review).joinedload(Review.author).options(plain))
        .order_by(Notice.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    if unseen:
        chosen = chosen.where(Notice.seen_at.is_(None))
    return list(db.session.scalars(chosen))


def is_muted(person: Person, review_id: int) -> bool:
    """Whether the person wants to hear nothing of a request."""
    return db.session.get(Mute, (review_id, person.id)) is not None


def wishes_of(person_id: int) -> NoticeWishes:
    """What mail a person wants; a new record with the defaults where nothing was said yet."""
    return db.session.get(NoticeWishes, person_id) or no_wishes(person_id)


def no_wishes(person_id: int) -> NoticeWishes:
    """What somebody gets who has said nothing: all three lists, at any working hour."""
    return NoticeWishes(person_id=person_id, weekly=True, digest=True, immediate=True, quiet={})


def wants_mornings(wishes: NoticeWishes) -> bool:
    """Whether anything comes in the morning: the digest, or the weekly letter on the first one."""
    return wishes.digest or wishes.weekly


def notice_of_the_same_act(happened: Event, person_id: int, kind: str) -> Notice | None:
    """The notice that one act of one person has brought somebody already, if it is to be one.

    A turn and what caused it are one thing to hear of, whichever is recorded first; so are two
    events about the same comment, such as a question back and the reply it is written in.
    """
    newest = db.session.scalar(
        sa.select(Notice)
        .where(
            Notice.person_id == person_id,
            Notice.review_id == happened.review_id,
            Notice.seen_at.is_(None),
            Notice.letter_id.is_(None),
            Notice.actor_id == happened.actor_id
            if happened.actor_id is not None
            else Notice.actor_id.is_(None),
            Notice.at >= happened.at - ONE_ACT,
        )
        .order_by(Notice.id.desc())
        .limit(1)
    )
    if newest is None or newest.event_id is None or not _same_act(newest.event_id, happened):
        return None
    if (newest.kind == "turn") != (kind == "turn"):
        return newest
    same_comment = newest.comment_id is not None and newest.comment_id == happened.details.get(
        "comment_id"
    )
    return newest if same_comment and kind != "mentioned" else None


def _same_act(event_id: int, happened: Event) -> bool:
    before = db.session.get(Event, event_id)
    return before is not None and before.request_id == happened.request_id
