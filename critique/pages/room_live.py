"""What the room's head says about talking live instead of writing."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.mentoring.models import Claim
from critique.mentoring.offering import has_answered, is_offered
from critique.pairing.sessions.queries import sessions_on
from critique.reviews.live_or_written import LIVE_MINUTES, advice_on
from critique.reviews.models import Review

SLOW = (
    "Two rounds have each taken longer than a working day. "
    f"{LIVE_MINUTES} minutes live would close this one."
)


def live_offer(person: Person, review: Review, claim: Claim | None) -> str | None:
    """What is said to this reader: the offer after two slow rounds, else what the ticks recommend.

    The offer is for the author and who reviews it; a recommendation everybody may read. None for
    what is closed, where writing is as good, and once a session about it is booked or was held.
    """
    advice = advice_on(review.ticks)
    slow = is_offered(review.id) and _takes_part(person, review, claim)
    if not slow and advice.way == "written":
        return None
    if review.closure is not None or sessions_on(review.id, review.created_at):
        return None
    return SLOW if slow else advice.sentence


def _takes_part(person: Person, review: Review, claim: Claim | None) -> bool:
    if person.id == review.author_id or (claim is not None and claim.person_id == person.id):
        return True
    asked = any(row.person_id == person.id for row in review.reviewers)
    return asked or has_answered(person.id, review.id)
