"""Working hours as a person states them: a zone, and spans of the local day for each weekday.

Minutes of a day run from 0 to 1440; weekday 0 is Monday. What they amount to on a given day is
`calendar`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

Span = tuple[int, int]

MINUTES_A_DAY = 1440

_SPAN = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-\u2013]\s*([0-9]{1,2}):([0-9]{2})\s*")


@dataclass(frozen=True)
class WorkingHours:
    """One person's week: an IANA zone and, by weekday (0 is Monday), spans in minutes of the day.

    A weekday that is absent or has no span is a day off. Spans of a day are sorted here; they may
    touch but not overlap, and may end at 1440 but not run past it. Raises ValueError with a
    sentence for the person.
    """

    zone: str
    days: Mapping[int, tuple[Span, ...]]

    def __post_init__(self) -> None:
        zone_named(self.zone)
        tidy = {day: _tidy_day(day, spans) for day, spans in self.days.items()}
        kept = {day: tidy[day] for day in sorted(tidy) if tidy[day]}
        object.__setattr__(self, "days", MappingProxyType(kept))

    def __hash__(self) -> int:
        return hash((self.zone, tuple(self.days.items())))

    def __reduce__(self) -> tuple[type[WorkingHours], tuple[str, dict[int, tuple[Span, ...]]]]:
        return WorkingHours, (self.zone, dict(self.days))

    def to_json(self) -> dict[str, Any]:
        """Give `{"zone": "Europe/London", "days": {"0": ["09:00-17:00"]}}` for a JSON column."""
        days = {str(day): [format_span(span) for span in spans] for day, spans in self.days.items()}
        return {"zone": self.zone, "days": days}

    @classmethod
    def from_json(cls, value: object) -> WorkingHours:
        """Read what `to_json` wrote. Raises ValueError with a sentence for anything else."""
        match value:
            case {"zone": str(zone), "days": Mapping() as days}:
                return cls(zone, {_weekday(day): _spans(spans) for day, spans in days.items()})
        raise ValueError("Working hours need a zone and the hours of each weekday.")


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


def _tidy_day(day: int, spans: Sequence[Span]) -> tuple[Span, ...]:
    if type(day) is not int or not 0 <= day <= 6:
        raise ValueError("Weekdays are numbered 0 (Monday) to 6 (Sunday).")
    tidy = sorted(_checked_span((start, end)) for start, end in spans)
    for before, after in pairwise(tidy):
        if before[1] > after[0]:
            raise ValueError(f"The hours {format_span(before)} and {format_span(after)} overlap.")
    return tuple(tidy)


def default_hours(zone: str) -> WorkingHours:
    """Monday to Friday, 09:00 to 17:00 in that zone. Raises ValueError for an unknown zone."""
    return WorkingHours(zone, dict.fromkeys(range(5), ((9 * 60, 17 * 60),)))


DEFAULT_HOURS = default_hours("UTC")
