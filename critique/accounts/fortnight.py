"""The next two weeks of a calendar, to be drawn: what is worked, what is deep work, what is off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from critique.plumbing.calendar import WEEKDAYS, spoken_day
from critique.plumbing.hours import Span, WorkingHours, format_span
from critique.plumbing.public_holidays import next_holidays

DAYS = 14
HEIGHT = 1000
HOLIDAYS_SHOWN = 5
_HOUR = 60

Bands = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Day:
    """One column: the day, and (y, height) in thousandths of what is worked and what is deep work.

    `off` says why a day that the week would have worked is not; `words` say all of it.
    """

    weekday: str
    number: int
    worked: Bands
    deep: Bands
    off: str | None
    words: str


def fortnight(hours: WorkingHours, today: date) -> list[Day]:
    """Fourteen days from today on; all columns share one scale, from first coming to last going."""
    edges = [edge for spans in hours.days.values() for span in spans for edge in span]
    opens, closes = min(edges, default=9 * _HOUR), max(edges, default=17 * _HOUR)

    def laid(spans: Iterable[Span]) -> Bands:
        scale = HEIGHT / (closes - opens)
        return tuple((round((a - opens) * scale), round((b - a) * scale)) for a, b in spans)

    def column(day: date) -> Day:
        usual = hours.days.get(day.weekday(), ())
        off = why_off(hours, day) if usual else None
        worked = () if off else usual
        deep = _overlaps(worked, hours.deep_work.get(day.weekday(), ()))
        return Day(
            weekday=WEEKDAYS[day.weekday()],
            number=day.day,
            worked=laid(worked),
            deep=laid(deep),
            off=off,
            words=f"{spoken_day(day, today)}: {off or _said(worked, deep)}",
        )

    return [column(today + timedelta(days=ahead)) for ahead in range(DAYS)]


def why_off(hours: WorkingHours, day: date) -> str | None:
    """Why the person is off on that day whatever the week says: away, or the holiday's name."""
    return "away" if hours.away_until(day) else hours.holiday_on(day)


def holidays_ahead(hours: WorkingHours, today: date) -> list[tuple[str, str]]:
    """The next public holidays that fall on days the week would work: (when, name) in words."""
    found = next_holidays(hours.holidays, today, most=HOLIDAYS_SHOWN * 5)
    working = [(day, name) for day, name in found if hours.days.get(day.weekday())]
    return [(spoken_day(day, today), name) for day, name in working[:HOLIDAYS_SHOWN]]


def _overlaps(one: Iterable[Span], other: Iterable[Span]) -> tuple[Span, ...]:
    met = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((start, end) for start, end in met if start < end)


def _said(worked: Iterable[Span], deep: Iterable[Span]) -> str:
    hours, blocks = (", ".join(format_span(span) for span in spans) for spans in (worked, deep))
    if not hours:
        return "a day off"
    return f"{hours}, deep work {blocks}" if blocks else hours
