"""The pairs of one round: a matching of most people at the least cost (rustworkx).

Up to 300 people all pairs are weighed. Above, for each person the cheapest of a sample and some at
random whom they never met: with the cheapest only, all compete for the scarce site. Thousands are
matched in blocks drawn by lot, since what a few with hardly any partner cost grows with the square
of those matched together; who is left of the blocks is matched once more among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import rustworkx

from critique.pairing.pool import Pair, Pool, pair_of

Edges = dict[Pair, int]

DENSE = 300
SAMPLE, KEPT = 64, 8
BLOCK = 1000
# How often those left of the blocks are matched again, while that seats more of them.
AGAIN = 4


def matched(pool: Pool, prices: Sequence[int]) -> tuple[list[Pair], list[int]]:
    """Return pairs of places, and those without a partner, of more people than one block."""
    pairs: list[Pair] = []
    alone: list[int] = []
    for block in _blocks(pool):
        found, left = paired(pool, block, weighed(pool, block), prices)
        pairs += found
        alone += left
    busy = [i for i in alone if not pool.is_free(i)]
    alone = [i for i in alone if pool.is_free(i)]
    for _ in range(AGAIN):
        if len(alone) <= 1:
            break
        once_more = _those_around(pool, pairs, alone)
        found, left = paired(pool, once_more, weighed(pool, once_more), prices)
        if len(left) >= len(alone):
            break
        moved = set(once_more)
        pairs = [pair for pair in pairs if pair[0] not in moved] + found
        alone = left
    return pairs, [*alone, *busy]


def _blocks(pool: Pool) -> list[list[int]]:
    """Everybody in blocks of about the same size, even but for the last."""
    order = pool.chance.sample(range(pool.size), pool.size)
    count = -(-pool.size // BLOCK)
    size = -(-pool.size // (2 * count)) * 2
    return [sorted(order[start : start + size]) for start in range(0, pool.size, size)]


def _those_around(pool: Pool, pairs: Sequence[Pair], alone: Sequence[int]) -> list[int]:
    """Those alone, the tables of people they could meet, and others up to a block."""
    everybody = range(pool.size)
    mate = dict(pairs) | {j: i for i, j in pairs}
    chosen = set(alone)
    share = max(BLOCK // (4 * len(alone)), 2)
    for person in alone:
        could = [j for j in everybody if j in mate and pool.may_meet(person, j)]
        for j in pool.chance.sample(could, min(share, len(could))):
            chosen |= {j, mate[j]}
    for pair in pool.chance.sample(pairs, len(pairs)):
        if len(chosen) >= BLOCK:
            break
        chosen |= set(pair)
    return sorted(chosen)


def _priced(pool: Pool, i: int, others: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (cost, other) for those of the others whom i may meet."""
    mine, masks, forbidden = pool.masks[i], pool.masks, pool.forbidden
    for j in others:
        shared = mine & masks[j]
        if shared & (shared >> 1) and i != j and pair_of(i, j) not in forbidden:
            yield pool.cost(i, j, shared), j


def weighed(pool: Pool, places: Sequence[int]) -> Edges:
    """Return the pairs worth weighing with their costs."""
    if len(places) <= DENSE:
        return {
            (i, j): cost
            for at, i in enumerate(places)
            for cost, j in _priced(pool, i, places[at + 1 :])
        }
    edges: Edges = {}
    for i in places:
        found = sorted(_priced(pool, i, pool.chance.sample(places, SAMPLE)))
        fresh = [(cost, j) for cost, j in found if pair_of(i, j) not in pool.met]
        if len(fresh) < KEPT:
            # The sample holds too few: everybody is looked at.
            found = sorted(_priced(pool, i, places))
            fresh = [(cost, j) for cost, j in found if pair_of(i, j) not in pool.met]
        kept = found[:KEPT] + pool.chance.sample(fresh, min(KEPT, len(fresh)))
        for cost, j in kept:
            edges.setdefault(pair_of(i, j), cost)
    return edges


def paired(
    pool: Pool, places: Sequence[int], edges: Edges, prices: Sequence[int] | None = None
) -> tuple[list[Pair], list[int]]:
    """Match these people along the edges, at most cardinality and least cost; and who is alone.

    With `prices`, an odd number who can only meet among themselves get an empty chair at that price
    for each: who takes it is the third, chosen fairly and together with the pairs.
    """
    node = {place: at for at, place in enumerate(places)}
    graph: rustworkx.PyGraph[int, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(places))
    here = ((i, j, c) for (i, j), c in edges.items() if i in node and j in node)
    graph.add_edges_from([(node[i], node[j], cost) for i, j, cost in here])
    if prices is not None:
        _add_chairs(graph, [prices[place] for place in places])
    dearest = max(graph.edges(), default=0) + 1
    # More than all costs together: those left out last time are seated before anything else counts.
    urgent = [dearest * len(places) * pool.seats[place].priority for place in places]
    for i, j, cost in graph.weighted_edge_list():
        both = 0 if j >= len(places) else urgent[i] + urgent[j]
        graph.update_edge(i, j, dearest - cost + both)
    found = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    pairs = [pair_of(places[i], places[j]) for i, j in found if max(i, j) < len(places)]
    seated = {i for pair in pairs for i in pair}
    return sorted(pairs), [i for i in places if i not in seated]


def _add_chairs(graph: rustworkx.PyGraph[int, int], prices: Sequence[int]) -> None:
    for component in rustworkx.connected_components(graph):
        if len(component) % 2 and len(component) > 1:
            chair = graph.add_node(-1)
            graph.add_edges_from([(i, chair, prices[i]) for i in sorted(component)])
