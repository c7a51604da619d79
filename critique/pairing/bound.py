"""For how long a roster can go without anybody meeting the same person twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from critique.pairing.pool import Pair, Seat, pair_of
from critique.pairing.slots import has_run


@dataclass(frozen=True)
class Bound:
    """No draw can go without a repeat for more than `weeks` rounds; the draw comes close to it.

    `tightest` are those who decide it: their partners are the fewest. None of them and no weeks
    where nobody can meet anybody.
    """

    weeks: int
    tightest: tuple[int, ...]
    partners: int


def bound_of(
    seats: Sequence[Seat], met: Mapping[Pair, int], forbidden: Collection[Pair] = frozenset()
) -> Bound:
    """Count, for each, the people they may meet and have not met: one goes each round.

    Whoever has nobody to meet at all cannot repeat, and is not counted. People with the same week
    are counted together, so thousands take a second.
    """
    alike: dict[int, set[int]] = {}
    for seat in seats:
        alike.setdefault(seat.availability, set()).add(seat.person_id)
    gone: dict[int, set[int]] = {}
    for a, b in {*met, *(pair_of(a, b) for a, b in forbidden)}:
        gone.setdefault(a, set()).add(b)
        gone.setdefault(b, set()).add(a)
    partners: dict[int, tuple[int, int]] = {}
    for mask, people in alike.items():
        could = set().union(*(them for other, them in alike.items() if has_run(mask & other)))
        for one in people:
            fresh = could - gone.get(one, set()) - {one}
            partners[one] = (len(could - {one}), len(fresh))
    fewest = min((fresh for all_, fresh in partners.values() if all_), default=0)
    tightest = sorted(one for one, (all_, fresh) in partners.items() if all_ and fresh == fewest)
    most = partners[tightest[0]][0] if tightest else 0
    return Bound(weeks=fewest, tightest=tuple(tightest), partners=most)
