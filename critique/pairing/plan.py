"""One round from plain values to plain values: who meets whom when, and who is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from critique.pairing.matching import Left, Table, draw
from critique.pairing.pool import WEIGHTS, Pair, Seat, Weights
from critique.pairing.slots import choose_slot
from critique.pairing.weeks import week_number
from critique.plumbing.calendar import WorkingHours

COFFEE = timedelta(minutes=20)
# A person's own early and late meetings come before those of all who work where they do.
OWN_EDGES = 1_000_000


@dataclass(frozen=True)
class Guest:
    """One person of a round, in values that outlive the session they were read in.

    `hours` are all that they work; what is booked keeps out of the deep work in them.
    """

    id: int
    name: str
    email: str
    zone: str
    level: str
    skills: tuple[str, ...]
    hours: WorkingHours


@dataclass(frozen=True)
class Inputs:
    """All that the draw of one group of a team for one week depends on.

    Nothing is booked before `not_before`, at which the seats' availability was cut. `busy` is what
    guests have booked, `proposed` who was drawn for each other in vain, and `edges` how often each
    had a meeting in the first or last half hour of a day. Tables are of `size` people. `silent` are
    those who are not in because nothing was heard of them.
    """

    team_id: int
    team: str
    week: str
    guests: Mapping[int, Guest]
    seats: tuple[Seat, ...]
    history: Mapping[Pair, int]
    busy: frozenset[tuple[int, datetime, datetime]]
    not_before: datetime
    forbidden: frozenset[Pair] = frozenset()
    proposed: Mapping[Pair, int] = field(default_factory=dict)
    edges: Mapping[int, int] = field(default_factory=dict)
    size: int = 2
    group_id: int = 0
    silent: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Booking:
    """Two or three people (ascending ids), why they, and when (UTC, 20 minutes).

    `on_edge` are those for whom it lies in the first or last half hour of their day.
    """

    people: tuple[int, ...]
    reason: str
    starts_at: datetime
    on_edge: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What a draw came to, and the seed and digest by which it can be made again."""

    inputs: Inputs
    bookings: tuple[Booking, ...]
    left: tuple[Left, ...]
    seed: int
    pool_digest: str
    drawn_at: datetime
    weights: Weights = WEIGHTS


def plan_round(inputs: Inputs, *, seed: int, now: datetime, weights: Weights = WEIGHTS) -> Plan:
    """Draw the tables and book each a time. Takes a second or two for thousands of people."""
    drawn = draw(
        inputs.seats,
        inputs.history,
        round_number=week_number(inputs.week),
        seed=seed,
        forbidden=inputs.forbidden,
        proposed=inputs.proposed,
        size=inputs.size,
        weights=weights,
    )
    masks = {seat.person_id: seat.availability for seat in inputs.seats}
    debts = _Debts(inputs)
    bookings = tuple(_booked(inputs, table, masks, debts) for table in drawn.tables)
    return Plan(inputs, bookings, drawn.left, seed, drawn.pool_digest, now, weights)


def _booked(inputs: Inputs, table: Table, masks: Mapping[int, int], debts: _Debts) -> Booking:
    chosen = choose_slot(
        [masks[person_id] for person_id in table.people],
        [inputs.guests[person_id].hours for person_id in table.people],
        inputs.week,
        not_before=inputs.not_before,
        owed=debts.of(table.people),
    )
    # A table is only drawn for people who share 20 minutes.
    assert chosen is not None
    on_edge = frozenset(table.people[place] for place in chosen.on_edge)
    debts.note(table.people, on_edge)
    return Booking(table.people, table.reason, chosen.starts_at, on_edge)


class _Debts:
    """Who had early and late meetings so far: each person, and each site towards another."""

    def __init__(self, inputs: Inputs) -> None:
        self._zones = {guest.id: guest.zone for guest in inputs.guests.values()}
        self._own = inputs.edges
        self._sites: Counter[tuple[str, str]] = Counter()

    def of(self, people: tuple[int, ...]) -> list[int]:
        """How often each of a table had an edge: their own first, then their site's this week."""
        return [
            OWN_EDGES * self._own.get(one, 0)
            + sum(self._sites[self._zones[one], self._zones[other]] for other in people)
            for one in people
        ]

    def note(self, people: tuple[int, ...], on_edge: frozenset[int]) -> None:
        """Remember whom a booking put at an edge."""
        for one in on_edge:
            self._sites.update((self._zones[one], self._zones[other]) for other in people)
