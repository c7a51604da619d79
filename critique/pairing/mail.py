"""Letters of the coffee: composed from plain values outside any transaction, written inside one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from flask import current_app

from critique.accounts.models import Person
from critique.pairing.daylight import place
from critique.pairing.models import LeftOut, Meeting, Round
from critique.pairing.operations import Release
from critique.pairing.partners import about
from critique.pairing.plan import Guest
from critique.pairing.pooling import guest_of
from critique.pairing.slots import Choice
from critique.pairing.week.ground import question_for
from critique.pairing.weeks import spoken_week
from critique.pairing.wishes.models import Silence
from critique.plumbing import clock
from critique.plumbing.invitation import Method, invitation
from critique.plumbing.lists import list_headers, list_token
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import listed, named, spoken_time
from critique.web.app import absolute_url, settings

COFFEE = "coffee"
# The arguments of `write_letter`.
Draft = dict[str, Any]


@dataclass(frozen=True)
class Appointment:
    """A meeting as a calendar knows it."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    reason: str


def invitation_letters(meeting: Meeting) -> list[Draft]:
    """Compose one letter for everybody who has a seat at this meeting."""
    table = [guest_of(person) for person in meeting.people]
    asked = question_for(meeting, clock.now()).words
    return [
        _invitation(meeting.drawn_in, guest, table, appointment_of(meeting), asked)
        for guest in table
    ]


def left_out_letter(left: LeftOut, drawn: Round) -> Draft:
    """Compose the letter to somebody who could not be seated: why, and what comes next."""
    return _composed(
        "left_out",
        guest_of(left.person),
        drawn.team_id,
        drawn.week,
        key=f"coffee-round-{drawn.id}-{left.person_id}",
        subject=f"No coffee for you, {spoken_week(drawn.week)}",
        of_list=True,
        words={"reason": left.reason, "team": _circle(drawn)},
    )


def silence_letter(silence: Silence, drawn: Round) -> Draft:
    """Compose the letter to somebody of whom nothing was heard: why, and one click back."""
    return _composed(
        "silent",
        guest_of(silence.person),
        drawn.team_id,
        drawn.week,
        key=f"coffee-round-{drawn.id}-{silence.person_id}",
        subject="Shall we go on drawing you for coffee?",
        of_list=True,
        words={"team": _circle(drawn)},
    )


def _circle(drawn: Round) -> str:
    """Whose coffee it is: the team's, or that of a group of it."""
    group = drawn.group
    team = named(drawn.team.name)
    return team if group.kind == "everyone" else f"{named(group.name)} of {team}"


def write_letters(drafts: Sequence[Draft]) -> None:
    """Put composed letters into the outbox, in the caller's transaction."""
    for draft in drafts:
        write_letter(**draft)


def _invitation(
    drawn: Round, guest: Guest, guests: Sequence[Guest], appointment: Appointment, asked: str
) -> Draft:
    partners = [other for other in guests if other.id != guest.id]
    names = listed([named(partner.name) for partner in partners])
    when = spoken_time(appointment.starts_at, guest.zone)
    return _composed(
        "invited",
        guest,
        drawn.team_id,
        drawn.week,
        key=f"coffee-round-{drawn.id}-{guest.id}",
        subject=f"Coffee with {names}, {when}",
        of_list=True,
        calendar=_calendar("REQUEST", appointment, guests),
        method="REQUEST",
        words={
            "names": names,
            "when": when,
            "partners": [about(partner, appointment.starts_at, guest.zone) for partner in partners],
            "caller": named(guests[0].name),
            "calls": guest.id == guests[0].id,
            "reason": appointment.reason,
            "asked": asked,
            "team": _circle(drawn),
        },
    )


def write_release_letters(release: Release) -> None:
    """Tell everybody at a table that somebody does not come: cancelled for two, kept by two.

    Who is taken out of a table of three gets a CANCEL that names nobody else, as the meeting
    itself goes on (RFC 5546, 3.2.5); the two get the meeting anew, without the one.
    """
    gone, remaining = guest_of(release.gone), [guest_of(person) for person in release.remaining]
    everybody = (gone, *remaining)
    if release.cancelled:
        letters = [_Change("given_up", gone, everybody, "CANCEL", everybody)]
        letters += [_Change("cancelled", one, everybody, "CANCEL", everybody) for one in remaining]
    else:
        letters = [_Change("given_up", gone, everybody, "CANCEL", (gone,))]
        two = tuple(remaining)
        letters += [_Change("changed", one, two, "REQUEST", two) for one in remaining]
    write_letters([_changed(release.meeting, gone, letter) for letter in letters])


