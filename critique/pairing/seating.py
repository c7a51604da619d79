"""Seats of a round: guests with the week they have, and what earlier rounds left behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from critique.pairing.memory import Memory
from critique.pairing.plan import Guest
from critique.pairing.pool import Seat
from critique.pairing.slots import availability, taken

Busy = frozenset[tuple[int, datetime, datetime]]


@dataclass(frozen=True)
class Colleagues:
    """The other teams each is in, and who comes first because they were left out last time."""

    teams: Mapping[int, Collection[int]] = field(default_factory=dict)
    first: Collection[int] = ()


def seats_for(
    guests: Iterable[Guest],
    memory: Memory,
    colleagues: Colleagues,
    *,
    week: str,
    not_before: datetime,
    busy: Busy = frozenset(),
) -> tuple[Seat, ...]:
    """Seat the guests in an ISO week, of which what is `busy` or before that moment is not free."""
    taken_by: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person_id, start, end in busy:
        taken_by[person_id].append((start, end))
    return tuple(
        Seat(
            person_id=guest.id,
            availability=availability(guest.hours, week, not_before=not_before)
            & ~taken(taken_by[guest.id], week),
            groups=frozenset(colleagues.teams.get(guest.id, ())),
            site=guest.zone,
            trio_seats=memory.trio_seats.get(guest.id, 0),
            last_trio=memory.last_trio.get(guest.id),
            priority=guest.id in colleagues.first,
        )
        for guest in guests
    )
