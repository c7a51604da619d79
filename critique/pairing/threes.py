"""Tables of three for everybody, in groups that want them.

Seating threes at the least cost is three-dimensional matching, for which no fast way is known. So
the pairs of the ordinary draw become tables of three by a second matching, and people then change
places between tables as long as that lowers the cost. How close that comes: docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import rustworkx

from critique.pairing.pool import Pair, Pool, pair_of
from critique.pairing.thirds import Places, trio_prices, with_thirds

# How often the tables are gone through, and with how many others each is compared at most.
SWEEPS, NEIGHBOURS = 8, 60


def in_threes(
    pool: Pool, pairs: Sequence[Pair], alone: Sequence[int]
) -> tuple[list[Places], list[int]]:
    """Make tables of three of pairs; one or two stay pairs where it does not come out even.

    As many pairs part as there are tables too many, and each of them joins another pair.
    """
    order = pool.chance.sample(list(pairs), len(pairs))
    tables_wanted = -(-(2 * len(pairs) + len(alone)) // 3)
    parting = max(0, len(pairs) - tables_wanted)
    singles = sorted([*alone, *(i for pair in order[:parting] for i in pair)])
    tables, left = _joined(pool, sorted(order[parting:]), singles)
    tables, left = _rescued(pool, tables, left)
    return sorted(_improved(pool, tables)), left


def _joined(
    pool: Pool, hosts: Sequence[Pair], singles: Sequence[int]
) -> tuple[list[Places], list[int]]:
    """Give each pair a third, as many as can have one, at the least cost."""
    graph: rustworkx.PyGraph[int, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(range(len(hosts) + len(singles))))
    costs = [
        (at, len(hosts) + to, sum(pool.standing_cost(person, i) for i in host))
        for at, host in enumerate(hosts)
        for to, person in _some(pool, singles)
        if pool.may_meet(person, *host)
    ]
    dearest = max((cost for _, _, cost in costs), default=0) + 1
    graph.add_edges_from([(at, to, dearest - cost) for at, to, cost in costs])
    found = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    third = {min(edge): singles[max(edge) - len(hosts)] for edge in found}
    tables = [
        tuple(sorted((*host, third[at]))) if at in third else host for at, host in enumerate(hosts)
    ]
    return tables, sorted(set(singles) - set(third.values()))


def _some(pool: Pool, singles: Sequence[int]) -> list[tuple[int, int]]:
    """The singles a pair is compared with: all of them, or some by lot where they are many."""
    numbered = list(enumerate(singles))
    return numbered if len(numbered) <= NEIGHBOURS else pool.chance.sample(numbered, NEIGHBOURS)


def _rescued(
    pool: Pool, tables: list[Places], left: Sequence[int]
) -> tuple[list[Places], list[int]]:
    """Seat those who found no pair: two of three part so that each of two meets one more."""
    still: list[int] = []
    for person in left:
        found = next(
            (
                (table, mate)
                for table in tables
                if len(table) == 3
                for mate in table
                if pool.may_meet(person, mate)
            ),
            None,
        )
        if found is None:
            still.append(person)
            continue
        table, mate = found
        tables.remove(table)
        others = [i for i in table if i != mate]
        tables += [pair_of(person, mate), pair_of(*others)]
    pairs = [pair_of(*table) for table in tables if len(table) == 2]
    seated, still = with_thirds(pool, trio_prices(pool), pairs, still)
    return [table for table in tables if len(table) == 3] + seated, still


def _improved(pool: Pool, tables: list[Places]) -> list[Places]:
    """Let two people change places between tables where that costs less, repeats first."""
    costs = [_cost(pool, table) for table in tables]
    for _ in range(SWEEPS):
        changed = False
        dear = sorted(range(len(tables)), key=lambda at: (-costs[at], at))
        for at in dear[: max(NEIGHBOURS, len(dear) // 10)]:
            others = _neighbours(pool, at, len(tables))
            changed |= _better_with(pool, tables, costs, at, others)
        if not changed:
            break
    return tables


def _neighbours(pool: Pool, at: int, count: int) -> list[int]:
    others = [other for other in range(count) if other != at]
    return others if count <= NEIGHBOURS else pool.chance.sample(others, NEIGHBOURS)


def _better_with(
    pool: Pool, tables: list[Places], costs: list[int], at: int, others: Sequence[int]
) -> bool:
    """Make the best exchange of the table with one of the others; False when none is better."""
    best, gain = None, 0
    for other in others:
        now = costs[at] + costs[other]
        for one, two in _exchanges(tables[at], tables[other]):
            if not (pool.may_meet(*one) and pool.may_meet(*two)):
                continue
            saved = now - _cost(pool, one) - _cost(pool, two)
            if saved > gain:
                best, gain = (other, one, two), saved
    if best is None:
        return False
    other, tables[at], tables[other] = best
    costs[at], costs[other] = _cost(pool, tables[at]), _cost(pool, tables[other])
    return True


def _exchanges(one: Places, other: Places) -> Iterator[tuple[Places, Places]]:
    for mine in one:
        for theirs in other:
            yield (
                tuple(sorted(theirs if i == mine else i for i in one)),
                tuple(sorted(mine if i == theirs else i for i in other)),
            )


def _cost(pool: Pool, table: Places) -> int:
    return sum(pool.standing_cost(i, j) for i, j in combinations(table, 2))
