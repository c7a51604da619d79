"""What this slice hears of: everything that has a row in the table, and what ends an ask.

Comments, walkthroughs and mentoring know nothing of notices; this listens to the log instead.
"""

from __future__ import annotations

import sqlalchemy as sa

from critique.activity.models import Notice
from critique.activity.operations import plan, write_notices
from critique.activity.recipients import RULES
from critique.events.listening import on
from critique.events.models import Event
from critique.plumbing.db import db


@on(*RULES)
def told(happened: Event) -> None:
    """Write the notices of an event."""
    write_notices(happened)


@on("turn.ended", "review.closed")
def settled(happened: Event) -> None:
    """What was asked is done or gone: no mail is due for it any more."""
    whose = happened.details.get("person_id")
    chosen = sa.update(Notice).where(
        Notice.review_id == happened.review_id, Notice.direct, Notice.settled_at.is_(None)
    )
    if happened.verb == "turn.ended":
        chosen = chosen.where(Notice.person_id == whose)
    db.session.execute(
        chosen.values(settled_at=happened.at).execution_options(synchronize_session=False)
    )


@on("comment.added", "reply.added", "comment.resolved", "comment.confirmed", "verdict.given")
def read_by_answering(happened: Event) -> None:
    """Whoever answers has read what they answer, by whichever door the answer came in."""
    of_it = sa.true() if happened.verb == "verdict.given" else (
        Notice.comment_id == happened.details.get("comment_id")
    )  # fmt: skip
    db.session.execute(
        sa.update(Notice)
        .where(
            Notice.person_id == happened.actor_id,
            Notice.review_id == happened.review_id,
            Notice.seen_at.is_(None),
            of_it,
        )
        .values(seen_at=happened.at)
        .execution_options(synchronize_session=False)
    )


@on("meeting.answered", "meeting.seat_released", "meeting.cancelled", "meeting.moved")
def answered_meeting(happened: Event) -> None:
    """Whoever answers an invitation, or changes the meeting, has read what was asked of them."""
    db.session.execute(
        sa.update(Notice)
        .where(
            Notice.person_id == happened.actor_id,
            Notice.kind == "meeting",
            Notice.review_id == happened.review_id,
            Notice.seen_at.is_(None),
            Notice.occasion.startswith(f"meeting-{happened.subject_id}-"),
        )
        .values(seen_at=happened.at, settled_at=happened.at)
        .execution_options(synchronize_session=False)
    )


@on("comment.removed", "reply.removed")
def untold(happened: Event) -> None:
    """Words that were taken back leave no notice of them behind."""
    said = sa.select(Event.id).where(
        Event.subject == happened.subject, Event.subject_id == happened.subject_id
    )
    db.session.execute(
        sa.delete(Notice)
        .where(Notice.review_id == happened.review_id, Notice.event_id.in_(said))
        .execution_options(synchronize_session=False)
    )


@on("person.changed")
def hours_changed(happened: Event) -> None:
    """Hours or zone may be others now, so their morning may be as well."""
    plan(int(happened.subject_id or 0), digest_look_at=None, asks_look_at=happened.at)


@on("absence.added", "absence.changed", "absence.ended")
def days_changed(happened: Event) -> None:
    """Somebody is away at other days than before."""
    person_id = int(happened.details["person"])
    plan(person_id, digest_look_at=None, asks_look_at=happened.at)
