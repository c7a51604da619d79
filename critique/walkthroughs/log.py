"""What happened to a version, written into the log."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.walkthroughs.models import Walkthrough


def record(
    verb: str,
    by: Person | None,
    walkthrough: Walkthrough,
    *,
    by_id: int | None = None,
    before: object = None,
    after: object = None,
    details: dict[str, object] | None = None,
) -> None:
    """Record one event of a walkthrough; `by` or `by_id` did it, or nobody."""
    record_event(
        verb,
        by_id=by.id if by else by_id,
        subject="recording" if is_told(walkthrough) else "walkthrough",
        subject_id=walkthrough.id,
        team_id=walkthrough.review.team_id,
        review_id=walkthrough.review_id,
        before=before,
        after=after,
        details=details,
    )


def is_told(walkthrough: Walkthrough) -> bool:
    """Whether it is a recorded reply that stands in a thread, which changes with it."""
    return walkthrough.is_reply and walkthrough.shared_at is not None
