"""The coffee draw beside plain shuffling, as most coffee bots do: time, repeats, hours kept.

Run `python -m bench.draw`. The year is 52 weeks of 2026, with clock changes: three sites (Austin
40 %, London 35 %, Singapore 25 %), nine working hours from between 07:00 and 10:30, teams of eight,
12 % skip any week. The rival shuffles those who are in and takes twos; an odd one is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random
from typing import Any

from critique.pairing.matching import Seat, draw
from critique.pairing.slots import availability, common, has_run
from critique.plumbing.calendar import WorkingHours

SITES = ["America/Chicago"] * 40 + ["Europe/London"] * 35 + ["Asia/Singapore"] * 25
WEEKS = [f"2026-W{week:02d}" for week in range(1, 53)]
Tables = list[tuple[int, ...]]
History = dict[Any, int]
Rival = Callable[[list[Seat], History, int], Tables]


def people(count: int, seed: int) -> list[WorkingHours]:
    """Give everybody a site and nine hours a day, the same each day."""
    chance = Random(seed)
    hours = []
    for _ in range(count):
        start = 420 + 30 * chance.randrange(8)
        hours.append(
            WorkingHours(chance.choice(SITES), dict.fromkeys(range(5), ((start, start + 540),)))
        )
    return hours


def seats_of(hours: list[WorkingHours], week: str) -> list[Seat]:
    return [
        Seat(i, availability(each, week), frozenset({i // 8}), each.zone)
        for i, each in enumerate(hours)
    ]


def ours(seats: list[Seat], history: History, number: int) -> Tables:
    return [t.people for t in draw(seats, history, round_number=number, seed=1).tables]


def shuffling(seats: list[Seat], _: History, number: int) -> Tables:
    mixed = [seat.person_id for seat in seats]
    Random(number).shuffle(mixed)
    return [tuple(sorted(pair)) for pair in zip(mixed[::2], mixed[1::2], strict=False)]


@dataclass
class Year:
    """What a year of rounds came to."""

    pairs: int = 0
    repeats: int = 0
    feasible: int = 0
    apart: int = 0
    out: int = 0
    first_repeat: int | None = None
    gaps: list[int] = field(default_factory=list)
    threes: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    forced: int | None = None

    def note(self, one: Seat, other: Seat, met: int | None, number: int) -> None:
        self.pairs += 1
        self.feasible += has_run(common([one.availability, other.availability]))
        self.apart += one.groups.isdisjoint(other.groups)
        if met is not None:
            self.repeats += 1
            self.gaps.append(number - met)
            self.first_repeat = self.first_repeat or number


class Bound:
    """The first round when any draw must repeat: somebody has met oftener than partners exist."""

    def __init__(self, count: int) -> None:
        self.partners: list[set[int]] = [set() for _ in range(count)]
        self.met = [0] * count

    def reached_by(self, seats: list[Seat]) -> bool:
        could: set[int] = set()
        for one, other in combinations(seats, 2):
            if has_run(one.availability & other.availability):
                self.partners[one.person_id].add(other.person_id)
                self.partners[other.person_id].add(one.person_id)
                could |= {one.person_id, other.person_id}
        for person in could:
            self.met[person] += 1
        return any(met > len(known) for met, known in zip(self.met, self.partners, strict=True))


def simulate(hours: list[WorkingHours], rival: Rival, seed: int, opt_out: float = 0.12) -> Year:
    chance, year = Random(seed), Year(threes=dict.fromkeys(range(len(hours)), 0))
    history: History = {}
    last: dict[int, int] = {}
    left: set[int] = set()
    bound = Bound(len(hours))
    for number, week in enumerate(WEEKS, start=1):
        seats = [
            replace(s, trio_seats=year.threes[i], last_trio=last.get(i), priority=i in left)
            for i, s in enumerate(seats_of(hours, week))
            if chance.random() >= opt_out
        ]
        if bound.reached_by(seats) and year.forced is None:
            year.forced = number
        began = time.perf_counter()
        tables = rival(seats, history, number)
        year.seconds += time.perf_counter() - began
        left = {s.person_id for s in seats} - {i for table in tables for i in table}
        year.out += len(left)
        seated = {s.person_id: s for s in seats}
        for table in tables:
            if len(table) == 3:
                year.threes.update({i: year.threes[i] + 1 for i in table})
                last.update(dict.fromkeys(table, number))
            for pair in combinations(table, 2):
                year.note(seated[pair[0]], seated[pair[1]], history.get(pair), number)
                history[pair] = number
    return year


def _line(*cells: object) -> None:
    widths = (6, 10, 13, 10, 8, 8, 9, 11, 9, 11, 8)
    print(" ".join(f"{cell!s:>{w}}" for cell, w in zip(cells, widths, strict=False)))


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def print_year(sizes: tuple[int, ...] = (20, 60, 200)) -> None:
    print("A year of 52 weeks, three sites, 12 % skip each week; shuffling is the rival")
    _line("people", "draw", "first repeat", "forced by", "repeats", "closest", "in hours",
          "cross-team", "left out", "trio seats", "ms/week")  # fmt: skip
    for size in sizes:
        hours = people(size, seed=size)
        found = {
            "shuffling": simulate(hours, shuffling, size),
            "matching": simulate(hours, ours, size),
        }
        for name, year in found.items():
            threes = year.threes.values()
            _line(size, name, year.first_repeat or "none", year.forced or "never",
                  _percent(year.repeats, year.pairs),
                  f"{min(year.gaps)} w" if year.gaps else "-", _percent(year.feasible, year.pairs),
                  _percent(year.apart, year.pairs), year.out, f"{min(threes)}-{max(threes)}",
                  f"{1000 * year.seconds / len(WEEKS):.1f}")  # fmt: skip
        one, two = found["shuffling"], found["matching"]
        ratio = (two.repeats / two.pairs) / (one.repeats / one.pairs)
        print(f"        ratio of repeats, matching to shuffling: {ratio:.2f}")


def print_static(sizes: tuple[int, ...] = (20, 60)) -> None:
    print("Everybody in every week, one site, one team: rounds before a repeat (ideal: n - 1)")
    for size in sizes:
        found = {}
        for name, rival in (("shuffling", shuffling), ("matching", ours)):
            rounds = sorted(_before_repeat(size, rival, shift) for shift in (0, 1000, 2000))
            found[name] = rounds[1]
        ratio = found["matching"] / max(found["shuffling"], 1)
        print(f"{size:>7} shuffling {found['shuffling']}, matching {found['matching']} "
              f"of {size - 1}: {ratio:.0f} times as long")  # fmt: skip


def _before_repeat(size: int, rival: Rival, shift: int) -> int:
    seats = [Seat(i, (1 << 48) - 1) for i in range(size)]
    history: History = {}
    for number in range(1 + shift, size + shift + 1):
        tables = rival(seats, history, number)
        if any(pair in history for pair in tables):
            return number - shift - 1
        history.update(dict.fromkeys(tables, number))
    return size


def print_times(sizes: tuple[int, ...] = (20, 200, 1000, 5000)) -> None:
    print("One draw with ten weeks of history")
    for size in sizes:
        hours = people(size, seed=size)
        history: History = {}
        seats = seats_of(hours, "2026-W48")
        for number in range(1, 11):
            history.update(dict.fromkeys(shuffling(seats, history, number), number))
        times = []
        for rival in (shuffling, ours):
            began = time.perf_counter()
            tables = rival(seats, history, 11)
            times.append(time.perf_counter() - began)
        began = time.perf_counter()
        seats_of(hours, "2026-W44")
        weeks = time.perf_counter() - began
        seated = sum(len(table) for table in tables)
        print(f"{size:>7}: draw {times[1] * 1000:.1f} ms, shuffling {times[0] * 1000:.1f} ms "
              f"({times[1] / times[0]:,.0f} times), availability {weeks * 1000:.1f} ms, "
              f"{size - seated} left out")  # fmt: skip


def main() -> None:
    began = time.perf_counter()
    print_times()
    print_static()
    print_year()
    print(f"bench.draw took {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
