"""When people can meet: a week as a bitmask of 10-minute slots, and a fair choice of one of them.

Bit 0 is Monday 00:00 UTC of the ISO week, bit 1007 the last ten minutes of Sunday. A slot counts
when all of it is worked, so `mask & (mask >> 1)` has a bit for each start of 20 common minutes.
Masks are made for one concrete week and never kept: clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce
from operator import and_, or_
from random import Random
from zoneinfo import ZoneInfo

from critique.plumbing.calendar import WorkingHours, as_utc, week_of, week_start, working_spans

SLOT_MINUTES = 10
SLOTS_A_WEEK = 7 * 24 * 60 // SLOT_MINUTES
COFFEE_SLOTS = 2
# Nobody likes to meet in the first or last half hour of the day, nor within two hours of hearing.
EDGE_SLOTS = 3
NOTICE = timedelta(hours=2)
# Starts as far from both ends of the day, give or take this many slots, count as equally good.
EQUALLY_GOOD_SLOTS = 6

_SLOT = timedelta(minutes=SLOT_MINUTES)
_FARTHEST = 254
_NEVER = 255


def _run(first: int, after_last: int) -> int:
    """Return the mask of the slots [first, after_last), cut to the week."""
    first, after_last = max(first, 0), min(after_last, SLOTS_A_WEEK)
    return ((1 << (after_last - first)) - 1) << first if first < after_last else 0


def availability(hours: WorkingHours, week: str, *, not_before: datetime | None = None) -> int:
    """Return the slots of the week ("2026-W48") wholly inside the hours and not before that moment.

    Only the person's own Monday to Sunday counts: Monday morning in Singapore, which is Sunday
    night in UTC, belongs to the next draw. Raises ValueError for a week that does not exist or a
    naive moment.
    """
    opens = week_start(week, "UTC")
    monday = week_start(week, hours.zone)
    next_monday = week_start(week_of(monday + timedelta(days=7, hours=12), hours.zone), hours.zone)
    spans = working_spans(hours, max(opens, monday), min(opens + timedelta(days=7), next_monday))
    mask = reduce(or_, (_run(-((opens - a) // _SLOT), (b - opens) // _SLOT) for a, b in spans), 0)
    if not_before is None:
        return mask
    return mask & _run(-((opens - as_utc(not_before)) // _SLOT), SLOTS_A_WEEK)


def taken(meetings: Iterable[tuple[datetime, datetime]], week: str) -> int:
    """Return the slots of the week that the meetings (start, end) touch, if only for a second."""
    opens = week_start(week, "UTC")
    spans = ((as_utc(start), as_utc(end)) for start, end in meetings)
    runs = (_run((a - opens) // _SLOT, -((opens - b) // _SLOT)) for a, b in spans)
    return reduce(or_, runs, 0)


def common(masks: Iterable[int]) -> int:
    """Return the slots in all the masks; of no masks, every slot of the week."""
    return reduce(and_, masks, (1 << SLOTS_A_WEEK) - 1)


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


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@lru_cache(maxsize=2048)
def _day_edges(hours: WorkingHours, week: str) -> tuple[bytes, bytes]:
    """Return, for each slot, how many slots the working day has before it and after it.

    A break at lunch is inside the day, not an edge of it. 255 marks slots outside any working day.
    """
    opens, zone = week_start(week, "UTC"), ZoneInfo(hours.zone)
    day = timedelta(days=1)
    days: dict[object, tuple[datetime, datetime]] = {}
    for start, end in working_spans(hours, opens - day, opens + 8 * day):
        local = start.astimezone(zone).date()
        days[local] = (days.get(local, (start, end))[0], end)
    before, after = bytearray([_NEVER] * SLOTS_A_WEEK), bytearray([_NEVER] * SLOTS_A_WEEK)
    for start, end in days.values():
        first, after_last = -((opens - start) // _SLOT), (end - opens) // _SLOT
        for slot in range(max(first, 0), min(after_last, SLOTS_A_WEEK)):
            before[slot] = min(slot - first, _FARTHEST)
            after[slot] = min(after_last - 1 - slot, _FARTHEST)
    return bytes(before), bytes(after)


def choose_slot(
    masks: Sequence[int],
    hours: Sequence[WorkingHours],
    week: str,
    *,
    seed: int | str,
    now: datetime,
    busy: Sequence[int] = (),
    slots: int = COFFEE_SLOTS,
) -> datetime | None:
    """Choose when these people meet, as a UTC moment, or None when no run of slots is free for all.

    Never before `now`. Rather with two hours' notice, at nobody's first or last half hour, and
    nearest the middle of the day for the one it suits least; among the starts equally good by that
    rule the seed decides, so that a team's meetings spread over the week. `hours` are those of the
    people, in any order; `busy` are masks of what any of them has booked.
    """
    opens, now = week_start(week, "UTC"), as_utc(now)
    free = common(masks) & ~reduce(or_, busy, 0) & _run(-((opens - now) // _SLOT), SLOTS_A_WEEK)
    edges = [_day_edges(each, week) for each in hours]

    def rank(start: int) -> tuple[bool, int, int]:
        last = start + slots - 1
        margins = [min(before[start], after[last]) for before, after in edges]
        hurried = opens + start * _SLOT < now + NOTICE
        on_edge = sum(margin < EDGE_SLOTS for margin in margins)
        return hurried, on_edge, -(min(margins, default=0) // EQUALLY_GOOD_SLOTS)

    ranked = [(rank(start), start) for start in _bits(starts(free, slots))]
    if not ranked:
        return None
    best = min(ranked)[0]
    equals = [start for how_good, start in ranked if how_good == best]
    chosen = Random(f"{seed}").choice(equals)  # noqa: S311 - replayed, not secret
    return (opens + chosen * _SLOT).astimezone(UTC)
