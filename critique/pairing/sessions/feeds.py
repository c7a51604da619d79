"""Naming and taking away the address of one's own calendar."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.pairing.sessions.models import BusyTime, CalendarFeed
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.plumbing.outgoing import AddressRefused, checked_address
from critique.web.forms import SENTENCE


def set_feed(*, by: Person, address: str) -> CalendarFeed | None:
    """Read one's busy times from this address from now on; empty takes it away.

    The address is a secret (whoever has it reads the calendar), so the log has a digest of it.
    Raises Invalid for an address Critique does not call.
    """
    feed = db.session.get(CalendarFeed, by.id)
    before = feed.address if feed else None
    if not address:
        if feed is not None:
            db.session.delete(feed)
            db.session.execute(sa.delete(BusyTime).where(BusyTime.person_id == by.id))
            _record(by, before, None)
        return None
    # Calendars hand out webcal: addresses, which are https under another name.
    wanted = address.removeprefix("webcal://")
    try:
        checked = checked_address(wanted if wanted == address else f"https://{wanted}")
    except AddressRefused as error:
        raise Invalid(SENTENCE, fields={"address": str(error)}) from None
    if feed is None:
        feed = CalendarFeed(person_id=by.id, address=checked, added_at=clock.now())
        db.session.add(feed)
    elif feed.address != checked:
        feed.address, feed.read_at, feed.failure = checked, None, None
        db.session.execute(sa.delete(BusyTime).where(BusyTime.person_id == by.id))
    feed.tried_at = clock.now()
    _record(by, before, checked)
    jobs.enqueue("read_calendar", by.id, key=f"calendar-{by.id}-{clock.now().timestamp():.3f}")
    return feed


def _record(by: Person, before: str | None, after: str | None) -> None:
    db.session.flush()
    record_event(
        "calendar_feed.changed",
        by_id=by.id,
        subject="person",
        subject_id=by.id,
        before=before,
        after=after,
    )
