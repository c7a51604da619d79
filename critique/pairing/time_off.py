"""Days out of office that come after the booking: what was booked in them is given up."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.listening import on
from critique.events.models import Event
from critique.pairing.meetings.mail import write_release_letters
from critique.pairing.models import Meeting
from critique.pairing.operations import release_seat
from critique.pairing.queries import coming_seats
from critique.plumbing import clock
from critique.plumbing.calendar import local_day
from critique.plumbing.db import db


@on("absence.added", "absence.changed")
def give_up_seats(happened: Event) -> None:
    """Release the person's seats on days they are away now, and tell the others at the table."""
    person, now = db.session.get_one(Person, happened.details["person"]), clock.now()
    calendar = person.working_hours
    for seat in coming_seats(person, now):
        starts_at = db.session.get_one(Meeting, seat.meeting_id).starts_at
        if calendar.away_until(local_day(person.zone, starts_at)) is None:
            continue
        release = release_seat(by=person, meeting_id=seat.meeting_id, person_id=person.id)
        if release is not None:
            write_release_letters(release)
