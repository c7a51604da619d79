"""Another time for a booked coffee."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, signed_in
from critique.pairing.access import meeting_for
from critique.pairing.forms import TimeForm
from critique.pairing.mail import write_moved_letters
from critique.pairing.moving import better_time, is_outside_hours, move_meeting
from critique.pairing.views.blueprint import blueprint
from critique.plumbing import clock
from critique.plumbing.calendar import spoken_moment
from critique.plumbing.errors import NotFound
from critique.web.forms import read


@blueprint.get("/coffee/meetings/<int:meeting_id>/time")
@signed_in
def time(meeting_id: int) -> ResponseReturnValue:
    """When it is, whether that is outside one's hours, and the best other time in its week."""
    person, now = asker(), clock.now()
    meeting = meeting_for(person, meeting_id)
    if meeting.round_id is None:
        raise NotFound
    return render_template(
        "pairing/time.html",
        meeting=meeting,
        person=person,
        others=[one.name for one in meeting.people if one.id != person.id],
        outside=is_outside_hours(person, meeting),
        offered=better_time(meeting, now) if meeting.starts_at > now else None,
        over=meeting.starts_at <= now,
    )


@blueprint.post("/coffee/meetings/<int:meeting_id>/time")
@signed_in
def move(meeting_id: int) -> ResponseReturnValue:
    """Move it there; everybody gets the new time into their calendar."""
    person, starts_at = asker(), read(TimeForm).starts_at
    before = meeting_for(person, meeting_id).sequence
    meeting = move_meeting(by=person, meeting_id=meeting_id, starts_at=starts_at)
    if meeting.sequence != before:
        write_moved_letters(meeting, by=person)
    when = spoken_moment(meeting.starts_at, person.zone, clock.now())
    flash(f"Moved to {when}. All of you have been told.", "done")
    return redirect(url_for("pairing.index"), 303)
