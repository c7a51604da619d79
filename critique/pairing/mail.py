"""Letters of the coffee: composed from plain values outside any transaction, written inside one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app

from critique.accounts.models import Person
from critique.pairing.daylight import place
from critique.pairing.meetings.calendar import answer_url, entry_for, sender_of
from critique.pairing.models import LeftOut, Meeting, Round
from critique.pairing.partners import about
from critique.pairing.plan import Guest
from critique.pairing.pooling import guest_of
from critique.pairing.week.ground import question_for
from critique.pairing.weeks import spoken_week
from critique.pairing.wishes.models import Silence
from critique.plumbing import clock
from critique.plumbing.invitation import Method
from critique.plumbing.lists import list_headers, list_token
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import listed, named, spoken_time
from critique.web.app import absolute_url

COFFEE = "coffee"
# The arguments of `write_letter`.
Draft = dict[str, Any]


def invitation_letters(meeting: Meeting) -> list[Draft]:
    """Compose one letter for everybody who has a seat at this meeting."""
    asked = question_for(meeting, clock.now()).words
    return [_invitation(meeting, person, asked) for person in meeting.people]


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


def _invitation(meeting: Meeting, person: Person, asked: str) -> Draft:
    drawn, guests = meeting.drawn_in, [guest_of(one) for one in meeting.people]
    guest = guest_of(person)
    partners = [other for other in guests if other.id != guest.id]
    names = listed([named(partner.name) for partner in partners])
    when = spoken_time(meeting.starts_at, guest.zone)
    return _composed(
        "invited",
        guest,
        drawn.team_id,
        drawn.week,
        key=_key_of_invitation(meeting, person),
        subject=f"Coffee with {names}, {when}",
        of_list=True,
        calendar=entry_for(person, meeting),
        method="REQUEST",
        headers=sender_of(meeting, person),
        words={
            "names": names,
            "when": when,
            "partners": [about(partner, meeting.starts_at, guest.zone) for partner in partners],
            "caller": named(guests[0].name),
            "calls": guest.id == guests[0].id,
            "reason": meeting.reason,
            "asked": asked,
            "team": _circle(drawn),
            "answer_url": answer_url(meeting, person),
        },
    )


def _key_of_invitation(meeting: Meeting, person: Person) -> str:
    """One letter of a round for each who was drawn; who came in meanwhile has had theirs."""
    seat = next(one for one in meeting.seats if one.person_id == person.id)
    if seat.joined_at is not None:
        return f"coffee-{meeting.id}-{meeting.sequence}-{person.id}"
    return f"coffee-round-{meeting.round_id}-{person.id}"


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
    headers: Mapping[str, str] | None = None,
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
        headers={
            **(headers or {}),
            **(list_headers(COFFEE, "Weekly coffee", values["leave_url"]) if of_list else {}),
        },
    )


def _rendered(template: str, values: dict[str, Any]) -> str:
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    return current_app.jinja_env.get_template(template).render(values)