def write_moved_letters(meeting: Meeting, *, by: Person) -> None:
    """Give everybody who comes the new time, who moved it, and their calendars an update."""
    everybody = tuple(guest_of(person) for person in meeting.people)
    letters = [_Change("moved", one, everybody, "REQUEST", everybody) for one in everybody]
    write_letters([_changed(meeting, guest_of(by), letter) for letter in letters])


def outside_letter(person: Person, meeting: Meeting, better: Choice | None) -> Draft:
    """Compose the letter to somebody whose meeting lies outside the hours they have now."""
    guest = guest_of(person)
    others = [named(one.name) for one in meeting.people if one.id != person.id]
    when = spoken_time(meeting.starts_at, guest.zone)
    return _composed(
        "outside",
        guest,
        meeting.team_id,
        meeting.drawn_in.week,
        key=f"coffee-outside-{meeting.id}-{meeting.sequence}-{person.id}",
        subject=f"Coffee with {listed(others)} is outside your hours now",
        words={
            "names": listed(others),
            "when": when,
            "better": spoken_time(better.starts_at, guest.zone) if better else "",
            "time_url": absolute_url("pairing.time", meeting_id=meeting.id),
        },
    )


@dataclass(frozen=True)
class _Change:
    """One letter about a changed table: to whom, who is spoken of, and who is in its calendar."""

    template: str
    to: Guest
    people: tuple[Guest, ...]
    method: Method
    attendees: tuple[Guest, ...]


def _changed(meeting: Meeting, gone: Guest, change: _Change) -> Draft:
    to, appointment = change.to, appointment_of(meeting)
    names = listed([named(other.name) for other in change.people if other.id != to.id])
    when = spoken_time(meeting.starts_at, to.zone)
    subject = f"Coffee with {names}, {when}"
    return _composed(
        change.template,
        to,
        meeting.team_id,
        meeting.drawn_in.week,
        key=f"coffee-{meeting.id}-{meeting.sequence}-{to.id}",
        subject=subject if change.method == "REQUEST" else f"Cancelled: {subject}",
        calendar=_calendar(change.method, appointment, change.attendees),
        method=change.method,
        words={
            "names": names,
            "when": when,
            "gone": named(gone.name),
            "mine": gone.id == to.id,
            "alone": len(change.people) == 2,
        },
    )


def _composed(
    template: str,
    guest: Guest,
    team_id: int,
    week: str,
    *,
    key: str,
    subject: str,
    words: dict[str, Any],
    of_list: bool = False,
    calendar: bytes | None = None,
    method: Method | None = None,
) -> Draft:
    token = list_token(COFFEE, guest.id, week)
    values = {
        **words,
        "place": place(guest.zone),
        "days": spoken_week(week),
        "coffee_url": absolute_url("pairing.index"),
        "skip_url": absolute_url("pairing.skip_by_letter", token=token),
        "leave_url": absolute_url("pairing.leave_by_letter", token=token),
        "return_url": absolute_url("pairing.return_by_letter", token=token),
    }
    return Draft(
        kind=f"coffee-{template}",
        key=key,
        to_name=named(guest.name),
        to_address=guest.email,
        person_id=guest.id,
        team_id=team_id,
        subject=subject,
        text=_rendered(f"mail/pairing/{template}.txt", values),
        html=_rendered(f"mail/pairing/{template}.html", values),
        calendar=calendar,
        calendar_method=method,
        headers=list_headers(COFFEE, "Weekly coffee", values["leave_url"]) if of_list else None,
    )


def _rendered(template: str, values: dict[str, Any]) -> str:
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(template).render(values)


def _calendar(method: Method, appointment: Appointment, attendees: Sequence[Guest]) -> bytes:
    return calendar_file(method, appointment, [(one.name, one.email) for one in attendees])


def calendar_file(
    method: Method, appointment: Appointment, attendees: Sequence[tuple[str, str]]
) -> bytes:
    """The meeting for calendars; the organizer is who the mails are from."""
    names = listed([named(name) for name, _ in attendees])
    return invitation(
        uid=appointment.uid,
        sequence=appointment.sequence,
        method=method,
        summary=f"Coffee: {names}",
        description=f"Twenty minutes, because: {appointment.reason}.\nSkip it or see more: "
        f"{absolute_url('pairing.index')}",
        start=appointment.starts_at,
        end=appointment.ends_at,
        organizer=parseaddr(settings().mail_from),
        attendees=attendees,
        url=absolute_url("pairing.index"),
        now=clock.now(),
    )


def appointment_of(meeting: Meeting) -> Appointment:
    """A meeting as calendars know it."""
    return Appointment(
        meeting.uid, meeting.sequence, meeting.starts_at, meeting.ends_at, meeting.reason
    )
