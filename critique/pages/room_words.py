"""What the room says in words: whose move it is, the transcript in passages, kinds and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from critique.accounts.models import Person
from critique.comments.standing import Judged
from critique.mentoring.models import Claim
from critique.plumbing.calendar import spoken_duration, spoken_moment, working_minutes
from critique.reviews.models import Review
from critique.walkthroughs.words import Word

KIND_WORDS = (
    ("suggestion", "Suggestion"),
    ("question", "Question"),
    ("problem", "Problem"),
    ("praise", "Praise"),
)
WEIGHT_WORDS = (("take_it_or_leave_it", "Take it or leave it"), ("must_fix", "Must fix"))

# A new passage begins after a silence this long, or with the sentence after this many words.
SILENCE_MS = 1100
FULL_PASSAGE = 45
LONGEST_PASSAGE = 90

Urgency = Literal["plain", "soon", "late", "done", "mine"]


@dataclass(frozen=True)
class Move:
    """Whose move it is, as one sentence, and how it is marked (`ui.until`)."""

    words: str
    state: Urgency


@dataclass(frozen=True)
class Passage:
    """Words said in one breath; `first` is the position of the first in the whole transcript."""

    first: int
    start_ms: int
    words: Sequence[Word]


def passages_of(words: Sequence[Word]) -> list[Passage]:
    """Cut a transcript where the voice pauses, or a sentence ends after enough words."""
    found: list[Passage] = []
    begin = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or _breaks(words, begin, at):
            found.append(Passage(begin, words[begin].start_ms, words[begin:at]))
            begin = at
    return found


def _breaks(words: Sequence[Word], begin: int, at: int) -> bool:
    silence = words[at].start_ms - words[at - 1].end_ms
    length = at - begin
    ended = words[at - 1].text.endswith((".", "?", "!", "…"))
    return silence >= SILENCE_MS or length >= LONGEST_PASSAGE or (length >= FULL_PASSAGE and ended)


def whose_move(
    review: Review,
    *,
    viewer: Person,
    claim: Claim | None,
    has_something: bool,
    now: datetime,
    verdicts: Sequence[Judged] = (),
) -> Move:
    """Say whose move it is and until when, on the viewer's own clock.

    `has_something`: a version is there or on its way, so it is for others to look. `verdicts` are
    the newest of each reviewer on the newest version; who gave one has made their move.
    """
    if review.closure is not None:
        return Move("Closed", "done")
    if not has_something:
        mine = review.author_id == viewer.id
        words = "Your move: post the walkthrough" if mine else f"{review.author.name}’s move"
        return Move(words, "mine" if mine else "plain")
    if any(one.verdict != "looks_good" for one in verdicts):
        return _authors_again(review, viewer, verdicts)
    done = {one.by_id for one in verdicts}
    asked = [claim.person] if claim else [row.person for row in review.reviewers]
    holders = [person for person in asked if person.id not in done]
    if verdicts and not holders:
        return Move(f"Looks good, {_say([one.by for one in verdicts])}", "done")
    mine = any(person.id == viewer.id for person in holders)
    who = "Your move" if mine else _waiting_for(holders)
    if review.review_by is None:
        return Move(who, "mine" if mine else "plain")
    return _with_deadline(who, review.review_by, viewer, now, mine=mine)


def _authors_again(review: Review, viewer: Person, verdicts: Sequence[Judged]) -> Move:
    """Another round, or a talk, was asked for: the author goes on, with a new version or a time."""
    again = [one.by for one in verdicts if one.verdict == "another_round"]
    talk = [one.by for one in verdicts if one.verdict == "lets_talk"]
    why = f"{_listed(again)} asked for another round" if again else None
    if why is None:
        why = f"{_listed(talk)} would like to talk"
    if review.author_id == viewer.id:
        return Move(f"Your move: {why}", "mine")
    return Move(f"{review.author.name}’s move: {why}", "plain")


def _say(names: Sequence[str]) -> str:
    return f"{'says' if len(names) == 1 else 'say'} {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _waiting_for(holders: Sequence[Person]) -> str:
    names = [person.name for person in holders]
    if not names:
        return "Open to any mentor"
    return f"{names[0]}’s move" if len(names) == 1 else f"Waiting for {_listed(names)}"


def _with_deadline(
    who: str, review_by: datetime, viewer: Person, now: datetime, *, mine: bool
) -> Move:
    when = spoken_moment(review_by, viewer.zone, now)
    if review_by <= now:
        return Move(f"{who} since {when}", "late")
    if not mine:
        return Move(f"{who} until {when}", "plain")
    left = working_minutes(viewer.working_hours, now, review_by)
    spoken = f"{spoken_duration(left)} left" if left else "outside your hours"
    return Move(f"{who} until {when} – {spoken}", "mine")
