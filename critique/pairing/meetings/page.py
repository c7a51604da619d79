"""What the page of a meeting shows to one of its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.accounts.models import Person
from critique.pairing.daylight import Daylight, daylight
from critique.pairing.meetings.calendar import minutes_of
from critique.pairing.meetings.candidates import (
    Candidate,
    partners_for,
    replaced_seat,
    seat_at,
    thirds_for,
)
from critique.pairing.meetings.times import is_outside_hours, other_times
from critique.pairing.models import Meeting, Seating
from critique.pairing.pooling import guest_of
from critique.pairing.sessions.agenda import Item, agenda_of
from critique.pairing.sessions.call import call_url
from critique.pairing.sessions.live import is_live
from critique.pairing.sessions.models import SessionOutcome
from critique.pairing.week.words import reason_for
from critique.plumbing.calendar import zone_named
from critique.plumbing.db import db
from critique.plumbing.wording import listed, spoken_time


@dataclass(frozen=True)
class Options:
    """What may be changed: times (UTC), who could come in the place of `gone`, or as a third."""

    times: Sequence[datetime] = ()
    partners: Sequence[Candidate] = ()
    gone: Person | None = None
    thirds: Sequence[Person] = ()


@dataclass(frozen=True)
class MeetingPage:
    """A meeting as one of its people sees it; `state` says what has become of it for them.

    coming: it is to come, with them. held: it has begun. left: they gave their place up. cancelled:
    somebody else did.
    """

    meeting: Meeting
    seat: Seating
    state: str
    others: str
    span: str
    minutes: int
    reason: str
    outside: bool
    options: Options
    day: Daylight
    call: str
    live: bool
    over: bool
    agenda: Sequence[Item]
    outcomes: Mapping[int, SessionOutcome | None]
    who_left: Sequence[Person]

    @property
    def thirds(self) -> list[tuple[int, str]]:
        """Who could come as well, to be chosen from."""
        return [(one.id, one.name) for one in self.options.thirds]


def page_of(person: Person, seat: Seating, now: datetime) -> MeetingPage:
    """Read all that the page of a meeting shows to somebody who has or had a seat there."""
    meeting = db.session.get_one(Meeting, seat.meeting_id)
    state = state_of(meeting, seat, now)
    session = meeting.kind != "coffee"
    # Who left a meeting that goes on reads whom they would have met.
    here = meeting.people if meeting.cancelled_at is None else [s.person for s in meeting.seats]
    left = [one.person for one in meeting.seats if one.left_at is not None]
    return MeetingPage(
        meeting=meeting,
        seat=seat,
        state=state,
        others=listed([one.name for one in here if one.id != person.id]),
        span=_span(meeting, person.zone),
        minutes=minutes_of(meeting),
        reason=reason_for(person, meeting),
        outside=state == "coming" and is_outside_hours(person, meeting),
        options=options_of(meeting, person, now),
        day=_day_of(person, here, meeting),
        call=call_url(meeting) if session and state in ("coming", "held") else "",
        live=session and is_live(meeting, now),
        over=meeting.ends_at <= now,
        agenda=agenda_of(meeting) if session else (),
        outcomes={one.id: _outcome(meeting, one) for one in here} if session else {},
        who_left=left,
    )


def state_of(meeting: Meeting, seat: Seating, now: datetime) -> str:
    """What has become of a meeting for who has this seat."""
    if seat.left_at is not None:
        return "left"
    if meeting.cancelled_at is not None:
        return "cancelled"
    return "coming" if meeting.starts_at > now else "held"


def options_of(meeting: Meeting, by: Person, now: datetime) -> Options:
    """What somebody may change of a meeting now; nothing once it has begun."""
    own = seat_at(meeting, by.id)
    if meeting.starts_at <= now or own is None or own.left_at is not None:
        return Options()
    on = meeting.cancelled_at is None
    replaced = replaced_seat(meeting, by)
    return Options(
        times=other_times(meeting, by, now) if on else (),
        partners=partners_for(meeting, by, now),
        gone=replaced.person if replaced else None,
        thirds=thirds_for(meeting, now),
    )


def _outcome(meeting: Meeting, person: Person) -> SessionOutcome | None:
    return db.session.get(SessionOutcome, (meeting.id, person.id))


def _span(meeting: Meeting, zone: str) -> str:
    ends_at = meeting.ends_at.astimezone(zone_named(zone))
    return f"{spoken_time(meeting.starts_at, zone)}–{ends_at:%H:%M}"


def _day_of(person: Person, people: Sequence[Person], meeting: Meeting) -> Daylight:
    """Everybody's day around the meeting, the viewer's own first."""
    everybody = {one.id: one for one in [person, *people]}
    guests = [guest_of(one) for one in everybody.values()]
    return daylight(meeting.starts_at, meeting.ends_at, guests)
