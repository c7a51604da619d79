"""The simulated queue: ours beside other ways, over six seeds, and what a pick costs.

Run `python -m bench.mentoring`. What the columns mean: `critique simulate queue --help`.
"""

from __future__ import annotations

import time

import numpy as np

from critique.mentoring.ordering import NEVER, Waiting, ordered
from critique.mentoring.pace import Pace
from critique.mentoring.simulation.running import outcomes
from critique.mentoring.simulation.tally import Tally, tally
from critique.mentoring.simulation.world import Setting, drawn

SEEDS = range(1, 7)
# (load, policies): present, nearly full, and more than can be done.
CASES = (
    (0.85, ("shared", "assigned", "oldest-first", "round-robin", "fewest-open")),
    (0.97, ("shared", "assigned", "oldest-first", "fewest-open")),
    (1.08, ("shared", "oldest-first", "fewest-open")),
)


def simulated() -> None:
    head = ("policy", "in time", "worst", "4 h", "worst", "p90", "latest", "longest", "seconds")
    print("load  {:14} {:>8} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8}".format(*head))
    for load, policies in CASES:
        found: dict[str, list[Tally]] = {name: [] for name in policies}
        spent = dict.fromkeys(policies, 0.0)
        for seed in SEEDS:
            world = drawn(Setting(load=load, seed=seed))
            for name in policies:
                began = time.process_time()
                found[name].append(tally(outcomes(world, name), world.end))
                spent[name] += time.process_time() - began
        for name, tallies in found.items():
            print(f"{load:.2f}  {name:14} {row(tallies)} {spent[name] / len(SEEDS):>8.1f}")


def row(tallies: list[Tally]) -> str:
    """Means over the seeds, and beside the shares the worst of them."""
    shares = [one.in_time or 0.0 for one in tallies]
    urgent = [one.in_class[4] or 0.0 for one in tallies]
    parts = [f"{mean(part):>7.1%} {min(part):>7.1%}" for part in (shares, urgent)]
    return (
        f" {' '.join(parts)} {mean([one.p90 or 0 for one in tallies]):>6.1f} h"
        f" {max(one.latest for one in tallies):>6.1f} h"
        f" {max(one.longest for one in tallies):>6.2f} d"
    )


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def weighing() -> None:
    """How long the order of one page takes, alone."""
    chance = np.random.default_rng(1)
    for size in (100, 1000, 10_000):
        waiting = Waiting(
            ids=np.arange(size),
            group=chance.integers(0, 3, size),
            team=np.ones(size, np.int64),
            due=np.where(chance.random(size) < 0.9, chance.integers(0, 10**6, size), NEVER),
            left=chance.integers(-2000, 8000, size),
            waited=chance.integers(0, 5000, size),
            about=chance.integers(5, 60, size),
            favoured=chance.random(size) < 0.1,
        )
        times = []
        for _ in range(9):
            began = time.perf_counter()
            ordered(waiting, {1: Pace(1260, 12.8)}, wanted=50)
            times.append((time.perf_counter() - began) * 1000)
        print(f"order of {size:>6,} requests: {sorted(times)[4]:.2f} ms")


def main() -> None:
    simulated()
    weighing()


if __name__ == "__main__":
    main()
