"""Each change with everything that follows from it: everybody is told, calendars follow."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from critique.accounts.models import Person
from critique.pairing.meetings.mail import (
    write_change_letters,
    write_moved_letters,
    write_release_letters,
)
from critique.pairing.meetings.operations import (
    Change,
    add_person,
    answer_meeting,
    decline_meeting,
    move_meeting,
    swap_partner,
)

Answer = Literal["accepted", "declined", "tentative"]


def answer_and_tell(
    *, by: Person, meeting_id: int, answer: Answer, sequence: int | None = None
) -> bool:
    """Answer an invitation, by whichever door; False when nothing was changed.

    Who declines gives their place up, and the others are told at once. Raises what
    `answer_meeting` does.
    """
    if answer != "declined":
        return answer_meeting(by=by, meeting_id=meeting_id, answer=answer, sequence=sequence)
    release = decline_meeting(by=by, meeting_id=meeting_id, sequence=sequence)
    if release is not None:
        write_release_letters(release)
    return release is not None


def move_and_tell(
    *, by: Person, meeting_id: int, starts_at: datetime, sequence: int | None = None
) -> Change:
    """Move it; everybody gets the new time into their calendar. Raises what `move_meeting` does."""
    change = move_meeting(by=by, meeting_id=meeting_id, starts_at=starts_at, sequence=sequence)
    if change.changed:
        write_moved_letters(change.meeting, by=by)
    return change


def swap_and_tell(
    *, by: Person, meeting_id: int, person_id: int, sequence: int | None = None
) -> Change:
    """Have somebody else come; all are told. Raises what `swap_partner` does."""
    change = swap_partner(by=by, meeting_id=meeting_id, person_id=person_id, sequence=sequence)
    if change.changed:
        write_change_letters(change, by=by)
    return change


def add_and_tell(
    *, by: Person, meeting_id: int, person_id: int, sequence: int | None = None
) -> Change:
    """Have a third come; all are told. Raises what `add_person` does."""
    change = add_person(by=by, meeting_id=meeting_id, person_id=person_id, sequence=sequence)
    if change.changed:
        write_change_letters(change, by=by)
    return change
