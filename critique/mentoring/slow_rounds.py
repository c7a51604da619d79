"""Rounds of a request that took too long: from the author's ask to somebody's answer.

A version that is posted and a question in a reply are asks; a comment, a reply or a verdict of
anybody else answers all asks before it. A round is slow when the author waited for longer than one
working day of their own: whoever is answered by the next morning has waited for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from critique.plumbing.calendar import working_minutes
from critique.plumbing.hours import WorkingHours

# After so many a request offers to be talked about.
ENOUGH = 2
# Of somebody who states no hours at all.
USUAL_DAY_MINUTES = 8 * 60

Round = tuple[datetime, datetime]


def rounds_of(asks: Iterable[datetime], answers: Iterable[datetime]) -> list[Round]:
    """Each round that was answered, as (asked, answered) in UTC: from the first ask left open."""
    # Nothing answers what is asked at the same instant, so the answer comes first.
    moments = sorted([*((at, 0) for at in answers), *((at, 1) for at in asks)])
    found: list[Round] = []
    asked: datetime | None = None
    for at, is_ask in moments:
        if is_ask:
            asked = asked or at
        elif asked is not None:
            found.append((asked, at))
            asked = None
    return found


def slow_rounds(
    asks: Iterable[datetime], answers: Iterable[datetime], hours: WorkingHours
) -> list[Round]:
    """The rounds in which the author, whose hours these are, waited for more than a working day."""
    day = day_minutes(hours)
    return [one for one in rounds_of(asks, answers) if working_minutes(hours, *one) > day]


def day_minutes(hours: WorkingHours) -> int:
    """How long a working day is, on average over the days of the week that are ones."""
    days = [sum(end - start for start, end in spans) for spans in hours.days.values() if spans]
    return round(sum(days) / len(days)) if days else USUAL_DAY_MINUTES
