"""What webhooks hear of: the message and its job stand in the transaction of the event itself."""

from __future__ import annotations

from datetime import datetime

from critique.activity.hooks.noting import (
    forget_old_deliveries,
    note_deadlines,
    note_occasion,
    resume_lost,
)
from critique.events.listening import on
from critique.events.models import Event

TOLD_BY_EVENT = ("review.created", "review.closed", "verdict.given", "turn.given")


@on(*TOLD_BY_EVENT)
def told(happened: Event) -> None:
    """Tell what goes by the same name in the log."""
    note_occasion(happened, happened.verb)


@on("walkthrough.posted")
def version_arrived(happened: Event) -> None:
    """Tell of a version; recorded replies have none, and belong to the talk."""
    if happened.details.get("version") is not None:
        note_occasion(happened, happened.verb)


def keep_telling(now: datetime) -> None:
    """Tell of deadlines that came near, take up what was lost, forget what is old."""
    note_deadlines(now)
    resume_lost(now)
    forget_old_deliveries(now)
