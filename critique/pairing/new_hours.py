"""Hours that change after the booking: what lies outside them is said, with a better time."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.listening import on
from critique.events.models import Event
from critique.pairing.meetings.mail import write_outside_letter
from critique.pairing.meetings.times import better_time, is_outside_hours
from critique.pairing.models import Meeting
from critique.pairing.queries import coming_seats
from critique.plumbing import clock
from critique.plumbing.db import db


@on("person.changed")
def offer_better_times(happened: Event) -> None:
    """Tell the person of each meeting outside their hours, once for each time it has."""
    if not {"hours", "zone"}.intersection(happened.details.get("changed", ())):
        return
    person, now = db.session.get_one(Person, happened.subject_id), clock.now()
    for seat in coming_seats(person, now):
        meeting = db.session.get_one(Meeting, seat.meeting_id)
        if is_outside_hours(person, meeting):
            better = better_time(meeting, now)
            write_outside_letter(person, meeting, better.starts_at if better else None)
