"""Who has coffee with whom: one round's draw as a weighted matching.

A pair may meet when both weeks share 20 minutes and nobody forbade it. Each pair has a cost; the
matching seats as many people as can be seated at the least sum. A repeat costs more than everything
else together, so nobody meets the same person again while the roster allows it: on a full, even,
unchanging roster of n that is certain for n/2 rounds (the graph of those who never met has degree
n/2 or more, so by Dirac's theorem a perfect matching) and measured to hold for nearly n - 1. Other
weights: measured over simulated years, see docs/decisions/0005-pairing-by-weighted-matching.md.

The draw depends on nothing but its arguments: the same seed and pool give the same tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from critique.pairing.pairs import BLOCK, DENSE, Edges, matched, paired, weighed
from critique.pairing.pool import WEIGHTS, Pair, Pool, Seat, Terms, Weights, pair_of
from critique.pairing.slots import common, has_run, minutes_in
from critique.pairing.thirds import Places, trio_prices, with_better_thirds, with_thirds
from critique.pairing.threes import in_threes

__all__ = ["Draw", "Left", "Seat", "Table", "draw"]


@dataclass(frozen=True)
class Table:
    """Two or three people (ascending ids) who meet, why they, and the minutes they share."""

    people: tuple[int, ...]
    reasons: tuple[str, ...]
    common_minutes: int

    @property
    def reason(self) -> str:
        """Say it in one line: "first time together, different teams, 4 hours in common"."""
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
    proposed: Mapping[Pair, int] | None = None,
    size: int = 2,
    weights: Weights = WEIGHTS,
) -> Draw:
    """Seat everybody who can be seated, in twos and, where it does not come out even, threes.

    With tables of `size` 3 it is threes and, where those do not come out even, one or two twos.
    `history` gives the round each pair last met, `proposed` the one in which they last were to and
    did not; rounds are weeks, and those at or after `round_number` are ignored. Pairs may be given
    in either order. Raises ValueError when a person sits twice.
    """
    terms = Terms(round_number, seed, history, forbidden, proposed or {}, weights)
    pool = Pool(seats, terms)
    tables, alone = _seated(pool, trio_prices(pool), size)
    return Draw(
        tables=tuple(sorted((_explained(pool, t, size) for t in tables), key=lambda t: t.people)),
        left=tuple(Left(pool.seats[i].person_id, _why_left(pool, i)) for i in sorted(alone)),
        seed=seed,
        pool_digest=pool.digest,
    )


def _seated(pool: Pool, prices: Sequence[int], size: int) -> tuple[list[Places], list[int]]:
    """Return tables of places, and those for whom there is none."""
    edges: Edges = {}
    if pool.size > BLOCK:
        found = matched(pool, prices)
    else:
        edges = weighed(pool, range(pool.size))
        found = paired(pool, range(pool.size), edges, prices)
    if size == 3:
        return in_threes(pool, *found)
    tables, alone = with_thirds(pool, prices, *found)
    if pool.size <= DENSE:
        tables = with_better_thirds(pool, prices, edges, tables)
    return tables, alone


def _explained(pool: Pool, places: Places, size: int) -> Table:
    minutes = minutes_in(common(pool.masks[i] for i in places))
    pairs = list(combinations(places, 2))
    uneven = f"a table of {'two' if len(places) == 2 else 'three'}, as it does not come out even"
    reasons = [] if len(places) == size else [uneven]
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
    reasons.append(f"{_spoken(minutes)} in common")
    return Table(tuple(pool.seats[i].person_id for i in places), tuple(reasons), minutes)


def _spoken(minutes: int) -> str:
    """Say how long, from two hours on to the half hour below: "28 hours", "2.5 hours"."""
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 30 / 2:g} hours"


def _why_left(pool: Pool, i: int) -> str:
    """Say why without telling on anybody who asked not to be paired."""
    if pool.size == 1:
        return "nobody else is in"
    if not has_run(pool.masks[i]):
        return "no 20 working minutes of yours are left this week"
    if not any(has_run(pool.masks[i] & m) for j, m in enumerate(pool.masks) if j != i):
        return "no common 20 minutes with anybody who is in this week"
    return "no table of two or three works out for you this week"
