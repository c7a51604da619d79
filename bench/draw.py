"""The coffee draw beside how others draw: repeats, gaps, hours kept, wishes, seats at three, time.

Run `python -m bench.draw`. The year is 52 weeks of a made-up company as `critique pairing simulate`
makes it: three sites, holidays and leave, 12 % skip any week, teams of eight, some do not want to
meet somebody. Times are of the processor, so that others on the machine do not count.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from random import Random

from bench.draw_rivals import RIVALS, shuffling
from critique.pairing.matching import Seat, draw
from critique.pairing.pool import Pair, Weights, pair_of
from critique.pairing.roster import Colleague, made_up
from critique.pairing.simulation import Rules, present_in, simulated
from critique.pairing.slots import NOTICE, availability, choose_slot, has_run
from critique.pairing.weeks import week_after
from critique.plumbing.calendar import monday_morning

FIRST, WEEKS = "2026-W48", 52
FIXED = Weights(growing=False)
Week = tuple[str, set[int], list[tuple[int, ...]]]


@dataclass
class Year:
    """What a year of rounds came to, counted from tables alone."""

    roster: dict[int, Colleague]
    last: dict[Pair, int] = field(default_factory=dict)
    first_repeat: int | None = None
    gaps: list[int] = field(default_factory=list)
    pairs: int = 0
    in_hours: int = 0
    other_team: int = 0
    forbidden: int = 0
    left: int = 0
    threes: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def note(self, at: int, week: Week) -> None:
        name, present, tables = week
        self.left += len(present) - sum(map(len, tables))
        not_before = monday_morning(name, "Europe/London") + NOTICE
        for table in tables:
            if len(table) == 3:
                self.threes.update(table)
            for one, other in combinations(table, 2):
                self._note_pair(at, self.roster[one], self.roster[other])
                masks = [
                    availability(self.roster[i].hours, name, not_before=not_before)
                    for i in (one, other)
                ]
                self.in_hours += has_run(masks[0] & masks[1])

    def _note_pair(self, at: int, one: Colleague, other: Colleague) -> None:
        pair = pair_of(one.id, other.id)
        self.pairs += 1
        self.other_team += one.team != other.team
        self.forbidden += other.id in one.do_not_pair or one.id in other.do_not_pair
        if pair in self.last:
            self.gaps.append(at - self.last[pair])
            self.first_repeat = self.first_repeat or at
        self.last[pair] = at


def our_weeks(roster: Sequence[Colleague], rules: Rules) -> Iterator[Week]:
    for plan in simulated(roster, FIRST, WEEKS, rules):
        tables = [booking.people for booking in plan.bookings]
        yield plan.inputs.week, set(plan.inputs.guests), tables


def rival_weeks(
    roster: Sequence[Colleague], rules: Rules, rival: Callable[..., list[tuple[int, ...]]]
) -> Iterator[Week]:
    met: dict[Pair, int] = {}
    week = FIRST
    for number in range(WEEKS):
        present = {one.id for one in present_in(roster, week, rules)}
        tables = rival(sorted(present), met, number)
        yield week, present, tables
        met.update((pair, number) for table in tables for pair in combinations(table, 2))
        week = week_after(week)


def year_of(roster: Sequence[Colleague], weeks: Iterator[Week]) -> Year:
    year = Year({one.id: one for one in roster})
    began = time.process_time()
    for at, week in enumerate(weeks, start=1):
        year.seconds += time.process_time() - began
        year.note(at, week)
        began = time.process_time()
    return year


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _line(*cells: object) -> None:
    widths = (6, 24, 6, 8, 6, 8, 9, 10, 6, 9, 7, 8)
    print(" ".join(f"{cell!s:>{w}}" for cell, w in zip(cells, widths, strict=False)), flush=True)


def print_years(sizes: Sequence[int] = (20, 60, 200), seeds: Sequence[int] = (1, 2, 3)) -> None:
    print(f"A year of {WEEKS} weeks, made-up companies {', '.join(map(str, seeds))} of each size")
    _line("people", "draw", "first", "repeats", "<=12 w", "closest", "in hours", "cross-team",
          "wishes", "at three", "left", "ms/week")  # fmt: skip
    for size in sizes:
        for seed in seeds if size < 200 else seeds[:1]:
            roster, rules = made_up(size, seed, FIRST), Rules(seed)
            fixed = Rules(seed, weights=FIXED)
            found = {name: year_of(roster, rival_weeks(roster, rules, r)) for name, r in
                     RIVALS.items()}  # fmt: skip
            found["ours, repeats at 4000"] = year_of(roster, our_weeks(roster, fixed))
            found["ours"] = year_of(roster, our_weeks(roster, rules))
            for name, year in found.items():
                _print_year(size, name, year)
            ours, rival = found["ours"], found["shuffling"]
            ratio = (len(ours.gaps) / ours.pairs) / (len(rival.gaps) / rival.pairs)
            print(f"       ratio of repeats, ours to shuffling: {ratio:.2f}")


def _print_year(size: int, name: str, year: Year) -> None:
    seats = [year.threes[one] for one in year.roster]
    _line(size, name, year.first_repeat or "none", _percent(len(year.gaps), year.pairs),
          sum(gap <= 12 for gap in year.gaps), f"{min(year.gaps)} w" if year.gaps else "-",
          _percent(year.in_hours, year.pairs), _percent(year.other_team, year.pairs),
          year.forbidden, f"{min(seats)}-{max(seats)}", year.left,
          f"{1000 * year.seconds / WEEKS:.1f}")  # fmt: skip


def print_static(sizes: dict[int, int] | None = None) -> None:
    print("Everybody in every week, one site, one team: the week of the first repeat (ideal: n)")
    for size, seeds in (sizes or {20: 12, 60: 6, 200: 1}).items():
        ours = sorted(_first_repeat(size, seed) for seed in range(seeds))
        shuffled = sorted(_first_repeat(size, seed, shuffle=True) for seed in range(21))
        print(
            f"{size:>7}: ours {ours[0]} to {ours[-1]} of {size} ({seeds} seeds), "
            f"shuffling {shuffled[10]}: {ours[0] / shuffled[10]:.0f} times as long",
            flush=True,
        )


def _first_repeat(size: int, seed: int, *, shuffle: bool = False) -> int:
    seats = [Seat(i, (1 << 48) - 1) for i in range(size)]
    met: dict[Pair, int] = {}
    for number in range(1, size + 2):
        if shuffle:
            tables = shuffling(range(size), met, number + 1000 * seed)
        else:
            found = draw(seats, met, round_number=number, seed=seed)
            tables = [table.people for table in found.tables]
        if any(pair in met for pair in tables):
            return number
        met.update(dict.fromkeys(tables, number))
    return size + 1


def print_times(sizes: Sequence[int] = (20, 200, 1000, 5000)) -> None:
    print("One draw with ten weeks of history, and one in which a few share time with one other")
    for size in sizes:
        seats, met = _pool(size)
        plain = _cpu_ms(lambda: draw(seats, met, round_number=11, seed=1))  # noqa: B023
        hard = _with_lonely(seats)
        worse = _cpu_ms(lambda: draw(hard, met, round_number=11, seed=1))  # noqa: B023
        rival = _cpu_ms(lambda: shuffling(range(size), met, 11))  # noqa: B023
        print(f"{size:>7}: draw {plain:.0f} ms, with lonely ones {worse:.0f} ms, "
              f"shuffling {rival:.1f} ms", flush=True)  # fmt: skip


def _pool(size: int) -> tuple[list[Seat], dict[Pair, int]]:
    seats = [
        Seat(one.id, availability(one.hours, FIRST), frozenset({one.team}), one.zone)
        for one in made_up(size + size // 5, 1, FIRST)
    ]
    seats = [seat for seat in seats if seat.availability][:size]
    met: dict[Pair, int] = {}
    for number in range(1, 11):
        people = [seat.person_id for seat in seats]
        met.update(dict.fromkeys(shuffling(people, met, number), number))
    return seats, met


def _with_lonely(seats: Sequence[Seat]) -> list[Seat]:
    """Five people, or one of twenty, who share twenty minutes with one other each and no more."""
    changed = list(seats)
    for at in range(min(5, len(seats) // 20)):
        alone, mate, slot = 2 * at, 2 * at + 1, 0b11 << (900 + 10 * at)
        changed[alone] = Seat(seats[alone].person_id, slot)
        changed[mate] = Seat(seats[mate].person_id, seats[mate].availability | slot)
    return changed


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def print_memory(size: int = 5000) -> None:
    code = (
        "import resource; from bench.draw import _pool; from critique.pairing.matching import draw;"
        f"seats, met = _pool({size}); draw(seats, met, round_number=11, seed=1);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    print(f"{size:>7}: {int(ran.stdout) / 1024:.0f} MB at most, Python and all imports included")


def print_slots(size: int = 5000) -> None:
    print("A week of calendars of their own each, and a time for every two")
    roster = made_up(size, 1, FIRST)
    availability(roster[0].hours, FIRST)
    masks: list[int] = []
    week = week_after(FIRST)
    weeks = _cpu_ms(lambda: masks.extend(availability(one.hours, week) for one in roster))
    not_before = monday_morning(week, "Europe/London") + NOTICE
    pairs = Random(1).sample(range(size), size)
    times = _cpu_ms(
        lambda: [
            choose_slot([masks[a], masks[b]], [roster[a].hours, roster[b].hours], week,
                        not_before=not_before)
            for a, b in zip(pairs[::2], pairs[1::2], strict=False)
        ]
    )  # fmt: skip
    print(f"{size:>7}: availability {weeks:.0f} ms, {size // 2} times chosen in {times:.0f} ms")


def main() -> None:
    began = time.process_time()
    print_times()
    print_memory()
    print_slots()
    print_static()
    print_years()
    print(f"bench.draw took {timedelta(seconds=int(time.process_time() - began))}")


if __name__ == "__main__":
    main()
