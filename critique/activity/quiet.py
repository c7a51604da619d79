"""Quiet hours: when somebody wants no mail, whatever their working hours say.

They are written per weekday as people say them ("22:00-07:00" runs over midnight) and count like
deep work: somebody is there, but is not to be interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from critique.plumbing.hours import (
    MINUTES_A_DAY,
    Span,
    WorkingHours,
    format_span,
    parse_span,
)

Week = dict[int, tuple[Span, ...]]
WEEKDAYS = range(7)

_OVER_MIDNIGHT = re.compile(r"\s*([0-9:]{4,5})\s*[-\u2013]\s*([0-9:]{4,5})\s*")


def quiet_week(texts: Mapping[int, str]) -> Week:
    """Read what is typed for each weekday (0 is Monday): spans with commas between, or nothing.

    What runs over midnight goes on into the next weekday; spans that overlap become one. Raises
    ValueError with a sentence.
    """
    found: dict[int, list[Span]] = {}
    for day, text in texts.items():
        for part in filter(str.strip, text.split(",")):
            for ahead, span in _pieces(part):
                found.setdefault((day + ahead) % 7, []).append(span)
    return {day: _merged(spans) for day, spans in sorted(found.items())}


def typed_week(kept: object) -> dict[int, str]:
    """What was typed, by weekday, from its JSON column (`{"0": "22:00-07:00"}`)."""
    if not isinstance(kept, dict):
        return {}
    return {day: str(kept[str(day)]) for day in WEEKDAYS if kept.get(str(day))}


def undisturbed(hours: WorkingHours, quiet: Week) -> WorkingHours:
    """The calendar in which quiet hours are deep work, so that `reachable` leaves them out."""
    if not quiet:
        return hours
    both = {day: _merged([*hours.deep_work.get(day, ()), *quiet.get(day, ())]) for day in WEEKDAYS}
    return replace(hours, deep_work={day: spans for day, spans in both.items() if spans})


def spoken_spans(spans: Sequence[Span]) -> str:
    """Spans of a day as one types them."""
    return ", ".join(format_span(span) for span in spans)


def _pieces(text: str) -> list[tuple[int, Span]]:
    """One typed span as (days ahead, span): one piece, or two around midnight."""
    ends = _OVER_MIDNIGHT.fullmatch(text)
    if ends is None or ends[1].zfill(5) <= ends[2].zfill(5):
        return [(0, parse_span(text))]
    late = parse_span(f"{ends[1]}-24:00")
    if ends[2].zfill(5) == "00:00":
        return [(0, late)]
    return [(0, late), (1, parse_span(f"00:00-{ends[2]}"))]


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, min(end, MINUTES_A_DAY)))
    return tuple(joined)
