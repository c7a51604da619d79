"""A week as a bitmask of 10-minute slots, and the earliest fair time for people to meet.

Bit 0 is Monday 00:00 UTC of the ISO week, bit 1007 the last ten minutes of Sunday. A slot counts
when all of it is worked, so `mask & (mask >> 1)` has a bit for each start of 20 common minutes.
Masks are made for one concrete week and never kept: clocks change. Being UTC, they hold no moment
that clocks jump over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import combinations, groupby
from operator import and_, or_
from zoneinfo import ZoneInfo

from critique.plumbing.calendar import WorkingHours, as_utc, week_start, week_stretches

SLOT_MINUTES = 10
SLOTS_A_WEEK = 7 * 24 * 60 // SLOT_MINUTES
COFFEE_SLOTS = 2
# What one hears of today is not before tomorrow; whoever asks for a time can have it today.
NOTICE = timedelta(hours=18)
NOTICE_WHEN_ASKED = timedelta(hours=2)
# Nobody likes to meet in the first or last half hour of the day.
EDGE_SLOTS = 3
LUNCH = ((720, 780),)

_SLOT = timedelta(minutes=SLOT_MINUTES)
_WHOLE_WEEK = (1 << SLOTS_A_WEEK) - 1


@dataclass(frozen=True)
class Choice:
    """When to meet (UTC), and which of the people, by their place, it puts at an edge of a day."""

    starts_at: datetime
    on_edge: tuple[int, ...] = ()
    over_lunch: bool = False


def _run(first: int, after_last: int) -> int:
    """Return the mask of the slots [first, after_last), cut to the week."""
    first, after_last = max(first, 0), min(after_last, SLOTS_A_WEEK)
    return ((1 << (after_last - first)) - 1) << first if first < after_last else 0


@lru_cache(maxsize=64)
def _opening(week: str) -> datetime:
    return week_start(week, "UTC")


def _from(moment: datetime, week: str) -> int:
    """The slots of the week that begin at that moment or later."""
    return _run(-((_opening(week) - as_utc(moment)) // _SLOT), SLOTS_A_WEEK)


def availability(hours: WorkingHours, week: str, *, not_before: datetime | None = None) -> int:
    """Return the slots of the week ("2026-W48") wholly inside the hours and not before that moment.

    Holidays, days away and deep work are left out. Only the person's own Monday to Sunday counts:
    Monday morning in Singapore, which is Sunday night in UTC, belongs to the next draw. Raises
    ValueError for a week that does not exist or a naive moment.
    """
    mask = _worked(hours.reachable, week)
    return mask if not_before is None else mask & _from(not_before, week)


@lru_cache(maxsize=4096)
def _worked(hours: WorkingHours, week: str) -> int:
    opens, mask = _opening(week), 0
    for start, end in week_stretches(hours, week):
        mask |= _run(-((opens - start) // _SLOT), (end - opens) // _SLOT)
    return mask


def taken(meetings: Iterable[tuple[datetime, datetime]], week: str) -> int:
    """Return the slots of the week that the meetings (start, end) touch, if only for a second."""
    opens = _opening(week)
    spans = ((as_utc(start), as_utc(end)) for start, end in meetings)
    runs = (_run((a - opens) // _SLOT, -((opens - b) // _SLOT)) for a, b in spans)
    return reduce(or_, runs, 0)


def common(masks: Iterable[int]) -> int:
    """Return the slots in all the masks; of no masks, every slot of the week."""
    return reduce(and_, masks, _WHOLE_WEEK)


def starts(mask: int, slots: int = COFFEE_SLOTS) -> int:
    """Return the mask of the slots at which a run of that many begins."""
    for _ in range(slots - 1):
        mask &= mask >> 1
    return mask


def has_run(mask: int, slots: int = COFFEE_SLOTS) -> bool:
    """Say whether the mask holds that many slots in a row; two are 20 minutes."""
    return starts(mask, slots) != 0


def minutes_in(mask: int) -> int:
    """Count the minutes in the mask."""
    return mask.bit_count() * SLOT_MINUTES


@lru_cache(maxsize=4096)
def day_edges(hours: WorkingHours, week: str) -> int:
    """Return the slots in the first or last half hour of a working day.

    A break at lunch or a block of deep work is inside the day, not an edge of it.
    """
    opens, zone = _opening(week), ZoneInfo(hours.zone)
    days: dict[date, tuple[datetime, datetime]] = {}
    for start, end in week_stretches(hours, week):
        local = start.astimezone(zone).date()
        days[local] = (days.get(local, (start, end))[0], end)
    mask = 0
    for start, end in days.values():
        first, after_last = -((opens - start) // _SLOT), (end - opens) // _SLOT
        mask |= _run(first, first + EDGE_SLOTS) | _run(after_last - EDGE_SLOTS, after_last)
    return mask


@lru_cache(maxsize=1024)
def lunch(zone: str, week: str) -> int:
    """Return the slots that touch 12:00 to 13:00 on the wall of that zone."""
    at_noon = WorkingHours(zone, dict.fromkeys(range(7), LUNCH))
    return taken(week_stretches(at_noon, week), week)


def choose_slot(
    masks: Sequence[int],
    hours: Sequence[WorkingHours],
    week: str,
    *,
    not_before: datetime,
    owed: Sequence[int] | None = None,
    busy: Iterable[int] = (),
    slots: int = COFFEE_SLOTS,
) -> Choice | None:
    """Choose the earliest fair time for these people, or None when no run of slots is free for all.

    Over nobody's lunch unless nothing else is left; then at the edge of as few days as can be, and
    rather at the edge of the day of those who are `owed` least: how often each, in the order of
    `hours`, had an edge before. Of the starts equal by that, the earliest. `busy` are masks of what
    any of them has booked.
    """
    free = common(masks) & ~reduce(or_, busy, 0) & _from(not_before, week)
    found = starts(free, slots)
    if not found:
        return None
    midday = _touching(reduce(or_, (lunch(each.zone, week) for each in hours), 0), slots)
    over_lunch = not found & ~midday
    found = found if over_lunch else found & ~midday
    edges = [_touching(day_edges(each, week), slots) for each in hours]
    for alike in _by_burden(len(hours), owed or [0] * len(hours)):
        fits = reduce(or_, (_sparing(found, edges, on_edge) for on_edge in alike))
        if fits:
            start = (fits & -fits).bit_length() - 1
            touched = tuple(i for i, mask in enumerate(edges) if mask >> start & 1)
            return Choice(_opening(week) + start * _SLOT, touched, over_lunch)
    raise AssertionError("with everybody at an edge, any start fits")


def _touching(mask: int, slots: int) -> int:
    """The starts of a run of that many slots that touches the mask."""
    return reduce(or_, (mask >> ahead for ahead in range(slots)), 0)


def _sparing(found: int, edges: Sequence[int], on_edge: tuple[int, ...]) -> int:
    """The starts at an edge of nobody's day but of those."""
    return reduce(and_, (~mask for i, mask in enumerate(edges) if i not in on_edge), found)


def _by_burden(people: int, owed: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    """Yield who may be at an edge, the least burden first: fewer people, then those owed least."""

    def burden(some: tuple[int, ...]) -> tuple[int, int]:
        return len(some), sum(owed[i] for i in some)

    sets = [some for size in range(people + 1) for some in combinations(range(people), size)]
    for _, alike in groupby(sorted(sets, key=burden), key=burden):
        yield list(alike)
