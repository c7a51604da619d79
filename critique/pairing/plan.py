"""One round from plain values to plain values: who meets whom when, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from critique.pairing.matching import Left, draw
from critique.pairing.pool import Pair, Seat
from critique.pairing.slots import choose_slot
from critique.pairing.weeks import week_number
from critique.plumbing.calendar import WorkingHours

COFFEE = timedelta(minutes=20)


@dataclass(frozen=True)
class Guest:
    """One person of a round, in values that outlive the session they were read in.

    `hours` are those in which they may be met: without time off and without deep work.
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
    """All that one team's draw for one week depends on; `busy` is what guests have booked."""

    team_id: int
    team: str
    week: str
    guests: Mapping[int, Guest]
    seats: tuple[Seat, ...]
    history: Mapping[Pair, int]
    busy: frozenset[tuple[int, datetime, datetime]]


@dataclass(frozen=True)
class Booking:
    """Two or three people (ascending ids), why they, and when (UTC, 20 minutes)."""

    people: tuple[int, ...]
    reason: str
    starts_at: datetime


@dataclass(frozen=True)
class Plan:
    """What a draw came to, and the seed and digest by which it can be made again."""

    inputs: Inputs
    bookings: tuple[Booking, ...]
    left: tuple[Left, ...]
    seed: int
    pool_digest: str
    drawn_at: datetime


def plan_round(inputs: Inputs, *, seed: int, now: datetime) -> Plan:
    """Draw the tables and book each a time. Takes seconds for thousands of people.

    Nothing is booked before `now`, which must be the moment the seats' availability was cut at.
    """
    number = week_number(inputs.week)
    drawn = draw(inputs.seats, inputs.history, round_number=number, seed=seed)
    masks = {seat.person_id: seat.availability for seat in inputs.seats}
    bookings = []
    for table in drawn.tables:
        starts_at = choose_slot(
            [masks[person_id] for person_id in table.people],
            [inputs.guests[person_id].hours for person_id in table.people],
            inputs.week,
            seed=f"{seed}:{table.people}",
            now=now,
        )
        # A table is only drawn for people who share 20 minutes.
        assert starts_at is not None
        bookings.append(Booking(table.people, table.reason, starts_at))
    return Plan(inputs, tuple(bookings), drawn.left, seed, drawn.pool_digest, now)
