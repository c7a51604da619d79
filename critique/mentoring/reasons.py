"""Why a request stands where it stands in somebody's queue, in words."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from critique.accounts.models import Person
from critique.mentoring.models import Claim
from critique.plumbing.calendar import spoken_moment
from critique.reviews.models import Review


def reason_for(
    section: str,
    review: Review,
    *,
    viewer: Person,
    skills: AbstractSet[str],
    claim: Claim | None,
    answered_by: Person | None,
    shown: bool,
    now: datetime,
) -> str:
    """One or two sentences; times on the viewer's clock. `shown`: there is a walkthrough."""
    match section:
        case "mine" | "held":
            reason = _mine(review, viewer, claim, now)
        case "answered":
            who = "You" if answered_by is None or answered_by.id == viewer.id else answered_by.name
            reason = f"{who} answered; now it is {review.author.name}'s move."
        case "fits":
            wanted = [row.skill for row in review.skills if row.skill in skills]
            reason = f"Fits your {listed(wanted)}."
        case _:
            reason = _free(review)
    return reason if shown else f"{reason} No walkthrough yet."


def listed(words: list[str]) -> str:
    """Words as one says them: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _mine(review: Review, viewer: Person, claim: Claim | None, now: datetime) -> str:
    if claim is None:
        return f"{review.author.name} asked you."
    who = "You" if claim.person_id == viewer.id else claim.person.name
    until = spoken_moment(claim.until, viewer.zone, now).removeprefix("today ")
    return f"{who} claimed it until {until}."


def _free(review: Review) -> str:
    if review.reviewers:
        asked = listed([row.person.name for row in review.reviewers])
        return f"{review.author.name} asked {asked}; nobody has taken it."
    if review.skills:
        return f"Asks for {listed([row.skill for row in review.skills])}; nobody has taken it."
    return "Nobody was asked."
