"""What changes of one's week: whether a meeting happened, and the address of one's calendar."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.accounts.secret import digest, fresh_secret
from critique.events.record import record_event
from critique.pairing.access import meeting_for
from critique.pairing.models import Meeting, Seating
from critique.pairing.week.access import calendar_address_of
from critique.pairing.week.keys import secret_of
from critique.pairing.week.models import CalendarAddress
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict


def say_happened(*, by: Person, meeting_id: int, happened: bool) -> Meeting:
    """Say whether a meeting took place; it can be said anew, and the same again changes nothing.

    Raises NotFound for who had no seat there, or Conflict before it is over.
    """
    meeting = meeting_for(by, meeting_id)
    now = clock.now()
    if meeting.ends_at > now:
        raise Conflict(
            "This meeting is not over yet. Nothing was noted; say it afterwards.", code="not_over"
        )
    seat = db.session.scalars(
        sa.select(Seating)
        .where(Seating.meeting_id == meeting.id, Seating.person_id == by.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    before = seat.happened
    if before is happened:
        return meeting
    seat.happened, seat.happened_at = happened, now
    db.session.flush()
    record_event(
        "meeting.reported",
        by_id=by.id,
        subject="meeting",
        subject_id=meeting.id,
        team_id=meeting.team_id,
        before=before,
        after=happened,
        details={"person": by.id, "happened": happened},
    )
    return meeting


def make_calendar_address(*, by: Person) -> CalendarAddress:
    """Make the secret address of one's calendar, or another one: the earlier ends at once."""
    _hold(by)
    _end(by)
    seed = fresh_secret()
    address = CalendarAddress(
        person_id=by.id, seed=seed, digest=digest(secret_of(seed)), made_at=clock.now()
    )
    db.session.add(address)
    db.session.flush()
    _record("calendar_address.made", by, address)
    return address


def revoke_calendar_address(*, by: Person) -> None:
    """End the address of one's calendar; repeating it changes nothing."""
    _hold(by)
    ended = _end(by)
    if ended is not None:
        _record("calendar_address.revoked", by, ended)


def _hold(person: Person) -> None:
    # Of two presses at once the second sees what the first did (SQLite lets one write anyway).
    db.session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())


def _end(person: Person) -> CalendarAddress | None:
    address = calendar_address_of(person)
    if address is not None:
        address.revoked_at = clock.now()
        db.session.flush()
    return address


def _record(verb: str, by: Person, address: CalendarAddress) -> None:
    record_event(verb, by_id=by.id, subject="calendar_address", subject_id=address.id)
