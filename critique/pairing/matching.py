"""Who has coffee with whom: one round's draw as a weighted matching.

A pair may meet when both weeks share 20 minutes and nobody forbade it. Each pair has a cost; the
matching (rustworkx, maximum weight at maximum cardinality) seats as many people as can be seated at
the least sum. A repeat costs more than everything else together, so nobody meets the same person
again while the roster allows it: on a full, even, unchanging roster of n that is certain for n/2
rounds (the graph of those who never met has degree n/2 or more, so by Dirac's theorem a perfect
matching) and measured to hold for nearly n - 1. Other weights: measured over simulated years, see
docs/decisions/0005-pairing-by-weighted-matching.md.

The draw depends on nothing but its arguments: the same seed and pool give the same tables.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import rustworkx

from critique.pairing.pool import CHANCE, Pair, Pool, Seat, pair_of
from critique.pairing.slots import common, has_run, minutes_in

__all__ = ["Draw", "Left", "Seat", "Table", "draw"]

Places = tuple[int, ...]
Exchange = tuple[Places, Places]

TRIO_SEAT = 3000
# All pairs are weighed up to here; above, some for each person.
DENSE = 300
SAMPLE, KEPT = 64, 8
# Chains of exchanges tried for one person before that person is told that there is no table.
EXCHANGES = 400


@dataclass(frozen=True)
class Table:
    """Two or three people (ascending ids) who meet, why they, and the minutes they share."""

    people: tuple[int, ...]
    reasons: tuple[str, ...]
    common_minutes: int

    @property
    def reason(self) -> str:
        """Say it in one line: "first time together, different teams, 240 minutes in common"."""
        return ", ".join(self.reasons)


@dataclass(frozen=True)
class Left:
    """One person for whom no table could be made, and why, in words for that person."""

    person_id: int
    reason: str


@dataclass(frozen=True)
class Draw:
    """One round: tables and those left, ascending; the seed and the pool's SHA-256 to replay it."""

    tables: tuple[Table, ...]
    left: tuple[Left, ...]
    seed: int
    pool_digest: str


def draw(
    seats: Iterable[Seat],
    history: Mapping[Pair, int],
    *,
    round_number: int,
    seed: int,
    forbidden: Collection[Pair] = frozenset(),
) -> Draw:
    """Seat everybody who can be seated, in twos and, where it does not come out even, threes.

    `history` gives the round each pair last met; rounds are weeks, and those at or after
    `round_number` are ignored. Pairs may be given in either order. Raises ValueError when a person
    sits twice.
    """
    pool = Pool(seats, history, round_number, seed, forbidden)
    prices = _trio_prices(pool)
    tables, alone = _matched(pool, prices)
    tables, alone = _with_trios(pool, prices, tables, alone)
    return Draw(
        tables=tuple(sorted((_explained(pool, t) for t in tables), key=lambda t: t.people)),
        left=tuple(Left(pool.seats[i].person_id, _why_left(pool, i)) for i in sorted(alone)),
        seed=seed,
        pool_digest=pool.digest,
    )


