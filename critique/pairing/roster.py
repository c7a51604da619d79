"""A made-up company to try the draw on: three sites, teams of eight, time off, do-not-pair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from critique.plumbing.calendar import WorkingHours, week_start
from critique.plumbing.hours import Span

# Zone, public holidays, share in twentieths, and days of leave a year.
SITES = (
    ("America/Chicago", "US", 8, 15),
    ("Europe/London", "GB-ENG", 7, 25),
    ("Asia/Singapore", "SG", 5, 15),
)
TEAM = 8
WORKDAYS = range(5)
FIRST_START, LAST_START, STEP = 420, 630, 30
DAY_MINUTES = 540
PART_TIME, LUNCH_BREAK, WISHES = 0.1, 0.25, 0.03
YEARS_OF_LEAVE = 4


@dataclass(frozen=True)
class Colleague:
    """One made-up person: where and when they work, and whom they asked not to meet."""

    id: int
    team: int
    hours: WorkingHours
    do_not_pair: frozenset[int]

    @property
    def zone(self) -> str:
        """The zone they work in."""
        return self.hours.zone


def made_up(people: int, seed: int, week: str) -> list[Colleague]:
    """Make up a company of so many people, with leave from that ISO week on for four years.

    40 % work in Chicago, 35 % in London, 25 % in Singapore, nine hours from between 07:00 and 10:30
    on, a quarter with an hour off at noon, a tenth four days a week. Leave is taken in whole weeks.
    The same arguments make the same company.
    """
    chance = Random(f"roster:{seed}")  # noqa: S311 - made up, not secret
    quotas = [site for site in SITES for _ in range(site[2])]
    sites = [quotas[i * len(quotas) // people] for i in range(people)]
    chance.shuffle(sites)
    monday = week_start(week, "UTC").date()
    ids = range(1, people + 1)
    return [
        Colleague(
            id=one,
            team=(one - 1) // TEAM + 1,
            hours=_hours(sites[one - 1], chance, monday),
            do_not_pair=_wishes(one, ids, chance),
        )
        for one in ids
    ]


def _hours(site: tuple[str, str, int, int], chance: Random, monday: date) -> WorkingHours:
    zone, holidays, _, leave = site
    start = chance.randrange(FIRST_START, LAST_START + 1, STEP)
    spans: tuple[Span, ...] = ((start, start + DAY_MINUTES),)
    if chance.random() < LUNCH_BREAK:
        spans = ((start, 720), (780, start + DAY_MINUTES))
    days = list(WORKDAYS)
    if chance.random() < PART_TIME:
        days.remove(chance.choice(days))
    weeks = [
        52 * year + week
        for year in range(YEARS_OF_LEAVE)
        for week in chance.sample(range(52), leave // len(WORKDAYS))
    ]
    away = tuple(
        (monday + timedelta(weeks=week), monday + timedelta(weeks=week, days=6)) for week in weeks
    )
    return WorkingHours(zone, dict.fromkeys(days, spans), holidays=holidays, away=away)


def _wishes(one: int, ids: range, chance: Random) -> frozenset[int]:
    wished = len(ids) > 2 and chance.random() < WISHES
    return frozenset({chance.choice([i for i in ids if i != one])}) if wished else frozenset()
