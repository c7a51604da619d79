"""Working time as a person states it: a zone, spans of the local day for each weekday, time off.

Minutes of a day run from 0 to 1440; weekday 0 is Monday. What they amount to on a given day is
`calendar`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from critique.plumbing.public_holidays import holiday_on

Span = tuple[int, int]
Week = Mapping[int, tuple[Span, ...]]
Away = tuple[date, date]

MINUTES_A_DAY = 1440
WEEKDAY_NAMES = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip

_SPAN = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-\u2013]\s*([0-9]{1,2}):([0-9]{2})\s*")


@dataclass(frozen=True)
class WorkingHours:
    """One person's calendar: an IANA zone, the week, and what is cut out of it.

    `days` are spans in minutes of the day by weekday (0 is Monday); a weekday that is absent or
    has no span is a day off. Spans of a day are sorted here; they may touch but not overlap, and
    may end at 1440 but not run past it. On a public holiday of `holidays` (a code of
    `public_holidays`, "" for none) and from the first to the last day of each of `away` nobody
    works. `deep_work` are blocks of the week in which the person works but is not to be
    interrupted: `reachable` is the calendar without them. Raises ValueError with a sentence for
    the person.
    """

    zone: str
    days: Week
    holidays: str = ""
    away: tuple[Away, ...] = ()
    deep_work: Week = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone_named(self.zone)
        object.__setattr__(self, "days", _tidy_week(self.days))
        object.__setattr__(self, "away", _tidy_away(self.away))
        object.__setattr__(self, "deep_work", _tidy_week(self.deep_work))

    @cached_property
    def _hashed(self) -> int:
        weeks = (tuple(week.items()) for week in (self.days, self.deep_work))
        return hash((self.zone, self.holidays, self.away, *weeks))

    def __hash__(self) -> int:
        return self._hashed

    def __reduce__(self) -> tuple[type[WorkingHours], tuple[Any, ...]]:
        plain = (dict(self.days), self.holidays, self.away, dict(self.deep_work))
        return WorkingHours, (self.zone, *plain)

    @cached_property
    def reachable(self) -> WorkingHours:
        """The same calendar without its deep-work blocks: when somebody may be asked."""
        if not self.deep_work:
            return self
        left = {
            day: tuple(_without(spans, self.deep_work.get(day, ())))
            for day, spans in self.days.items()
        }
        return replace(self, days=left, deep_work={})

    def away_until(self, day: date) -> date | None:
        """The last day of the absence that this local day lies in; None on other days."""
        return next((last for first, last in self.away if first <= day <= last), None)

    def holiday_on(self, day: date) -> str | None:
        """The name of the public holiday on that local day; None on other days."""
        return holiday_on(self.holidays, day)

    def is_off(self, day: date) -> bool:
        """Whether that local day is cut out, whatever the week says: a holiday, or away."""
        return self.away_until(day) is not None or self.holiday_on(day) is not None

    def to_json(self) -> dict[str, Any]:
        """Give `{"zone": "Europe/London", "days": {"0": ["09:00-17:00"]}}` for a JSON column.

        Time off is added where there is any: `holidays` "DE-BE", `away` pairs of dates, and
        `deep_work` like `days`.
        """
        off: dict[str, Any] = {
            "holidays": self.holidays,
            "away": [[first.isoformat(), last.isoformat()] for first, last in self.away],
            "deep_work": _week_to_json(self.deep_work),
        }
        plain = {"zone": self.zone, "days": _week_to_json(self.days)}
        return plain | {name: value for name, value in off.items() if value}

    @classmethod
    def from_json(cls, value: object) -> WorkingHours:
        """Read what `to_json` wrote. Raises ValueError with a sentence for anything else."""
        match value:
            case {"zone": str(zone), "days": Mapping() as days, **off}:
                return cls(zone, week_from_json(days), **_off_from_json(off))
        raise ValueError("Working hours need a zone and the hours of each weekday.")


def week_from_json(days: Mapping[Any, Any]) -> Week:
    """Read `{"0": ["09:00-17:00"]}`. Raises ValueError with a sentence for anything else."""
    return {_weekday(day): _spans(spans) for day, spans in days.items()}


def _week_to_json(week: Week) -> dict[str, list[str]]:
    return {str(day): [format_span(span) for span in spans] for day, spans in week.items()}


def _off_from_json(value: Mapping[Any, Any]) -> dict[str, Any]:
    match value.get("holidays", ""), value.get("away", []), value.get("deep_work", {}):
        case str(holidays), [*away], Mapping() as deep_work:
            return {
                "holidays": holidays,
                "away": tuple(_away(pair) for pair in away),
                "deep_work": week_from_json(deep_work),
            }
    raise ValueError("Time off is a code of holidays, pairs of days and deep-work blocks.")


def _away(value: object) -> Away:
    match value:
        case [str(first), str(last)]:
            return date.fromisoformat(first), date.fromisoformat(last)
    raise ValueError("Each absence needs its first and its last day.")


def _weekday(key: object) -> int:
    if not re.fullmatch("[0-6]", str(key)):
        raise ValueError("Weekdays are numbered 0 (Monday) to 6 (Sunday).")
    return int(str(key))


def _spans(value: object) -> tuple[Span, ...]:
    match value:
        case [*spans]:
            return tuple(parse_span(span) for span in spans)
    raise ValueError("Each weekday needs a list of hours such as 09:00-17:00.")


def zone_named(name: object) -> ZoneInfo:
    """Return the IANA zone. Raises ValueError with a sentence when there is none of that name."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else _no_zone(name)
    except (KeyError, OSError, ValueError):
        return _no_zone(name)


