"""What earlier rounds left behind, as the next draw needs it.

Two met when they sat at one table and nobody said that it did not happen; who was drawn for each
other and did not meet was proposed, which a draw knows and does not count as a meeting. A table of
three is three pairs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from critique.pairing.pool import Pair, pair_of

# Tables of three count for a year: a newcomer is not the third until they have caught up.
TRIOS_COUNT_FOR = 52
EDGES_COUNT_FOR = 26


@dataclass(frozen=True)
class Sitting:
    """One table of the round `number`: who had a seat at it, and who of them met.

    `strangers` are pairs of whom one had left before the other came in: they were never proposed
    to each other. `met` is empty when it was given up or did not happen; `on_edge` are those for
    whom it lay in the first or last half hour of their day.
    """

    number: int
    people: tuple[int, ...]
    met: tuple[int, ...]
    on_edge: frozenset[int] = frozenset()
    strangers: frozenset[Pair] = frozenset()


@dataclass(frozen=True)
class Memory:
    """When each two last met, and last were to meet in vain; who sat at three, or at an edge."""

    met: Mapping[Pair, int] = field(default_factory=dict)
    proposed: Mapping[Pair, int] = field(default_factory=dict)
    trio_seats: Mapping[int, int] = field(default_factory=dict)
    last_trio: Mapping[int, int] = field(default_factory=dict)
    edges: Mapping[int, int] = field(default_factory=dict)


def remembered(sittings: Iterable[Sitting], number: int) -> Memory:
    """Sum up all tables of rounds before `number` (weeks, see `weeks.week_number`)."""
    met: defaultdict[Pair, int] = defaultdict(int)
    proposed: defaultdict[Pair, int] = defaultdict(int)
    trios: Counter[int] = Counter()
    edges: Counter[int] = Counter()
    last: dict[int, int] = {}
    for one in sorted((s for s in sittings if s.number < number), key=lambda s: s.number):
        held = {pair_of(a, b) for a, b in combinations(one.met, 2)}
        for pair in held:
            met[pair] = one.number
        for a, b in combinations(one.people, 2):
            if pair_of(a, b) not in held | one.strangers:
                proposed[pair_of(a, b)] = one.number
        if len(one.met) == 3:
            last.update(dict.fromkeys(one.met, one.number))
            if one.number >= number - TRIOS_COUNT_FOR:
                trios.update(one.met)
        if one.number >= number - EDGES_COUNT_FOR:
            edges.update(one.on_edge.intersection(one.met))
    return Memory(dict(met), dict(proposed), trios, last, edges)
