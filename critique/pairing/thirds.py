"""Tables of three: whose turn it is, and how somebody who is alone comes to sit at one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import nsmallest
from itertools import combinations

from critique.pairing.pairs import Edges, paired
from critique.pairing.pool import Pair, Pool, pair_of

Places = tuple[int, ...]

# Looks at others' tables for one person before that person is told that there is no table.
LOOKS = 400
# Other tables of three are made up of those whose turn it is most, and the best of them tried.
WHOSE_TURN, TRIED = 16, 6


def trio_prices(pool: Pool) -> list[int]:
    """Price a seat at three for each: growing with those already had, and dear soon after one.

    Each further seat costs more (3000, 6000, 9000 ...), and on the scale of repeats, so that
    it comes round also in a small pool, where every table is one.
    """
    weights = pool.weights
    fewest = min((seat.trio_seats for seat in pool.seats), default=0)
    prices = []
    for seat in pool.seats:
        more = seat.trio_seats - fewest
        price = weights.trio * more * (more + 1) // 2
        if seat.last_trio is not None:
            price += 4 * weights.trio // max(pool.round_number - seat.last_trio, 1)
        prices.append(price * pool.scale + int(pool.chance.random() * weights.chance))
    return prices


def with_thirds(
    pool: Pool, prices: Sequence[int], pairs: list[Pair], alone: Sequence[int]
) -> tuple[list[Places], list[int]]:
    """Seat those alone: with each other, as a third, or by moving somebody else to be the third."""
    tables: set[Places] = set(pairs)
    left: list[int] = []
    for person in sorted(alone, key=lambda i: (not pool.seats[i].priority, i)):
        mate = next((other for other in left if pool.may_meet(person, other)), None)
        if mate is not None:
            left.remove(mate)
            tables.add(pair_of(person, mate))
        elif not pool.is_free(person) or not _seated_as_third(pool, prices, tables, person):
            left.append(person)
    return sorted(tables), left


def _seated_as_third(pool: Pool, prices: Sequence[int], tables: set[Places], person: int) -> bool:
    """Change the tables so that the person sits, if a chain of exchanges allows it (breadth first).

    One exchange: the person takes somebody's partner, and that somebody looks for a table of three.
    """
    pairs = sorted(table for table in tables if len(table) == 2)
    # Who was moved, and by whom from which pair.
    moved: dict[int, tuple[int, Places] | None] = {person: None}
    waiting = deque([person])
    for _ in range(LOOKS):
        if not waiting:
            break
        looking = waiting.popleft()
        gone = _chain(moved, looking)
        meets = {i for pair in pairs for i in pair if i != looking and pool.may_meet(looking, i)}
        hosts = [
            pair
            for pair in pairs
            if pair not in gone and meets.issuperset(pair) and pool.may_meet(looking, *pair)
        ]
        if hosts:
            host = min(hosts, key=lambda pair: (_hosting_cost(pool, prices, looking, pair), pair))
            tables.remove(host)
            tables.add(tuple(sorted((looking, *host))))
            for pair, taker, mate in gone.values():
                tables.remove(pair)
                tables.add(pair_of(taker, mate))
            return True
        for pair in pairs:
            for mate, freed in (pair, pair[::-1]):
                if mate in meets and freed not in moved and pair not in gone:
                    moved[freed] = (looking, pair)
                    waiting.append(freed)
    return False


def _chain(
    moved: dict[int, tuple[int, Places] | None], last: int
) -> dict[Places, tuple[Places, int, int]]:
    """The pairs that are broken up on the way to `last`: (pair, who takes, whom), by pair."""
    broken = {}
    while (step := moved[last]) is not None:
        taker, pair = step
        mate = pair[0] if pair[1] == last else pair[1]
        broken[pair] = (pair, taker, mate)
        last = taker
    return broken


def _hosting_cost(pool: Pool, prices: Sequence[int], third: int, pair: Places) -> int:
    return sum(prices[host] + pool.standing_cost(third, host) for host in pair)


def with_better_thirds(
    pool: Pool, prices: Sequence[int], edges: Edges, tables: list[Places]
) -> list[Places]:
    """Put others at the tables of three where that costs less, the pairs matched anew around them.

    A chain of exchanges finds a table of three that works; that its three have not just met is seen
    only by weighing it together with the pairs.
    """
    for trio in [table for table in tables if len(table) == 3]:
        pairs = [table for table in tables if len(table) == 2]
        best, cost = None, _trio_cost(pool, prices, trio) + _cost_of(edges, pairs)
        for other in _candidates(pool, prices, [*pairs, trio]):
            rest = sorted({i for table in [*pairs, trio] for i in table} - set(other))
            found, alone = paired(pool, rest, edges)
            new = _trio_cost(pool, prices, other) + _cost_of(edges, found)
            if not alone and new < cost:
                best, cost = [other, *found], new
        if best is not None:
            kept = [table for table in tables if len(table) == 3 and table != trio]
            tables = sorted([*kept, *best])
    return tables


def _candidates(pool: Pool, prices: Sequence[int], tables: Sequence[Places]) -> list[Places]:
    """The cheapest tables of three of those whose turn it is; none if the one now is as good."""
    people = [i for table in tables for i in table]
    turn = sorted(nsmallest(WHOSE_TURN, people, key=lambda i: (prices[i], i)))
    could = (three for three in combinations(turn, 3) if pool.may_meet(*three))
    found = nsmallest(TRIED, could, key=lambda three: (_trio_cost(pool, prices, three), three))
    now = _trio_cost(pool, prices, tables[-1])
    return [t for t in found if _trio_cost(pool, prices, t) + pool.weights.same_team < now]


def _trio_cost(pool: Pool, prices: Sequence[int], three: Places) -> int:
    standing = sum(pool.standing_cost(i, j) for i, j in combinations(three, 2))
    return standing + sum(prices[i] for i in three)


def _cost_of(edges: Edges, pairs: Sequence[Places]) -> int:
    return sum(edges[i, j] for i, j in pairs)
