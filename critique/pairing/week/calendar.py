"""One's meetings as a calendar to subscribe to, and the addresses it is read at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.pairing.models import Meeting, Seating
from critique.pairing.week.keys import shown_secret
from critique.pairing.week.models import CalendarAddress
from critique.plumbing.db import db
from critique.plumbing.published import Entry, published
from critique.plumbing.wording import listed, named
from critique.web.app import absolute_url

# What is longer ago is in nobody's way, and a program reads all of it each time.
KEPT = timedelta(days=60)


@dataclass(frozen=True)
class Addresses:
    """Where the calendar is read: by a program that is given a link, and by one that opens it."""

    https: str
    webcal: str


def addresses_of(address: CalendarAddress) -> Addresses | None:
    """The two spellings of an address; None when it cannot be shown any more."""
    secret = shown_secret(address)
    if secret is None:
        return None
    url = absolute_url("week.calendar", secret=secret)
    return Addresses(url, "webcal:" + url.partition(":")[2])


def calendar_of(person: Person, now: datetime) -> bytes:
    """The person's meetings since 60 days ago, as an .ics file.

    What was cancelled, or given up by them, stays in it as cancelled. Such an address gets about
    more easily than a mail: it says when and with whom, and its links ask who is looking.
    """
    found = db.session.scalars(
        sa.select(Meeting)
        .join(Seating, Seating.meeting_id == Meeting.id)
        .where(
            Seating.person_id == person.id,
            Meeting.team_id.in_(team_ids_of(person)),
            Meeting.ends_at > now - KEPT,
        )
        .options(
            selectinload(Meeting.seats).joinedload(Seating.person),
            joinedload(Meeting.round),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return published("Critique", [_entry(meeting, person) for meeting in found])


def _entry(meeting: Meeting, person: Person) -> Entry:
    seat = next(one for one in meeting.seats if one.person_id == person.id)
    others = listed([named(one.name) for one in meeting.people if one.id != person.id])
    coffee = meeting.kind == "coffee"
    kind = "Coffee" if coffee else "Feedback"
    page = absolute_url("pages.week")
    return Entry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        stamped_at=_stamped_at(meeting, seat),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{kind}: {others}" if others else kind,
        description=page,
        url=page,
        cancelled=meeting.cancelled_at is not None or seat.left_at is not None,
    )


def _stamped_at(meeting: Meeting, seat: Seating) -> datetime:
    """The last moment known at which it changed for this person."""
    drawn_at = meeting.round.drawn_at if meeting.round else None
    known = (meeting.booked_at, drawn_at, meeting.cancelled_at, seat.left_at)
    return max((moment for moment in known if moment), default=meeting.starts_at)
