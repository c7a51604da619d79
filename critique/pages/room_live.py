"""What the room's head says about talking live instead of writing, and where it is booked."""

from __future__ import annotations

from dataclasses import dataclass

from critique.accounts.models import Person
from critique.mentoring.models import Claim
from critique.mentoring.offering import has_answered, is_offered
from critique.reviews.booking import booking_path
from critique.reviews.live_or_written import LIVE_MINUTES, advice_on
from critique.reviews.models import Review

SLOW = (
    "Two rounds have each taken longer than a working day. "
    f"{LIVE_MINUTES} minutes live would close this one."
)


@dataclass(frozen=True)
class Live:
    """A sentence, and where a session is booked; None where nothing of the kind exists."""

    sentence: str
    booking: str | None


def live_offer(person: Person, review: Review, claim: Claim | None) -> Live | None:
    """What is said to this reader: the offer after two slow rounds, else what the ticks recommend.

    The offer is for the author and who reviews it; a recommendation everybody may read. None for
    what is closed, and where writing is as good.
    """
    if review.closure is not None:
        return None
    if _takes_part(person, review, claim) and is_offered(review.id):
        return Live(SLOW, booking_path(review.id))
    advice = advice_on(review.ticks)
    if advice.way == "written":
        return None
    return Live(advice.sentence, booking_path(review.id))


def _takes_part(person: Person, review: Review, claim: Claim | None) -> bool:
    if person.id == review.author_id or (claim is not None and claim.person_id == person.id):
        return True
    asked = any(row.person_id == person.id for row in review.reviewers)
    return asked or has_answered(person.id, review.id)
