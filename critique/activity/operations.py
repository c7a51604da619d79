"""Writing notices, noting that they were read, muting a request, wishes about mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from critique.accounts.models import Membership, Person
from critique.activity import queries
from critique.activity.access import notice_for
from critique.activity.models import Courier, Mute, Notice, NoticeWishes
from critique.activity.quiet import quiet_week
from critique.activity.recipients import RULES, Rule, version_of
from critique.events.models import Event
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db, dialect
from critique.plumbing.errors import Invalid
from critique.reviews.access import review_for
from critique.reviews.models import Review

# What a notice keeps of its event, to be put into words: figures and names of choices, no texts.
KEPT = ("verdict", "comments", "how", "reason", "kind", "of_id")


def write_notices(happened: Event) -> None:
    """Tell an event to whom its row of the table names, in the event's own transaction.

    Not to the actor, not to who may not see the request, and no news of a muted request.
    """
    if happened.review_id is None or happened.subject == "recording":
        return
    told: set[int] = {happened.actor_id} if happened.actor_id is not None else set()
    for rule in RULES.get(happened.verb, ()):
        chosen = {person_id for person_id in rule.who(happened) if person_id is not None} - told
        told |= chosen
        for person_id in _who_may_hear(happened, chosen, direct=rule.direct(happened)):
            tell(happened, rule, person_id)


def _who_may_hear(happened: Event, chosen: set[int], *, direct: bool) -> Iterator[int]:
    if not chosen:
        return
    muted = sa.select(Mute.person_id).where(Mute.review_id == happened.review_id)
    members = sa.select(Membership.person_id).where(
        Membership.team_id == happened.team_id,
        Membership.ended_at.is_(None),
        Membership.person_id.in_(sorted(chosen)),
    )
    if not direct:
        members = members.where(Membership.person_id.not_in(muted))
    yield from db.session.scalars(members.order_by(Membership.person_id)).all()


def tell(happened: Event, rule: Rule, person_id: int) -> None:
    """Write one notice, or add to the one that the same act has brought this person already."""
    direct, occasion = rule.direct(happened), rule.occasion(happened)
    standing = queries.notice_of_the_same_act(happened, person_id, rule.kind)
    if standing is not None:
        if rule.kind != "turn":
            # The cause says more than the turn it gave.
            standing.kind, standing.event_id = rule.kind, happened.id
            standing.comment_id = happened.details.get("comment_id") or standing.comment_id
        standing.details = {**standing.details, **_kept(happened)}
        standing.direct = standing.direct or direct
    else:
        insert_notice(
            person_id=person_id,
            review_id=happened.review_id,
            comment_id=happened.details.get("comment_id"),
            event_id=happened.id,
            occasion=occasion,
            kind=rule.kind,
            actor_id=happened.actor_id,
            details=_kept(happened),
            direct=direct,
            at=happened.at,
        )
    if direct:
        look_soon(person_id)


def insert_notice(**columns: Any) -> bool:
    """Add a notice; False when this person was told of that occasion before."""
    insert = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    statement = insert(Notice).values(**columns)
    return (
        db.session.execute(
            statement.on_conflict_do_nothing(index_elements=["person_id", "occasion"]).returning(
                Notice.id
            )
        ).first()
        is not None
    )


def look_soon(person_id: int) -> None:
    """Have the schedule look for direct asks of this person at its next round."""
    plan(person_id, asks_look_at=clock.now())


def plan(person_id: int, **moments: Any) -> None:
    """Put down when the schedule looks at one person's mail again."""
    insert = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    statement = insert(Courier).values(person_id=person_id, **moments)
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=moments))


def plan_digests(moments: Mapping[int, datetime]) -> None:
    """Put down for several people when the schedule looks for their morning again."""
    if not moments:
        return
    insert = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    rows = [{"person_id": who, "digest_look_at": moment} for who, moment in moments.items()]
    statement = insert(Courier).values(rows)
    again = {"digest_look_at": statement.excluded.digest_look_at}
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=again))


