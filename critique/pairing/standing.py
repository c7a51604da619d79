"""Where somebody stands with this week's coffee, in words: the first thing on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from critique.accounts.models import Membership, Person
from critique.pairing.models import LeftOut, Meeting, Round
from critique.pairing.pooling import is_away, is_off
from critique.pairing.weeks import spoken_week
from critique.plumbing.calendar import spoken_moment

Kind = Literal[
    "coming", "over", "left_out", "skipping", "away", "out", "waiting", "late", "alone", "silent"
]


@dataclass(frozen=True)
class Standing:
    """One sentence, and what follows from it."""

    kind: Kind
    title: str
    words: str = ""


def standing_of(
    person: Person,
    membership: Membership | None,
    *,
    meeting: Meeting | None,
    left_out: LeftOut | None,
    drawn: Round | None,
    week: str,
    next_draw: datetime,
    silent: bool,
    now: datetime,
) -> Standing:
    """Say where the person stands: what is booked comes first, then why nothing is."""
    then = _on_their_clock(person, next_draw, now)
    if meeting is not None:
        return _with_meeting(person, meeting, now)
    if membership is None:
        return Standing(
            "alone",
            "No team, no coffee yet.",
            "The weekly coffee is drawn among the people of a team. "
            "Ask a lead or an admin to invite you.",
        )
    chosen = _by_choice(person, week, next_draw, now) or _by_silence(person, silent=silent)
    if chosen is not None:
        return chosen
    if left_out is not None:
        reason = left_out.reason[:1].upper() + left_out.reason[1:]
        words = f"{reason}. You come first in the next draw, {then}."
        title = f"No coffee for you, {spoken_week(drawn.week if drawn else week)}."
        return Standing("left_out", title, words)
    if drawn is not None and drawn.week == week:
        words = f"You are in now. The next draw is {then}."
        return Standing("late", f"{spoken_week(week)} was drawn without you.", words)
    return Standing(
        "waiting",
        f"Your next coffee is drawn {then}.",
        "Twenty minutes with somebody of the team, inside both your hours. Who, when and why "
        "comes by mail.",
    )


def _by_silence(person: Person, *, silent: bool) -> Standing | None:
    if not silent or not person.coffee_in:
        return None
    words = "We have not heard of you for three rounds, so nobody is drawn for you."
    return Standing("silent", "Shall we go on drawing you?", words)


def _by_choice(person: Person, week: str, next_draw: datetime, now: datetime) -> Standing | None:
    until, then = person.coffee_snoozed_until, _on_their_clock(person, next_draw, now)
    if not person.coffee_in:
        words = "Tick the box to be in from the next draw on."
        return Standing("out", "You are not in the weekly coffee.", words)
    # Who is still away at the next draw is not in that one either, whatever week they skip.
    skips = person.coffee_skipped_week == week and not is_away(person, next_draw)
    if skips:
        title = f"You sit {spoken_week(week)} out."
        return Standing("skipping", title, f"The next draw is {then}.")
    if until is not None and is_away(person, now):
        title = f"You are away until {until:%A} {until.day} {until:%B}."
        return Standing("away", title, "Nobody is drawn for you before that day.")
    if is_off(person, week):
        title = f"You are off all week, {spoken_week(week)}."
        return Standing("away", title, f"The next draw is {then}.")
    return None


def _with_meeting(person: Person, meeting: Meeting, now: datetime) -> Standing:
    names = _names([one.name for one in meeting.people if one.id != person.id])
    when = spoken_moment(meeting.starts_at, person.zone, now)
    if meeting.ends_at <= now:
        return Standing("over", f"Your coffee with {names} was {when}.")
    if meeting.starts_at <= now:
        return Standing("coming", f"Coffee with {names}, now.")
    return Standing("coming", f"Coffee with {names}, {when}.")


def _names(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _on_their_clock(person: Person, moment: datetime, now: datetime) -> str:
    words = spoken_moment(moment, person.zone, now)
    return words if words.startswith(("today", "tomorrow", "yesterday")) else f"on {words}"
