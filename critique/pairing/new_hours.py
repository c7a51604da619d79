"""Hours that change after the draw: what lies outside them is said, with a better time."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.listening import on
from critique.events.models import Event
from critique.pairing.mail import outside_letter, write_letters
from critique.pairing.models import Meeting
from critique.pairing.moving import better_time, is_outside_hours
from critique.pairing.queries import seats_at_hand
from critique.pairing.weeks import week_after
from critique.plumbing import clock
from critique.plumbing.calendar import week_of
from critique.plumbing.db import db


@on("person.changed")
def offer_better_times(happened: Event) -> None:
    """Tell the person of each meeting outside their hours, once for each time it has."""
    if not {"hours", "zone"}.intersection(happened.details.get("changed", ())):
        return
    person, now = db.session.get_one(Person, happened.subject_id), clock.now()
    week = week_of(now, person.zone)
    for seat in seats_at_hand(person, now, [week, week_after(week)]):
        meeting = db.session.get_one(Meeting, seat.meeting_id)
        if is_outside_hours(person, meeting):
            write_letters([outside_letter(person, meeting, better_time(meeting, now))])
