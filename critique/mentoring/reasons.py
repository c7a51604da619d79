"""Why a request stands where it stands in somebody's queue, in words."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from critique.accounts.models import Person
from critique.mentoring.estimates import spoken_about
from critique.mentoring.models import Claim, Turn
from critique.mentoring.ordering import Cause
from critique.mentoring.weighing import Weighed
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
            return f"Fits your {listed(wanted)}." if wanted else _free(review)
        case _:
            return _free(review)


def place_of(found: Weighed, review: Review) -> str:
    """Why a request stands at its place among what could be done next, in one sentence."""
    about = spoken_about(found.about)
    about = f"{about[0].upper()}{about[1:]}"
    match found.suggestion.cause:
        case Cause.SAVABLE if review.review_by is None:
            return f"{about}; no deadline."
        case Cause.SAVABLE:
            return f"{about}; {_spare(found.suggestion.slack)} to spare while somebody is there."
        case Cause.FAVOURED:
            name = review.author.name
            return f"{about}; nobody has answered {name} before, so it goes first among equals."
        case Cause.OLDEST:
            return f"{about}; the oldest overdue one, which has every fourth place."
        case Cause.WAITED:
            return f"{about}; it has waited longest, and would wait too long otherwise."
        case _:
            return (
                f"{about}; it cannot be in time any more, and stands behind what fits you and can."
            )


def _spare(minutes: int) -> str:
    hours, rest = divmod(max(minutes, 0), 60)
    return (
        f"{hours} h" if hours and not rest else f"{hours} h {rest} min" if hours else f"{rest} min"
    )


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
