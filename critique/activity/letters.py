"""Writing letters from notices, and looking at them once more before they are sent.

What was read or done meanwhile is dropped: a letter that waited (for the mail server, say) is
written anew from what is so by then, or not sent at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Person
from critique.activity.asks import Ask, asks_of
from critique.activity.digest import contents_of, is_worth_it
from critique.activity.mail import Words, asks_words, digest_words
from critique.activity.models import Courier, Digest, Notice
from critique.activity.mornings import STALE, is_due, morning_of, next_morning
from critique.activity.operations import plan
from critique.activity.queries import wants_mornings, wishes_of
from critique.activity.reach import calendar_of, may_ask_at
from critique.activity.weekly import begins_week, iso_week, week_ahead
from critique.activity.weekly_words import weekly_words
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter, look_before_sending, write_letter
from critique.plumbing.transaction import snapshot, transaction

# The last two are looked at; older rows say nothing any more.
KEPT = timedelta(days=60)
READ = "Not sent: what it said was read or done meanwhile."
LEFT = "Not sent: this list was left meanwhile."
HELD = "Not sent: it waits until its reader can be reached again."


@dataclass(frozen=True)
class Composed:
    """A letter to a person, and ids of the notices it carries and the requests it names."""

    person_id: int
    name: str
    address: str
    words: Words
    notices: Sequence[int]
    reviews: Sequence[int] = ()


def write_digest_of(person_id: int, day: date) -> None:
    """Write the digest of a person's local day once; a row says so, also where there is none.

    On the first morning of a week the weekly letter comes in its place, for who wants that.

    Composed before the transaction, so that nobody waits for it; what is read in between is seen
    to when it is sent.
    """
    now = clock.now()
    with snapshot():
        person = db.session.get(Person, person_id)
        if person is None or db.session.get(Digest, (person_id, day)) is not None:
            return
        wishes = wishes_of(person_id)
        morning = morning_of(calendar_of(person, wishes), now)
        wanted = wants_mornings(wishes) and morning is not None and morning.day == day
        if not wanted or not is_due(morning, now):
            return
        weekly = wishes.weekly and begins_week(person, day)
        composed = None
        if weekly:
            composed = _composed_week(person, day, now)
        elif wishes.digest:
            composed = _composed_digest(person, day, now)
    try:
        with transaction():
            _keep_digest(person_id, day, now, composed, week=iso_week(day) if weekly else None)
    except IntegrityError:
        # Somebody else wrote this morning's between our look and our row.
        if not _has_digest(person_id, day):
            raise


def _keep_digest(
    person_id: int, day: date, now: datetime, composed: Composed | None, *, week: str | None
) -> None:
    db.session.execute(
        sa.delete(Digest).where(Digest.person_id == person_id, Digest.day < day - KEPT)
    )
    if week is not None:
        # One that no mail server took gives its week to this one.
        missed = (Digest.person_id == person_id, Digest.week == week, Digest.day < day)
        db.session.execute(sa.update(Digest).where(*missed).values(week=None))
    row = Digest(person_id=person_id, day=day, at=now, reviews=[], week=week)
    db.session.add(row)
    db.session.flush()
    plan(person_id, digest_look_at=now)
    if composed is not None:
        row.reviews = list(composed.reviews)
        kind = "weekly" if week else "digest"
        row.letter_id = _written(kind, f"{kind}-{person_id}-{day}", composed)
        _carry(composed.notices, row.letter_id)


def write_asks_of(person_id: int) -> None:
    """Write one letter of everything a person is asked now; nothing when it has to wait."""
    now = clock.now()
    with snapshot():
        composed = _composed_asks(person_id, now)
    if composed is None:
        return
    with transaction():
        courier = db.session.get(Courier, person_id, with_for_update=True, populate_existing=True)
        free = sa.select(sa.func.count()).where(
            Notice.id.in_(composed.notices), Notice.letter_id.is_(None)
        )
        if courier is None or db.session.scalar(free) != len(composed.notices):
            return
        key = f"asks-{person_id}-{now:%Y-%m-%dT%H%M%S}"
        _carry(composed.notices, _written("asks", key, composed))
        courier.asked_at, courier.asks_look_at = now, None


@look_before_sending("digest", "weekly")
def look_at_digest(letter_id: int) -> str | None:
    """Write a morning's letter anew from what is so now; the reason when nobody needs it."""
    now = clock.now()
    with snapshot():
        digest = db.session.scalar(sa.select(Digest).where(Digest.letter_id == letter_id))
        person = db.session.get(Person, digest.person_id) if digest else None
        if digest is None or person is None:
            return READ
        wishes = wishes_of(person.id)
        if not (wishes.weekly if digest.week else wishes.digest):
            return LEFT
        if _is_stale(person, digest.day, now):
            return STALE
        compose = _composed_week if digest.week else _composed_digest
        composed = compose(person, digest.day, now, letter_id=letter_id)
    if composed is None:
        return READ
    _rewrite(letter_id, composed.words)
    return None


