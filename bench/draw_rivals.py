"""How others draw, from their published rules in our own words: they know neither hours nor wishes.

Shuffling takes twos of a shuffled list (an odd one is left out). Halves and Gale-Shapley lets a
random half propose to the other, each ranking by longest ago (an odd one joins the last pair). The
cooldown is an unweighted maximum matching without pairs of the last ten weeks (the rest are left).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import rustworkx

from critique.pairing.pool import Pair, pair_of

COOLDOWN = 10
Tables = list[tuple[int, ...]]


def shuffling(people: Sequence[int], _met: Mapping[Pair, int], number: int) -> Tables:
    mixed = Random(number).sample(sorted(people), len(people))
    return [pair_of(*pair) for pair in zip(mixed[::2], mixed[1::2], strict=False)]


def gale_shapley(people: Sequence[int], met: Mapping[Pair, int], number: int) -> Tables:
    chance = Random(number)
    mixed = chance.sample(sorted(people), len(people))
    extra = mixed.pop() if len(mixed) % 2 else None
    half = len(mixed) // 2
    ask, wait = mixed[:half], mixed[half:]
    order = {i: chance.random() for i in mixed}

    def ranked(one: int, others: Sequence[int]) -> list[int]:
        return sorted(others, key=lambda other: (met.get(pair_of(one, other), -1), order[other]))

    wishes = {one: iter(ranked(one, wait)) for one in ask}
    rank = {one: {other: at for at, other in enumerate(ranked(one, ask))} for one in wait}
    taken: dict[int, int] = {}
    free = list(ask)
    while free:
        one = free.pop()
        other = next(wishes[one])
        rival = taken.get(other)
        if rival is None or rank[other][one] < rank[other][rival]:
            taken[other] = one
            free += [] if rival is None else [rival]
        else:
            free.append(one)
    tables: Tables = [pair_of(one, other) for other, one in taken.items()]
    if extra is not None and tables:
        tables[-1] = tuple(sorted((*tables[-1], extra)))
    return tables


def cooldown(people: Sequence[int], met: Mapping[Pair, int], number: int) -> Tables:
    here = sorted(people)
    graph: rustworkx.PyGraph[int, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(here)
    graph.add_edges_from(
        [
            (i, j, 1)
            for i in range(len(here))
            for j in range(i + 1, len(here))
            if number - met.get((here[i], here[j]), -COOLDOWN) > COOLDOWN
        ]
    )
    found = rustworkx.max_weight_matching(graph, max_cardinality=True)
    return [pair_of(here[i], here[j]) for i, j in found]


RIVALS = {
    "shuffling": shuffling,
    "halves + Gale-Shapley": gale_shapley,
    "unweighted, cooldown 10": cooldown,
}
