"""Letters about what became of a meeting; each carries the one entry for its reader's calendar.

Who is taken out gets a CANCEL that names only them, as the meeting itself goes on (RFC 5546,
3.2.5); who stays or is new gets a REQUEST, and everybody a CANCEL when nobody meets any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app

from critique.accounts.models import Person
from critique.pairing.daylight import place
from critique.pairing.meetings.calendar import (
    answer_url,
    entry_for,
    minutes_of,
    page_url,
    sender_of,
)
from critique.pairing.meetings.candidates import partners_for
from critique.pairing.meetings.operations import Change
from critique.pairing.models import Meeting
from critique.pairing.operations import Release
from critique.pairing.sessions.call import call_url
from critique.plumbing import clock
from critique.plumbing.invitation import Method
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import listed, named, spoken_time
from critique.web.app import absolute_url

NAMED = 3


def write_release_letters(release: Release) -> None:
    """Tell everybody at a meeting that somebody does not come: cancelled, or kept by the others."""
    meeting, gone, left = release.meeting, release.gone, release.remaining
    everybody = [gone, *left]
    if not release.cancelled:
        _write("given_up", meeting, gone, "CANCEL", [gone], gone=gone, others=left)
        for one in left:
            _write("changed", meeting, one, "REQUEST", left, gone=gone)
        return
    _write("given_up", meeting, gone, "CANCEL", everybody, gone=gone, others=left)
    for one in left:
        others = [other for other in everybody if other.id != one.id]
        free = [candidate.person.name for candidate in partners_for(meeting, one, clock.now())]
        _write(
            "cancelled", meeting, one, "CANCEL", everybody, gone=gone, others=others,
            free=" or ".join(named(name) for name in free[:NAMED]),
        )  # fmt: skip


def write_moved_letters(meeting: Meeting, *, by: Person) -> None:
    """Give everybody who comes the new time, who moved it, and their calendars an update."""
    for one in meeting.people:
        _write("moved", meeting, one, "REQUEST", meeting.people, gone=by)


def write_change_letters(change: Change, *, by: Person) -> None:
    """Invite who is new, tell who stays, and take it out of the calendar of who gave it up."""
    meeting, new, gone = change.meeting, change.new, change.gone
    assert new is not None, "somebody came in"
    for one in meeting.people:
        template = "joined" if one.id == new.id else "changed"
        _write(template, meeting, one, "REQUEST", meeting.people, gone=gone, new=new, by=by)
    if gone is not None and gone.id == by.id:
        others = [one for one in meeting.people if one.id != new.id]
        _write("given_up", meeting, gone, "CANCEL", [gone], gone=gone, new=new, others=others)


def write_outside_letter(person: Person, meeting: Meeting, better: datetime | None) -> None:
    """Tell somebody that a meeting lies outside the hours they have now, once a time."""
    _write(
        "outside", meeting, person, None, (),
        key=f"{meeting.kind}-outside-{meeting.id}-{meeting.sequence}-{person.id}",
        better=spoken_time(better, person.zone) if better else "",
    )  # fmt: skip


def _write(
    template: str,
    meeting: Meeting,
    to: Person,
    method: Method | None,
    attendees: Sequence[Person],
    *,
    gone: Person | None = None,
    new: Person | None = None,
    by: Person | None = None,
    others: Sequence[Person] | None = None,
    key: str | None = None,
    **words: Any,
) -> None:
    kind = "coffee" if meeting.kind == "coffee" else "session"
    with_whom = [one for one in meeting.people if one.id != to.id] if others is None else others
    names = listed([named(one.name) for one in with_whom])
    when = spoken_time(meeting.starts_at, to.zone)
    what = f"{kind if kind == 'coffee' else f'{minutes_of(meeting)} minutes'} with {names}"
    values = {
        **words,
        "what": what,
        "names": names,
        "when": when,
        "place": place(to.zone),
        "coffee": kind == "coffee",
        "gone": named(gone.name) if gone else "",
        "new": named(new.name) if new else "",
        "by": named(by.name) if by else "",
        "mine": gone is not None and gone.id == to.id,
        "alone": len(with_whom) == 1,
        "title": named(meeting.review.title) if meeting.review else "",
        "reason": meeting.reason,
        "call_url": call_url(meeting) if kind == "session" else "",
        "page_url": page_url(meeting),
        "answer_url": answer_url(meeting, to),
        "coffee_url": absolute_url("pairing.index"),
    }
    write_letter(
        kind=f"{kind}-{template}",
        key=key or f"{kind}-{meeting.id}-{meeting.sequence}-{to.id}",
        to_name=named(to.name),
        to_address=to.email,
        person_id=to.id,
        team_id=meeting.team_id,
        subject=_subject(template, what, when),
        text=_rendered(f"mail/meetings/{template}.txt", values),
        html=_rendered(f"mail/meetings/{template}.html", values),
        calendar=entry_for(to, meeting, method, attendees) if method else None,
        calendar_method=method,
        headers=sender_of(meeting, to) if method else None,
    )


def _subject(template: str, what: str, when: str) -> str:
    subject = f"{what[:1].upper()}{what[1:]}, {when}"
    if template == "outside":
        return f"{what[:1].upper()}{what[1:]} is outside your hours now"
    return f"Cancelled: {subject}" if template in ("given_up", "cancelled") else subject


def _rendered(template: str, values: dict[str, Any]) -> str:
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(template).render(values)
