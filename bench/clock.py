"""Staffed minutes of 10,000 deadlines, beside asking each calendar for each deadline.

Run `python -m bench.clock`. Teams of 28 and of 300 over three sites, each with holidays, days away
and deep work of their own; the rival counts one person's minutes for each deadline, as one would
without a union, and is asked for a hundredth of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from critique.mentoring import clock
from critique.plumbing.hours import WorkingHours, default_hours

SITES = (("Europe/London", "GB-ENG"), ("Asia/Singapore", "SG"), ("America/Chicago", "US-TX"))
NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
DEADLINES = 10_000
HORIZON_DAYS = 60


def team(size: int) -> list[WorkingHours]:
    """People of three sites, no two calendars alike."""
    made = []
    for number in range(size):
        zone, code = SITES[number % len(SITES)]
        first = date(2026, 12, 1) + timedelta(days=number % 30)
        block = ((540 + number // 30, 660),)
        made.append(
            WorkingHours(
                zone,
                default_hours(zone).days,
                holidays=code,
                away=((first, first + timedelta(days=number % 7)),),
                deep_work={number % 5: block},
            )
        )
    return made


def seconds(run: Callable[[], object]) -> float:
    """How much of this process's time one run takes; others on the machine do not count."""
    begun = time.process_time()
    run()
    return time.process_time() - begun


def compare(size: int, deadlines: Sequence[datetime]) -> None:
    """Print what it takes to build, to ask again, and to count; and the rival's time."""
    people, moments = team(size), clock.epoch_seconds(deadlines)
    built = seconds(lambda: clock.staffing(people, NOW, HORIZON_DAYS))
    again = min(seconds(lambda: clock.staffing(people, NOW, HORIZON_DAYS)) for _ in range(5))
    staffed = clock.staffing(people, NOW, HORIZON_DAYS)
    counted = min(seconds(lambda: staffed.minutes_until(moments, since=NOW)) for _ in range(5))
    asked = deadlines[::100]
    rival = 100 * seconds(lambda: [clock.working_minutes(people[0], NOW, at) for at in asked])
    print(
        f"{size:4} people: first {built * 1000:6.1f} ms, again {again * 1000:6.3f} ms, "
        f"{len(deadlines)} deadlines {counted * 1000:5.2f} ms; one calendar a deadline "
        f"{rival * 1000:7.0f} ms, {rival / (again + counted):6.0f} times as long"
    )


if __name__ == "__main__":
    apart = timedelta(days=HORIZON_DAYS) / DEADLINES
    due = [NOW + apart * number for number in range(DEADLINES)]
    # The library reads its rules once a process.
    team(3)[0].holiday_on(NOW.date())
    for people_in_it in (28, 300):
        compare(people_in_it, due)
