"""Why a request stands where it stands in somebody's queue, in words."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from critique.accounts.models import Person
from critique.mentoring.models import Claim, Turn
from critique.mentoring.words import Move, as_sentence, listed, why_of
from critique.plumbing.calendar import spoken_moment
from critique.reviews.models import Review


def reason_for(
    section: str,
    review: Review,
    *,
    viewer: Person,
    skills: AbstractSet[str],
    claim: Claim | None,
    turns: Sequence[Turn],
    move: Move,
    now: datetime,
) -> str:
    """One or two sentences; times on the viewer's clock. `turns` are those in force."""
    match section:
        case "mine" | "held":
            return _mine(turns, viewer, claim, now)
        case "answered":
            return as_sentence(move.sentence)
        case "fits":
            wanted = [row.skill for row in review.skills if row.skill in skills]
            return f"Fits your {listed(wanted)}."
        case _:
            return _free(review)


def _mine(turns: Sequence[Turn], viewer: Person, claim: Claim | None, now: datetime) -> str:
    own = next((turn for turn in turns if turn.person_id == viewer.id), None)
    waits = as_sentence(why_of(own, viewer)) if own and own.reason != "claimed" else ""
    if claim is None:
        return waits
    who = "You" if claim.person_id == viewer.id else claim.person.name
    until = spoken_moment(claim.until, viewer.zone, now).removeprefix("today ")
    return f"{who} claimed it until {until}. {waits}".strip()


def _free(review: Review) -> str:
    if review.reviewers:
        asked = listed([row.person.name for row in review.reviewers])
        return f"{review.author.name} asked {asked}; nobody has taken it."
    if review.skills:
        return f"Asks for {listed([row.skill for row in review.skills])}; nobody has taken it."
    return "Nobody was asked."
