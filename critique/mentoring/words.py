"""Whose move it is, why, and until when or since when: one sentence for pages, rows, mails, API.

Times are on the reader's own clock; what is left is counted in the reader's own working hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from critique.accounts.models import Person
from critique.mentoring.clock import working_minutes
from critique.mentoring.models import Turn
from critique.mentoring.moves import ASIDE, TO_LOOK
from critique.plumbing.calendar import spoken_duration, spoken_moment
from critique.reviews.models import Review

Urgency = Literal["plain", "soon", "late", "done", "mine"]

# {by} did it ("you" or a name), {whom} it is about ("you", "them"), {whose} ("your", "their").
_CLAUSES = {
    "handed_over": "{by} handed it over to {whom}",
    "requested": "{by} asked {whom}",
    "claimed": "{who} claimed it",
    "asked": "{by} asked {whom} something back",
    "to_confirm": "{by} answered {whose} comment",
    "new_version": "a new version is there",
    "another_round": "{by} asked for another round",
    "talk": "{by} would like to talk",
    "replied": "{by} commented",
    "approved": "everybody has had their say",
    "to_post": "the walkthrough is still to come",
    "reopened": "{by} reopened it",
    "mentioned": "{by} mentioned {whom}",
    "remarked": "{by} left a remark",
    "fell_back": "nobody has acted for two working days",
}
# What the person whose move it is can do, where the reason alone does not say it.
_NEXT = {
    "approved": "close it, or post the next version",
    "to_post": "add it",
    "to_confirm": "confirm it, or say what is missing",
    "fell_back": "name somebody, extend or close it",
}


@dataclass(frozen=True)
class Move:
    """Whose move it is: `words` say whose and until or since when, `why` is a clause.

    `state` is how it is marked (`ui.until`); `next_step` what its reader can do, "" for others;
    `also` names those whose move it is beside the reader's.
    """

    words: str
    state: Urgency
    why: str = ""
    next_step: str = ""
    also: str = ""

    @property
    def sentence(self) -> str:
        """Whose, until when and why in one sentence, without a stop."""
        return ": ".join(filter(None, (self.words, self.why)))

    @property
    def reason(self) -> str:
        """Why, what to do, and who else: whole sentences, "" where there is nothing to say."""
        said = (self.why, self.next_step, self.also)
        return " ".join(as_sentence(clause) for clause in said if clause)


def whose_move(review: Review, turns: Sequence[Turn], *, viewer: Person, now: datetime) -> Move:
    """Say whose move it is to one reader at `now` (UTC); `turns` are those in force.

    No turn in an open request means that everybody who mentors may take it; so do those alone of
    people who only remarked on it or were named.
    """
    if review.closed:
        return Move("Closed", "done")
    own = next((turn for turn in turns if turn.person_id == viewer.id), None)
    others = [turn for turn in turns if turn is not own]
    also = f"it is {_whose(others)} move, too" if others else ""
    if own is not None:
        said = _until_when("Your move", [own], review, viewer, now, mine=True)
        return Move(said.words, said.state, why_of(own, viewer), next_step_of(own), also)
    if all(turn.in_passing or turn.reason in ASIDE for turn in turns):
        said = _with_deadline("Open to any mentor", review.review_by, viewer, now, mine=False)
        return replace(said, also=also)
    said = _until_when(f"{_whose(others)} move", others, review, viewer, now, mine=False)
    return Move(said.words, said.state, _common(others, viewer))


def why_of(turn: Turn, viewer: Person) -> str:
    """Why it is somebody's move, as a clause without a capital or a stop: "Maya asked you"."""
    own = turn.person_id == viewer.id
    return _CLAUSES[turn.reason].format(
        by=_name(turn.by, viewer),
        who="you" if own else "they",
        whom="you" if own else "them",
        whose="your" if own else "their",
    )


def next_step_of(turn: Turn) -> str:
    """What the person whose turn it is can do, "" where the reason says it."""
    return _NEXT.get(turn.reason, "")


def as_sentence(clause: str) -> str:
    """A clause with its capital and its stop."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def has_deadline(turn: Turn) -> bool:
    """Whether the deadline of the request is about this turn: the work is to be looked at."""
    return turn.reason in TO_LOOK


def listed(words: Sequence[str]) -> str:
    """Words as one says them: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _until_when(
    who: str, turns: Sequence[Turn], review: Review, viewer: Person, now: datetime, *, mine: bool
) -> Move:
    if any(has_deadline(turn) for turn in turns):
        ends = [turn.until for turn in turns if turn.until is not None]
        until = review.review_by or (min(ends) if len(ends) == len(turns) else None)
        # A later version of what was due long ago is not late itself.
        if until is not None and (until > now or any(turn.since < until for turn in turns)):
            return _with_deadline(who, until, viewer, now, mine=mine)
    since = spoken_moment(min(turn.since for turn in turns), viewer.zone, now)
    return Move(f"{who} since {since.removeprefix('today ')}", "mine" if mine else "plain")


def _with_deadline(
    who: str, until: datetime | None, viewer: Person, now: datetime, *, mine: bool
) -> Move:
    if until is None:
        return Move(who, "mine" if mine else "plain")
    when = spoken_moment(until, viewer.zone, now).removeprefix("today ")
    if until <= now:
        return Move(f"{who}, due {when}", "late")
    if not mine:
        return Move(f"{who} until {when}", "plain")
    left = working_minutes(viewer.working_hours.reachable, now, until)
    spoken = f"{spoken_duration(left)} left" if left else "outside your hours"
    return Move(f"{who} until {when} – {spoken}", "mine")


def _common(turns: Sequence[Turn], viewer: Person) -> str:
    """The reason of one, or of several when it is the same; several reasons are too much."""
    clauses = {why_of(turn, viewer) for turn in turns}
    return clauses.pop() if len(clauses) == 1 else ""


def _whose(turns: Sequence[Turn]) -> str:
    return listed([f"{turn.person.name}’s" for turn in turns])


def _name(person: Person | None, viewer: Person) -> str:
    if person is None:
        return "somebody"
    return "you" if person.id == viewer.id else person.name
