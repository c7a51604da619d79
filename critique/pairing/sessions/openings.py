"""When a mentor and somebody else can have a session: stretches of time, and starts inside them.

Pure. Stretches are (start, end) in UTC, ascending and apart; arithmetic is in UTC only, local days
come from calendars (`plumbing.calendar`), so clock changes are theirs to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from critique.plumbing.calendar import Stretch, as_utc, working_spans
from critique.plumbing.hours import MINUTES_A_DAY, Span, WorkingHours

LENGTHS = (15, 30)
# People keep quarters of an hour in mind.
GRID = timedelta(minutes=15)


@dataclass(frozen=True)
class Block:
    """A mentor's open block: of every such weekday (local minutes of the day), or one stretch."""

    weekday: int | None = None
    span: Span | None = None
    once: Stretch | None = None


def opened(blocks: Iterable[Block], zone: str, start: datetime, end: datetime) -> list[Stretch]:
    """The stretches of [start, end) that the blocks, read on that zone's clocks, open."""
    weekly: dict[int, list[Span]] = {}
    found: list[Stretch] = []
    for block in blocks:
        if block.once is not None:
            found.append((max(as_utc(start), block.once[0]), min(as_utc(end), block.once[1])))
        elif block.weekday is not None and block.span is not None:
            weekly.setdefault(block.weekday, []).append(block.span)
    week = {day: tuple(_joined_minutes(spans)) for day, spans in weekly.items()}
    return joined([*found, *working_spans(WorkingHours(zone, week), start, end)])


def open_once(blocks: Iterable[Block], zone: str, start: datetime, end: datetime) -> list[Stretch]:
    """What they open once: who says so of a day and an hour is there, whatever their hours are."""
    return opened([block for block in blocks if block.once is not None], zone, start, end)


def is_in_hours(block: Block, weeks: Iterable[Mapping[int, Sequence[Span]]]) -> bool:
    """Whether a weekly block leaves room for a session in one of these weeks of local hours."""
    assert block.span is not None
    first, last = block.span
    common = (
        min(last, end) - max(first, start)
        for week in weeks
        for start, end in week.get(block.weekday or 0, ())
    )
    return max(common, default=0) >= min(LENGTHS)


def available(
    hours: WorkingHours, start: datetime, end: datetime, *, stretch: WorkingHours | None = None
) -> list[Stretch]:
    """When somebody may be met in [start, end): their reachable time, and their stretch hours.

    `stretch` is what they opted into beyond their hours; days off count for both.
    """
    found = working_spans(hours.reachable, start, end)
    return joined([*found, *(working_spans(stretch, start, end) if stretch else ())])


def free_starts(
    available_to_all: Sequence[Sequence[Stretch]],
    busy: Iterable[Stretch],
    minutes: int,
) -> list[datetime]:
    """Every quarter of an hour at which a session of so many minutes can begin, ascending."""
    free = _without(_common(available_to_all), joined(busy))
    length = timedelta(minutes=minutes)
    return [at for stretch in free for at in _on_grid(stretch, length)]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time as ascending stretches that do not touch; empty and reversed ones go."""
    found: list[Stretch] = []
    for start, end in sorted(one for one in stretches if one[0] < one[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _common(many: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    common = list(many[0]) if many else []
    for other in many[1:]:
        common = list(_both(common, other))
    return common


def _both(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    a = b = 0
    while a < len(one) and b < len(other):
        start, end = max(one[a][0], other[b][0]), min(one[a][1], other[b][1])
        if start < end:
            yield start, end
        if one[a][1] < other[b][1]:
            a += 1
        else:
            b += 1


def _without(stretches: Sequence[Stretch], cut: Sequence[Stretch]) -> list[Stretch]:
    left: list[Stretch] = []
    for start, end in stretches:
        at = start
        for opens, closes in cut:
            if closes <= at or opens >= end:
                continue
            if at < opens:
                left.append((at, opens))
            at = max(at, closes)
        if at < end:
            left.append((at, end))
    return left


def _on_grid(stretch: Stretch, length: timedelta) -> Iterator[datetime]:
    at = stretch[0]
    behind = (at - at.replace(minute=0, second=0, microsecond=0)) % GRID
    if behind:
        at += GRID - behind
    while at + length <= stretch[1]:
        yield at
        at += GRID


def _joined_minutes(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], min(MINUTES_A_DAY, max(found[-1][1], end)))
        else:
            found.append((start, end))
    return found
