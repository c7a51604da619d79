"""When somebody is reminded of an ask, and when its lead hears of it. Pure; moments are UTC.

At half of the working time between the ask and the deadline, and again when the smaller of two
hours and a quarter of it is left; never more than these two for one ask, and only while the person
can be reached, because a mail at night reminds nobody. Once the deadline has passed unanswered a
lead is told, once, in the lead's own hours. Working time is that of whoever is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from critique.mentoring.clock import can_be_reached, working_minutes
from critique.plumbing.hours import WorkingHours

KINDS = ("half", "near", "lead")
NEAR_MINUTES = 120
NEAR_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody was asked: since when, until when, and what they were reminded of already."""

    since: datetime
    due: datetime
    given: frozenset[str] = frozenset()


def reminder_due(ask: Ask, hours: WorkingHours, now: datetime) -> str | None:
    """Which reminder is due at `now`: "near", "half", or none.

    Where both have come at once only the later one is given, and the earlier one never after it.
    """
    if not ask.since <= now < ask.due or not can_be_reached(hours, now):
        return None
    whole = working_minutes(hours, ask.since, ask.due)
    left = working_minutes(hours, now, ask.due)
    if left <= min(NEAR_MINUTES, NEAR_SHARE * whole):
        return None if "near" in ask.given else "near"
    if 2 * left <= whole:
        return None if ask.given & {"half", "near"} else "half"
    return None


def lead_due(ask: Ask, lead: WorkingHours, now: datetime) -> bool:
    """Whether a lead is told now that the deadline passed with nobody's answer.

    What was asked, or taken on, only when it was late already, nobody has failed to answer.
    """
    return ask.since < ask.due <= now and "lead" not in ask.given and can_be_reached(lead, now)
