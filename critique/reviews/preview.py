"""A deadline before it is posted: what it means on every clock it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from critique.accounts.access import active_people
from critique.accounts.models import Person
from critique.plumbing.db import db
from critique.reviews.deadlines import local_words, parse_deadline, time_left, why_outside


@dataclass(frozen=True)
class ReviewerClock:
    """The deadline for one reviewer: on their clock, what is left of their time, and a warning."""

    name: str
    local: str
    left: str
    warning: str | None


@dataclass(frozen=True)
class Preview:
    """A sentence about the deadline (or about what is wrong with it), and the reviewers' clocks."""

    sentence: str
    wrong: bool
    reviewers: tuple[ReviewerClock, ...]


def preview_of(
    author: Person,
    *,
    team_id: int,
    text: str,
    moment: str,
    reviewers: Sequence[str],
    now: datetime,
) -> Preview:
    """What `text` (or, for "moment" and "keep", the second input) would mean as a deadline."""
    given = moment if text in ("moment", "keep") else text
    if not given.strip():
        wrong = text == "moment"
        words = "Choose the moment." if wrong else "No deadline: nobody will know when it is late."
        return Preview(words, wrong, ())
    try:
        at = parse_deadline(given, author.working_hours, now).at
    except ValueError as error:
        return Preview(str(error), text != "keep", ())
    left = time_left(at, author.working_hours, now)
    spoken = f"{left.left} for you" if left.minutes > 0 else left.left
    sentence = f"{local_words(at, author.zone, now)}, {spoken}."
    return Preview(
        sentence=sentence[0].upper() + sentence[1:],
        wrong=False,
        reviewers=tuple(_clock(person, at, now) for person in _people(team_id, reviewers)),
    )


def typed_deadline(author: Person, text: str, moment: str, now: datetime) -> datetime | None:
    """The deadline that is being typed (UTC); None where there is none, or none yet."""
    given = moment if text in ("moment", "keep") else text
    try:
        return parse_deadline(given, author.working_hours, now).at if given.strip() else None
    except ValueError:
        return None


def _people(team_id: int, ids: Sequence[str]) -> list[Person]:
    wanted = [int(text) for text in ids if text.isascii() and text.isdigit() and len(text) < 10]
    chosen = active_people(team_id).where(Person.id.in_(wanted[:50]))
    return list(db.session.scalars(chosen)) if wanted else []


def _clock(person: Person, at: datetime, now: datetime) -> ReviewerClock:
    hours = person.working_hours
    return ReviewerClock(
        person.name,
        local_words(at, person.zone, now),
        time_left(at, hours.reachable, now).left,
        why_outside(hours, at),
    )
