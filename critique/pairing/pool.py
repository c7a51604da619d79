"""The people of one round and what it would cost to seat two of them together.

The weights were measured over simulated years, see
docs/decisions/0005-pairing-by-weighted-matching.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from operator import attrgetter
from random import Random

from critique.pairing.slots import common, has_run, minutes_in

Pair = tuple[int, int]

REPEAT, RECENT = 4000, 200_000
SAME_GROUP, SAME_SITE, FEW_MINUTES, CHANCE = 400, 60, 40, 50
# Less than this in common in a week counts as few minutes.
FEW = 300


@dataclass(frozen=True)
class Seat:
    """One person who is in this round.

    `availability` is this week's mask (see `slots`), `groups` the other teams the person is in,
    `site` the zone they work in; `trio_seats` counts how often they sat at a table of three and
    `last_trio` is the last such round; `priority` is set for those left out of the last round.
    """

    person_id: int
    availability: int
    groups: frozenset[int] = frozenset()
    site: str = ""
    trio_seats: int = 0
    last_trio: int | None = None
    priority: bool = False


class Pool:
    """The people of one round by place (0 to n - 1, ascending by id) and what a pair would cost."""

    def __init__(
        self,
        seats: Iterable[Seat],
        history: Mapping[Pair, int],
        round_number: int,
        seed: int,
        forbidden: Collection[Pair],
    ) -> None:
        self.seats = sorted(seats, key=lambda seat: seat.person_id)
        self.size = len(self.seats)
        place = {seat.person_id: i for i, seat in enumerate(self.seats)}
        if len(place) != self.size:
            raise ValueError("Somebody is in this round twice: give each person one seat.")
        self.round_number = round_number
        self.chance = Random(f"{seed}:{round_number}")  # noqa: S311 - replayed, not secret
        self.masks = [seat.availability for seat in self.seats]
        self.met: dict[Pair, int] = {}
        for (one, other), when in history.items():
            if one in place and other in place and one != other and when < round_number:
                pair = pair_of(place[one], place[other])
                self.met[pair] = max(when, self.met.get(pair, when))
        self.forbidden = {
            pair_of(place[a], place[b]) for a, b in forbidden if a in place and b in place
        }
        # One repeat, however old, weighs more than the worst draw without one.
        worst = (SAME_GROUP + SAME_SITE + FEW_MINUTES + CHANCE) * self.size
        self.repeat_scale = max(1, worst // REPEAT + 1)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the draw depends on but the seed."""
        plain = attrgetter(*(name for name in Seat.__dataclass_fields__ if name != "groups"))
        seats = [(plain(seat), sorted(seat.groups)) for seat in self.seats]
        known = (self.round_number, seats, sorted(self.met.items()), sorted(self.forbidden))
        return hashlib.sha256(repr(known).encode()).hexdigest()

    def may_meet(self, *places: int) -> bool:
        """Say whether these two or three have 20 minutes in common and none forbids another."""
        if not has_run(common(self.masks[i] for i in places)):
            return False
        return not any(pair_of(i, j) in self.forbidden for i, j in combinations(places, 2))

    def standing_cost(self, i: int, j: int) -> int:
        """Weigh what the pair is: met before, in the same team."""
        last = self.met.get(pair_of(i, j))
        cost = 0
        if last is not None:
            cost = self.repeat_scale * (REPEAT + RECENT // (self.round_number - last))
        return cost if self.seats[i].groups.isdisjoint(self.seats[j].groups) else cost + SAME_GROUP

    def cost(self, i: int, j: int, shared: int) -> int:
        """Weigh a pair with that mask in common, chance included."""
        cost = self.standing_cost(i, j) + self.chance.randrange(CHANCE)
        if self.seats[i].site == self.seats[j].site:
            cost += SAME_SITE
        return cost + FEW_MINUTES if minutes_in(shared) < FEW else cost


def pair_of(i: int, j: int) -> Pair:
    """Give a pair its one form: the lower first."""
    return (i, j) if i < j else (j, i)
