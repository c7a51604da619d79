"""What happens to a simulated team, whatever the policy: drawn once from a seed.

Mentors sit at three sites and work from 9 to 17. Each gives a quarter of the day to reviews: four
visits to the queue, two hours apart, of 30 minutes each. A tenth or so of the days somebody is
away; three of four such days stand in the calendar beforehand, the fourth nobody knew of.

`load` is the work asked for over the time that those present give, exactly so in every week: 1.08
is 8 % more than can be done. Requests come at random moments of the authors' working time, sites
weighing as their mentors do, and are due 4, 8 or 24 of the author's working hours later.

The team starts with an empty queue and works on after the last week under the same load until
every deadline of the counted requests is far behind: what came later is not counted.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from critique.plumbing.calendar import add_working_minutes, week_start, working_spans
from critique.plumbing.hours import WorkingHours

SITES = {"Austin": "America/Chicago", "London": "Europe/London", "Singapore": "Asia/Singapore"}
HOURS = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
# The seven weeks from there on hold both ends of summer time.
FIRST_WEEK = "2026-W41"

ABSENT = 0.12
UNANNOUNCED = 0.25
REVIEW = timedelta(minutes=30)
VISITS = 4
BETWEEN = timedelta(hours=2)
# Hours a deadline is away, and how often (of 100).
CLASSES = {4: 20, 8: 40, 24: 40}
AFTERWARDS_WEEKS = 2

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Setting:
    """How large the team is, how much is asked of it, for how long, and the seed.

    `visits` a day of one review each are what a mentor really gives, whatever pages assume.
    """

    mentors: int = 28
    load: float = 0.85
    weeks: int = 7
    seed: int = 1
    visits: int = VISITS


@dataclass(frozen=True, slots=True)
class Mentor:
    """A mentor, and their calendar as everybody knows it."""

    id: int
    site: str
    hours: WorkingHours


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `hours_class` is how many working hours the author gave. Moments are UTC."""

    id: int
    site: str
    hours_class: int
    posted: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A mentor looks at the queue and has time for one review."""

    at: datetime
    mentor: int


@dataclass(frozen=True, slots=True)
class World:
    """Everything that happens. Requests and visits are in the order of time.

    Requests posted from `counted_until` on keep the team busy and are not counted; nothing
    happens after `end`.
    """

    setting: Setting
    start: datetime
    counted_until: datetime
    end: datetime
    mentors: tuple[Mentor, ...]
    requests: tuple[Request, ...]
    visits: tuple[Visit, ...]


def author_hours(site: str) -> WorkingHours:
    """The calendar of the authors of a site."""
    return WorkingHours(SITES[site], HOURS)


def drawn(setting: Setting) -> World:
    """Draw a world. The same setting always gives the same."""
    # No secret depends on it.
    chance = random.Random(setting.seed)  # noqa: S311
    start = week_start(FIRST_WEEK, "UTC")
    weeks = setting.weeks + AFTERWARDS_WEEKS
    end = start + timedelta(weeks=weeks)
    mentors, visits = _mentors(setting, chance, start, end)
    posted: list[tuple[datetime, str]] = []
    for week in range(weeks):
        opens = start + timedelta(weeks=week)
        closes = opens + timedelta(weeks=1)
        given = len([one for one in visits if opens <= one.at < closes])
        posted += _posted(round(setting.load * given), mentors, chance, opens, closes)
    return World(
        setting=setting,
        start=start,
        counted_until=start + timedelta(weeks=setting.weeks),
        end=end,
        mentors=mentors,
        requests=tuple(
            _request(number, at, site, chance) for number, (at, site) in enumerate(sorted(posted))
        ),
        visits=visits,
    )


def _mentors(
    setting: Setting, chance: random.Random, start: datetime, end: datetime
) -> tuple[tuple[Mentor, ...], tuple[Visit, ...]]:
    mentors, visits = [], []
    for number in range(setting.mentors):
        site = list(SITES)[number % len(SITES)]
        known, unknown = _absences(chance, start.date(), end.date())
        mentors.append(Mentor(number, site, WorkingHours(SITES[site], HOURS, away=_away(known))))
        there = WorkingHours(SITES[site], HOURS, away=_away(known | unknown))
        for comes, _ in working_spans(there, start, end):
            first = comes + timedelta(minutes=chance.randrange(90))
            visits += [Visit(first + turn * BETWEEN, number) for turn in range(setting.visits)]
    return tuple(mentors), tuple(sorted(visits, key=lambda one: (one.at, one.mentor)))


def _absences(chance: random.Random, first: date, last: date) -> tuple[set[date], set[date]]:
    """Working days somebody is not there: those in the calendar, and those that nobody knew of."""
    known: set[date] = set()
    unknown: set[date] = set()
    for number in range((last - first).days + 2):
        day = first + number * _DAY
        if day.weekday() in HOURS and chance.random() < ABSENT:
            (unknown if chance.random() < UNANNOUNCED else known).add(day)
    return known, unknown


def _away(days: set[date]) -> tuple[tuple[date, date], ...]:
    return tuple((day, day) for day in sorted(days))


def _posted(
    count: int,
    mentors: Sequence[Mentor],
    chance: random.Random,
    opens: datetime,
    closes: datetime,
) -> list[tuple[datetime, str]]:
    """So many moments, even over the working time of all sites, each site as many as mentors."""
    spans = [
        (site, start, end)
        for site in sorted({one.site for one in mentors})
        for start, end in working_spans(author_hours(site), opens, closes)
    ]
    sizes = [len([one for one in mentors if one.site == site]) for site, _, _ in spans]
    found = []
    for site, start, end in chance.choices(spans, sizes, k=count) if spans else ():
        minutes = (end - start) // timedelta(minutes=1)
        found.append((start + timedelta(minutes=chance.randrange(minutes)), site))
    return found


def _request(number: int, at: datetime, site: str, chance: random.Random) -> Request:
    hours_class = chance.choices(list(CLASSES), list(CLASSES.values()))[0]
    due = add_working_minutes(author_hours(site), at, hours_class * 60)
    return Request(number, site, hours_class, at.astimezone(UTC), due)
