"""What people do with their own turn: put it aside with one press, or hand it over.

Both write turns before an event is recorded, so they hold the log first; see `keeping`.
"""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.record import hold_log
from critique.mentoring.keeping import begin_turn, end_turn, keep_turns, take_turn, turns_written
from critique.mentoring.moves import DISMISSIBLE, Due
from critique.plumbing import clock
from critique.plumbing.errors import Conflict
from critique.reviews.access import must_be_open, review_for
from critique.reviews.models import Review


def put_turn_aside(*, by: Person, review_id: int) -> Review:
    """Say "I am done here": end one's own turn without a word; without a turn, nothing happens.

    Only where words or a yes of one's own were waited for. Raises NotFound, and Conflict where the
    work itself waits, or the request is closed.
    """
    review = review_for(by, review_id, lock=True)
    must_be_open(review)
    hold_log()
    now = clock.now()
    own = next((turn for turn in turns_written(review.id) if turn.person_id == by.id), None)
    if own is None or (own.until is not None and own.until <= now):
        return review
    if own.reason not in DISMISSIBLE:
        raise Conflict(
            "This waits for you to look at the work or to go on with it, so it is not done with "
            "one press. Nothing was changed; write what you think, or hand it over.",
            code="needs_you",
        )
    end_turn(own, now, "done", by_id=by.id)
    keep_turns(review.id, now, by_id=by.id)
    return review


def hand_over_turn(*, by: Person, review: Review, from_id: int | None, to_id: int) -> None:
    """Give somebody the turn another one had (`from_id`, None for nobody); the caller may do so.

    The row of the request must be held. What the giver was asked before does not come back.
    """
    hold_log()
    now = clock.now()
    rows = {turn.person_id: turn for turn in turns_written(review.id)}
    if from_id is not None and from_id in rows:
        end_turn(rows[from_id], now, "handed_over", by_id=by.id)
    due = Due(to_id, "handed_over", now, by.id)
    if to_id in rows:
        take_turn(rows[to_id], due, by_id=by.id)
    else:
        begin_turn(review.id, due, now, by_id=by.id)
    keep_turns(review.id, now, by_id=by.id)