def _priced(pool: Pool, i: int, others: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (cost, other) for those of the others whom i may meet."""
    mine = pool.masks[i]
    for j in others:
        shared = mine & pool.masks[j]
        if shared & (shared >> 1) and i != j and pair_of(i, j) not in pool.forbidden:
            yield pool.cost(i, j, shared), j


def _edges(pool: Pool) -> dict[Pair, int]:
    """Return the pairs worth weighing with their costs: all up to 300 people, above some for each.

    Above, half are the cheapest of a sample and half any in it who never met i: with the cheapest
    only, all compete for the scarce site. Where the sample holds too few, everybody is looked at.
    """
    places = range(pool.size)
    if pool.size <= DENSE:
        return {(i, j): c for i in places for c, j in _priced(pool, i, range(i + 1, pool.size))}
    edges: dict[Pair, int] = {}
    for i in places:
        found = sorted(_priced(pool, i, pool.chance.sample(places, SAMPLE)))
        fresh = [(c, j) for c, j in found if pair_of(i, j) not in pool.met]
        if len(fresh) < KEPT:
            found = sorted(_priced(pool, i, places))
            fresh = [(c, j) for c, j in found if pair_of(i, j) not in pool.met]
        kept = found[:KEPT] + pool.chance.sample(fresh, min(KEPT, len(fresh)))
        for cost, j in kept:
            edges.setdefault(pair_of(i, j), cost)
    return edges


def _matched(pool: Pool, prices: list[int]) -> tuple[list[Places], list[int]]:
    """Return pairs of places and those without a partner.

    An odd number who can only meet among themselves get an empty chair, dearer the oftener one has
    sat at a table of three: who takes it is the third, chosen fairly and together with the pairs.
    """
    edges = _edges(pool)
    graph: rustworkx.PyGraph[int, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(range(pool.size)))
    graph.add_edges_from([(i, j, cost) for (i, j), cost in edges.items()])
    for component in rustworkx.connected_components(graph):
        if len(component) % 2 and len(component) > 1:
            chair = graph.add_node(-1)
            graph.add_edges_from([(i, chair, prices[i]) for i in sorted(component)])
    dearest = max(graph.edges(), default=0) + 1
    # More than all costs together: those left out last time are seated before anything else counts.
    urgent = [dearest * pool.size * seat.priority for seat in pool.seats]
    for i, j, cost in graph.weighted_edge_list():
        both = 0 if j >= pool.size else urgent[i] + urgent[j]
        graph.update_edge(i, j, dearest - cost + both)
    found = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    pairs = sorted(pair_of(i, j) for i, j in found if max(i, j) < pool.size)
    seated = {i for pair in pairs for i in pair}
    return list(pairs), [i for i in range(pool.size) if i not in seated]


def _trio_prices(pool: Pool) -> list[int]:
    """Price a seat at three for each: growing with those already had, and dear soon after one.

    Each further seat costs more (3000, 6000, 9000 ...), and on the scale of repeats, so that
    it comes round also in a small pool, where every table is one.
    """
    fewest = min((seat.trio_seats for seat in pool.seats), default=0)
    prices = []
    for seat in pool.seats:
        more = seat.trio_seats - fewest
        price = TRIO_SEAT * more * (more + 1) // 2
        if seat.last_trio is not None:
            price += 4 * TRIO_SEAT // max(pool.round_number - seat.last_trio, 1)
        prices.append(price * pool.repeat_scale + pool.chance.randrange(CHANCE))
    return prices


def _with_trios(
    pool: Pool, prices: list[int], tables: list[Places], alone: list[int]
) -> tuple[list[Places], list[int]]:
    """Seat those alone: with each other, as a third, or by moving somebody else to be the third."""
    left: list[int] = []
    for person in sorted(alone, key=lambda i: (not pool.seats[i].priority, i)):
        mate = next((other for other in left if pool.may_meet(person, other)), None)
        if mate is not None:
            left.remove(mate)
            tables.append(pair_of(person, mate))
        elif not _seated_as_third(pool, prices, tables, person):
            left.append(person)
    return tables, left


def _seated_as_third(pool: Pool, prices: list[int], tables: list[Places], person: int) -> bool:
    """Change the tables so that the person sits, if a chain of exchanges allows it (breadth first).

    One exchange: the person takes somebody's partner, and that somebody looks for a table of three.
    """
    waiting: deque[tuple[int, tuple[Exchange, ...]]] = deque([(person, ())])
    seen = {person}
    for _ in range(EXCHANGES):
        if not waiting:
            break
        looking, exchanges = waiting.popleft()
        now = _exchanged(tables, exchanges)
        pairs = [table for table in now if len(table) == 2]
        hosts = [pair for pair in pairs if pool.may_meet(looking, *pair)]
        if hosts:
            host = min(hosts, key=lambda pair: (_hosting_cost(pool, prices, looking, pair), pair))
            trio = tuple(sorted((looking, *host)))
            tables[:] = _exchanged(now, ((host, trio),))
            return True
        for pair in pairs:
            for mate, moved in (pair, pair[::-1]):
                if moved not in seen and pool.may_meet(looking, mate):
                    seen.add(moved)
                    waiting.append((moved, (*exchanges, (pair, pair_of(looking, mate)))))
    return False


def _exchanged(tables: list[Places], exchanges: Iterable[Exchange]) -> list[Places]:
    after = set(tables)
    for old, new in exchanges:
        after.remove(old)
        after.add(new)
    return sorted(after)


def _hosting_cost(pool: Pool, prices: list[int], third: int, pair: Places) -> int:
    return sum(prices[host] + pool.standing_cost(third, host) for host in pair)


def _explained(pool: Pool, places: Places) -> Table:
    minutes = minutes_in(common(pool.masks[i] for i in places))
    pairs = list(combinations(places, 2))
    reasons = ["a table of three, as it does not come out even"] if len(places) == 3 else []
    met = [pool.met[pair_of(i, j)] for i, j in pairs if pair_of(i, j) in pool.met]
    weeks = pool.round_number - max(met, default=0)
    ago = "last week" if weeks == 1 else f"{weeks} weeks ago"
    if not met:
        reasons.append("first time together")
    else:
        some = "two of them " if len(places) == 3 and len(met) < 3 else ""
        reasons.append(f"{some}last together {ago}")
    groups = [pool.seats[i].groups for i in places]
    if any(groups):
        apart = all(a.isdisjoint(b) for a, b in combinations(groups, 2))
        reasons.append("different teams" if apart else "same team")
    reasons.append(f"{minutes} minutes in common")
    return Table(tuple(pool.seats[i].person_id for i in places), tuple(reasons), minutes)


def _why_left(pool: Pool, i: int) -> str:
    """Say why without telling on anybody who asked not to be paired."""
    if pool.size == 1:
        return "nobody else is in"
    if not has_run(pool.masks[i]):
        return "no 20 working minutes of yours are left this week"
    if not any(has_run(pool.masks[i] & m) for j, m in enumerate(pool.masks) if j != i):
        return "no common 20 minutes with anybody who is in this week"
    return "no table of two or three works out for you this week"
