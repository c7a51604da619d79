"""Everything that changes wishes; what is confidential leaves no name in the log."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from critique.accounts.access import team_ids_of
from critique.accounts.models import Membership, Person
from critique.events.record import record_event
from critique.pairing.wishes.models import Apart, Silence
from critique.pairing.wishes.queries import silence_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound


def keep_apart(*, by: Person, other_id: int) -> Apart:
    """Never draw these two for each other, in any team; twice is once.

    The event says that wishes changed and not about whom. Raises NotFound for somebody with whom
    no team is shared, Invalid for oneself.
    """
    if other_id == by.id:
        raise Invalid("You never meet yourself.", fields={"person": "Choose somebody else."})
    if not _is_known(by, other_id):
        raise NotFound
    found = db.session.get(Apart, (by.id, other_id))
    if found is None:
        found = Apart(person_id=by.id, other_id=other_id, since=clock.now())
        db.session.add(found)
        db.session.flush()
        _record(by)
    return found


def meet_again(*, by: Person, other_id: int) -> None:
    """Take that back; the other side may wish the same still. Nothing happens twice."""
    found = db.session.get(Apart, (by.id, other_id))
    if found is not None:
        db.session.delete(found)
        db.session.flush()
        _record(by)


def fall_silent(*, person_ids: Iterable[int], round_id: int) -> None:
    """Note, in a round that was drawn without them, that nothing was heard of these people."""
    for person_id in sorted(person_ids):
        db.session.add(Silence(person_id=person_id, round_id=round_id, since=clock.now()))
        record_event("coffee.silence_began", by_id=None, subject="person", subject_id=person_id)


def break_silence(*, by: Person) -> bool:
    """Be drawn again from the next draw on. False when nothing had to change."""
    found = silence_of(by)
    if found is None:
        return False
    found.ended_at = clock.now()
    record_event("coffee.silence_ended", by_id=by.id, subject="person", subject_id=by.id)
    return True


def _is_known(by: Person, other_id: int) -> bool:
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    Membership.person_id == other_id,
                    Membership.ended_at.is_(None),
                    Membership.team_id.in_(team_ids_of(by)),
                )
            )
        )
    )


def _record(by: Person) -> None:
    # As any change of one's coffee: the log must not say whom, nor how many, somebody avoids.
    record_event("coffee.changed", by_id=by.id, subject="person", subject_id=by.id)
