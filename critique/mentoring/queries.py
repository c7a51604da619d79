"""Questions about claims and the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, selectinload

from critique.accounts.models import Person
from critique.mentoring.models import Claim, Turn
from critique.mentoring.moves import TO_LOOK
from critique.mentoring.queue import Standing, standing_in
from critique.mentoring.reasons import place_of, reason_for
from critique.mentoring.turns import turns_on
from critique.mentoring.weighing import Weighed
from critique.mentoring.words import Move, has_deadline, whose_move
from critique.plumbing.db import db
from critique.reviews.deadlines import TimeLeft, time_left
from critique.reviews.models import Review, Reviewer

PAGE = 50
# Nobody works through the thousand before it; what lies behind is found in the library.
LAST_PAGE = 20


@dataclass(frozen=True)
class QueueRow:
    """One entry of a person's queue.

    `section` is mine, fits, others, answered or held; `reason` says why it stands there; `move`
    whose move it is; `left` is the deadline for this person, None where there is none or it is
    about nothing that waits here; `claimed_until` is UTC. `to_confirm`: only their yes is missing.
    """

    review: Review
    section: str
    reason: str
    move: Move
    turns: Sequence[Turn]
    left: TimeLeft | None
    claimed_by: Person | None
    claimed_until: datetime | None
    weighed: Weighed | None = None
    to_confirm: bool = False

    @property
    def place(self) -> str:
        """Why it stands at this place: about how long it takes, and what there is to spare."""
        return "" if self.weighed is None else place_of(self.weighed, self.review)

    @property
    def why(self) -> str:
        """The reason, how late it is if it is, and why it stands at this place."""
        late = self.left is not None and self.left.state == "late"
        said = f"{self.left.left[0].upper()}{self.left.left[1:]}." if late and self.left else ""
        return " ".join(part for part in (said, self.reason, self.place) if part)


def claim_on(review_id: int, now: datetime) -> Claim | None:
    """The claim in force on a request at `now` (UTC), with its holder; None when it is free."""
    return db.session.scalar(
        sa.select(Claim)
        .where(Claim.review_id == review_id, Claim.until > now)
        .options(joinedload(Claim.person))
    )


def queue_for(person: Person, now: datetime, *, page: int = 1, size: int = PAGE) -> list[QueueRow]:
    """One page of the person's queue, in a number of queries that does not depend on its length.

    First what is theirs and what is free to take, by slack (`ordering`); at the end what is
    answered, and what others hold.
    """
    first = (page - 1) * size
    return rows_of(person, standing_in(person, now, first + size)[first:], now)


def rows_of(person: Person, standing: Sequence[Standing], now: datetime) -> list[QueueRow]:
    """What a row says of each of these entries of the person's queue."""
    ids = [one.review_id for one in standing]
    reviews, claims = _reviews(ids), _claims(ids, now)
    turns = turns_on(ids, now)
    skills, hours = set(person.skill_names), person.working_hours.reachable
    rows = []
    for entry in standing:
        section, review_id = entry.section, entry.review_id
        review, claim, on_it = reviews[review_id], claims.get(review_id), turns[review_id]
        move = whose_move(review, on_it, viewer=person, now=now)
        reason = reason_for(
            section,
            review,
            viewer=person,
            skills=skills,
            claim=claim,
            turns=on_it,
            move=move,
            now=now,
        )
        own = next((turn for turn in on_it if turn.person_id == person.id), None)
        review_by = review.review_by if own is None or has_deadline(own) else None
        rows.append(
            QueueRow(
                review=review,
                section=section,
                reason=reason,
                move=move,
                turns=on_it,
                left=time_left(review_by, hours, now) if review_by else None,
                claimed_by=claim.person if claim else None,
                claimed_until=claim.until if claim else None,
                weighed=_weight(entry.weighed, section, own),
                to_confirm=own is not None and own.reason == "to_confirm",
            )
        )
    return rows


def _weight(found: Weighed | None, section: str, own: Turn | None) -> Weighed | None:
    """How it was weighed, where a look at the work is what waits: an answer takes no sitting."""
    owes_words = section == "mine" and own is not None and own.reason not in TO_LOOK
    return None if owes_words else found


def _reviews(ids: Sequence[int]) -> dict[int, Review]:
    """Requests with what a row says about them; ids come from the queue, which scoped them."""
    plain = lazyload(Person.skills)
    chosen = (
        sa.select(Review)
        .where(Review.id.in_(ids))
        .options(
            joinedload(Review.author).options(plain),
            joinedload(Review.project),
            selectinload(Review.skills),
            selectinload(Review.aims),
            selectinload(Review.reviewers).joinedload(Reviewer.person).options(plain),
        )
    )
    return {review.id: review for review in db.session.scalars(chosen)}


def _claims(ids: Sequence[int], now: datetime) -> dict[int, Claim]:
    chosen = (
        sa.select(Claim)
        .where(Claim.review_id.in_(ids), Claim.until > now)
        .options(joinedload(Claim.person).lazyload(Person.skills))
    )
    return {claim.review_id: claim for claim in db.session.scalars(chosen)}
