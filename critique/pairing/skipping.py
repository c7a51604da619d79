"""Sitting a week out, with everything that follows from it."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.accounts.operations import skip_week
from critique.pairing.meetings.mail import write_release_letters
from critique.pairing.operations import Release, release_seat
from critique.pairing.queries import seats_at_hand
from critique.plumbing import clock


def skip_and_tell(person: Person, week: str | None) -> list[Release]:
    """Skip an ISO week (None: none), give up what is booked in it and tell the others.

    Raises Invalid for a week that does not exist.
    """
    skip_week(by=person, week=week)
    if week is None:
        return []
    found = [
        release_seat(by=person, meeting_id=seat.meeting_id, person_id=person.id)
        for seat in seats_at_hand(person, clock.now(), [week])
    ]
    released = [release for release in found if release is not None]
    for release in released:
        write_release_letters(release)
    return released