def _kept(happened: Event) -> dict[str, Any]:
    kept = {name: happened.details[name] for name in KEPT if name in happened.details}
    if happened.subject in ("reply", "meeting", "hand_off"):
        kept[f"{happened.subject}_id"] = happened.subject_id
    if happened.subject == "walkthrough" and (number := version_of(happened)) is not None:
        kept["version"] = number
    return kept


def see_notice(*, by: Person, notice_id: int) -> Notice:
    """Note that a person read one of their notices; repeating it changes nothing.

    Raises NotFound for anybody else's.
    """
    notice = notice_for(by, notice_id)
    _see(by, Notice.id == notice.id)
    db.session.refresh(notice)
    return notice


def see_review(*, by: Person, review_id: int) -> int:
    """Note that a person reads the room of a request; gives how many notices that was.

    Raises NotFound for strangers.
    """
    return _see(by, Notice.review_id == review_for(by, review_id).id)


def see_all(*, by: Person, until_id: int | None = None) -> int:
    """Note that a person has read everything, up to the notice of that id when one is given."""
    return _see(by, sa.true() if until_id is None else Notice.id <= until_id)


def _see(by: Person, which: sa.ColumnElement[bool]) -> int:
    seen = db.session.execute(
        sa.update(Notice)
        .where(Notice.person_id == by.id, Notice.seen_at.is_(None), which)
        .values(seen_at=clock.now())
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    ).all()
    if seen:
        record_event(
            "notice.seen",
            by_id=by.id,
            subject="notice",
            subject_id=max(row.id for row in seen),
            details={"count": len(seen)},
        )
    return len(seen)


def mute_review(*, by: Person, review_id: int) -> Review:
    """Hear nothing more of a request: no mail, and only direct asks in the page.

    Repeating it changes nothing. Raises NotFound for strangers.
    """
    review = review_for(by, review_id)
    if not queries.is_muted(by, review_id):
        db.session.add(Mute(review_id=review_id, person_id=by.id, at=clock.now()))
        db.session.flush()
        _record_mute("mute.started", by, review)
    return review


def unmute_review(*, by: Person, review_id: int) -> Review:
    """Hear of a request again. Repeating it changes nothing. Raises NotFound for strangers."""
    review = review_for(by, review_id)
    mute = db.session.get(Mute, (review_id, by.id))
    if mute is not None:
        db.session.delete(mute)
        db.session.flush()
        _record_mute("mute.ended", by, review)
    return review


def _record_mute(verb: str, by: Person, review: Review) -> None:
    # Not as an event of the request: what somebody mutes is nobody else's business.
    record_event(verb, by_id=by.id, subject="mute", subject_id=review.id, team_id=review.team_id)


def set_wishes(
    *,
    by: Person,
    weekly: bool | None = None,
    digest: bool | None = None,
    immediate: bool | None = None,
    quiet: Mapping[int, str] | None = None,
) -> NoticeWishes:
    """Say which mail one wants and when not; what is None stays as it is.

    `quiet` has what is typed for each weekday (0 is Monday). Raises Invalid naming the days that
    cannot be read.
    """
    wishes = queries.wishes_of(by.id)
    before = _state(wishes)
    if weekly is not None:
        wishes.weekly = weekly
    if digest is not None:
        wishes.digest = digest
    if immediate is not None:
        wishes.immediate = immediate
    if quiet is not None:
        _must_be_readable(quiet)
        said = {str(day): text.strip() for day, text in sorted(quiet.items())}
        wishes.quiet = {day: text for day, text in said.items() if text}
    db.session.add(wishes)
    db.session.flush()
    if _state(wishes) != before:
        plan(by.id, digest_look_at=None, asks_look_at=clock.now())
        record_event(
            "notices.changed",
            by_id=by.id,
            subject="person",
            subject_id=by.id,
            before=before,
            after=_state(wishes),
        )
    return wishes


def _state(wishes: NoticeWishes) -> list[Any]:
    return [wishes.weekly, wishes.digest, wishes.immediate, dict(wishes.quiet)]


def _must_be_readable(quiet: Mapping[int, str]) -> None:
    wrong = {}
    for day, text in quiet.items():
        try:
            quiet_week({day: text})
        except ValueError as error:
            wrong[f"quiet_{day}"] = str(error)
    if wrong:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the marked fields.",
            fields=wrong,
        )