@look_before_sending("asks")
def look_at_asks(letter_id: int) -> str | None:
    """Write a letter of asks anew, without what was read or done; the reason to drop it.

    Where its reader cannot be reached now, its asks wait for another letter.
    """
    now = clock.now()
    with snapshot():
        letter = db.session.get_one(Letter, letter_id)
        person = db.session.get(Person, letter.person_id)
        if person is None or not wishes_of(person.id).immediate:
            return LEFT
        asks = asks_of(person, now, letter_id=letter_id)
        if not asks:
            return READ
        person_id, calendar = person.id, calendar_of(person, wishes_of(person.id))
        may_go = may_ask_at(calendar, now, asked_at=None, deadlines=deadlines_in(asks)) == now
        words = asks_words(asks, person, now)
    if not may_go:
        _let_wait(letter_id, person_id)
        return HELD
    _rewrite(letter_id, words)
    return None


def deadlines_in(asks: Sequence[Ask]) -> list[datetime]:
    """Deadlines (UTC) of requests that are this person's to look at: close ones do not wait."""
    return [ask.deadline for ask in asks if ask.deadline is not None]


def _composed_digest(
    person: Person, day: date, now: datetime, *, letter_id: int | None = None
) -> Composed | None:
    contents = contents_of(person, day, now, letter_id=letter_id)
    coming = next_morning(calendar_of(person, wishes_of(person.id)), now)
    if not is_worth_it(contents, person, day, before=coming):
        return None
    return Composed(
        person.id,
        person.name,
        person.email,
        digest_words(contents, person, now),
        notices=[row.id for row in contents.news],
        reviews=[one.review.id for one in contents.waiting],
    )


def _composed_week(
    person: Person, day: date, now: datetime, *, letter_id: int | None = None
) -> Composed | None:
    contents = contents_of(person, day, now, letter_id=letter_id)
    week = week_ahead(person, day, now)
    coming = next_morning(calendar_of(person, wishes_of(person.id)), now)
    worth_it = week.is_worth_it or contents.unsaid
    if not worth_it and not is_worth_it(contents, person, day, before=coming):
        return None
    return Composed(
        person.id,
        person.name,
        person.email,
        weekly_words(week, contents, person, now),
        notices=[row.id for row in contents.news],
        reviews=[one.review.id for one in contents.waiting],
    )


def _composed_asks(person_id: int, now: datetime) -> Composed | None:
    """The letter that may be written at `now`; None where nothing is asked or it has to wait."""
    person, courier = db.session.get(Person, person_id), db.session.get(Courier, person_id)
    if person is None or courier is None:
        return None
    wishes = wishes_of(person_id)
    asks = asks_of(person, now) if wishes.immediate else []
    when = may_ask_at(
        calendar_of(person, wishes), now, asked_at=courier.asked_at, deadlines=deadlines_in(asks)
    )
    if not asks or when != now:
        return None
    words = asks_words(asks, person, now)
    return Composed(person.id, person.name, person.email, words, [ask.notice.id for ask in asks])


def _written(kind: str, key: str, composed: Composed) -> int:
    words = composed.words
    letter = write_letter(
        kind=kind,
        key=key,
        person_id=composed.person_id,
        to_name=composed.name,
        to_address=composed.address,
        subject=words.subject,
        text=words.text,
        html=words.html,
        headers=words.headers,
    )
    return letter.id


def _carry(notice_ids: Sequence[int], letter_id: int) -> None:
    """Note which letter tells of these asks."""
    db.session.execute(
        sa.update(Notice)
        .where(Notice.id.in_(notice_ids))
        .values(letter_id=letter_id)
        .execution_options(synchronize_session=False)
    )


def _rewrite(letter_id: int, words: Words) -> None:
    with transaction():
        letter = db.session.get_one(Letter, letter_id)
        letter.subject, letter.text, letter.headers = words.subject, words.text, words.headers
        letter.html = words.html


def _let_wait(letter_id: int, person_id: int) -> None:
    with transaction():
        db.session.execute(
            sa.update(Notice)
            .where(Notice.letter_id == letter_id)
            .values(letter_id=None)
            .execution_options(synchronize_session=False)
        )
        plan(person_id, asks_look_at=clock.now())


def _has_digest(person_id: int, day: date) -> bool:
    with snapshot():
        return db.session.get(Digest, (person_id, day)) is not None


def _is_stale(person: Person, day: date, now: datetime) -> bool:
    """Whether a later morning of this person has come."""
    later = morning_of(calendar_of(person, wishes_of(person.id)), now)
    return later is not None and later.day > day and now >= later.starts_at