def _no_zone(name: object) -> ZoneInfo:
    raise ValueError(f"There is no time zone {str(name)[:60]!r}: choose one such as Europe/London.")


def parse_span(text: object) -> Span:
    """Read "09:00-17:30" as (540, 1050), minutes of the day; ValueError with a sentence."""
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"Write hours as 09:00-17:30, not {str(text)[:40]!r}.")
    hour, minute, end_hour, end_minute = (int(part) for part in found.groups())
    if minute > 59 or end_minute > 59:
        raise ValueError(f"Minutes run from 00 to 59, unlike those in {str(text)[:40]!r}.")
    return _checked_span((hour * 60 + minute, end_hour * 60 + end_minute))


def format_span(span: Span) -> str:
    """Write (540, 1050) as "09:00-17:30"."""
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)


def _checked_span(span: Span) -> Span:
    start, end = span
    if not all(type(minute) is int and 0 <= minute <= MINUTES_A_DAY for minute in span):
        raise ValueError("Working hours lie between 00:00 and 24:00 of one day.")
    if start == end:
        raise ValueError(f"The hours {format_span(span)} are empty: end later than you start.")
    if start > end:
        raise ValueError(
            f"The hours {format_span(span)} run over midnight: write the part until 24:00 on the "
            "first day and the part from 00:00 on the next."
        )
    return span


def _tidy_week(week: Week) -> Week:
    tidy = {day: _tidy_day(day, spans) for day, spans in week.items()}
    return MappingProxyType({day: tidy[day] for day in sorted(tidy) if tidy[day]})


def _tidy_day(day: int, spans: Sequence[Span]) -> tuple[Span, ...]:
    if type(day) is not int or not 0 <= day <= 6:
        raise ValueError("Weekdays are numbered 0 (Monday) to 6 (Sunday).")
    tidy = sorted(_checked_span((start, end)) for start, end in spans)
    for before, after in pairwise(tidy):
        if before[1] > after[0]:
            raise ValueError(f"The hours {format_span(before)} and {format_span(after)} overlap.")
    return tuple(tidy)


def _tidy_away(away: Iterable[Away]) -> tuple[Away, ...]:
    """Ascending, and joined where they meet: the same days off make equal calendars."""
    tidy: list[Away] = []
    for first, last in sorted(away):
        if last < first:
            raise ValueError("The last day away cannot come before the first.")
        if tidy and (first - tidy[-1][1]).days <= 1:
            tidy[-1] = (tidy[-1][0], max(last, tidy[-1][1]))
        else:
            tidy.append((first, last))
    return tuple(tidy)


def _without(spans: Iterable[Span], blocks: Iterable[Span]) -> list[Span]:
    left = list(spans)
    for start, end in blocks:
        pieces = (p for a, b in left for p in ((a, min(b, start)), (max(a, end), b)))
        left = [(a, b) for a, b in pieces if a < b]
    return left


def default_hours(zone: str) -> WorkingHours:
    """Monday to Friday, 09:00 to 17:00 in that zone. Raises ValueError for an unknown zone."""
    return WorkingHours(zone, dict.fromkeys(range(5), ((9 * 60, 17 * 60),)))


DEFAULT_HOURS = default_hours("UTC")
