"""The people of one round and what it would cost to seat two of them together.

The weights were measured over simulated years, see
docs/decisions/0005-pairing-by-weighted-matching.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from itertools import combinations
from operator import attrgetter
from random import Random

from critique.pairing.slots import has_run, minutes_in

Pair = tuple[int, int]

# Less than this in common in a week counts as few minutes.
FEW = 300


@dataclass(frozen=True)
class Weights:
    """What counts how much against seating two together; a round keeps those it was drawn with.

    Two who met cost `repeat + recent // weeks since`, times a scale that grows with the pool when
    `growing`: then one repeat, however old, weighs more than the worst draw without one.
    `proposed` is for two who were drawn for each other and did not meet, `chance` the end of a
    random share (0 to chance - 1). `trio` prices a seat at a table of three.
    """

    repeat: int = 4000
    recent: int = 200_000
    same_team: int = 400
    same_site: int = 60
    few_minutes: int = 40
    proposed: int = 600
    chance: int = 50
    trio: int = 10_000
    growing: bool = True

    def scale(self, people: int) -> int:
        """What repeats and seats at three are multiplied with in a pool of so many."""
        if not self.growing:
            return 1
        worst = self.same_team + self.same_site + self.few_minutes + self.proposed + self.chance
        return max(1, worst * people // self.repeat + 1)


WEIGHTS = Weights()


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


@dataclass(frozen=True)
class Terms:
    """What a draw is made under, besides who is in.

    `history` gives the round each pair last met, `proposed` the round in which they last were to
    meet and did not; rounds are weeks.
    """

    round_number: int
    seed: int
    history: Mapping[Pair, int]
    forbidden: Collection[Pair] = frozenset()
    proposed: Mapping[Pair, int] = field(default_factory=dict)
    weights: Weights = WEIGHTS


class Pool:
    """The people of one round by place (0 to n - 1, ascending by id) and what a pair would cost."""

    def __init__(self, seats: Iterable[Seat], terms: Terms) -> None:
        self.seats = sorted(seats, key=lambda seat: seat.person_id)
        self.size = len(self.seats)
        self._place = {seat.person_id: i for i, seat in enumerate(self.seats)}
        if len(self._place) != self.size:
            raise ValueError("Somebody is in this round twice: give each person one seat.")
        self.round_number, self.weights = terms.round_number, terms.weights
        self.chance = Random(f"{terms.seed}:{terms.round_number}")  # noqa: S311 - not secret
        self.masks = [seat.availability for seat in self.seats]
        self.met = self._latest(terms.history)
        self.proposed = set(self._latest(terms.proposed))
        self.forbidden = set(self._among(terms.forbidden))
        self.scale = self.weights.scale(self.size)

    def _among(self, pairs: Iterable[Pair]) -> Iterable[Pair]:
        """The pairs of people who are both here, by place."""
        place = self._place
        return (pair_of(place[a], place[b]) for a, b in pairs if a in place and b in place)

    def _latest(self, rounds: Mapping[Pair, int]) -> dict[Pair, int]:
        found: dict[Pair, int] = {}
        for ids, when in rounds.items():
            if when < self.round_number and ids[0] != ids[1]:
                for pair in self._among([ids]):
                    found[pair] = max(when, found.get(pair, when))
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the draw depends on but the seed."""
        plain = attrgetter(*(name for name in Seat.__dataclass_fields__ if name != "groups"))
        seats = [(plain(seat), sorted(seat.groups)) for seat in self.seats]
        pairs = (sorted(self.met.items()), sorted(self.proposed), sorted(self.forbidden))
        known = (self.round_number, seats, *pairs, astuple(self.weights))
        return hashlib.sha256(repr(known).encode()).hexdigest()

    def may_meet(self, *places: int) -> bool:
        """Say whether these two or three have 20 minutes in common and none forbids another."""
        shared = self.masks[places[0]]
        for place in places[1:]:
            shared &= self.masks[place]
        if not shared & (shared >> 1):
            return False
        return not any(pair_of(i, j) in self.forbidden for i, j in combinations(places, 2))

    def is_free(self, place: int) -> bool:
        """Say whether the person has 20 minutes at all in this week."""
        return has_run(self.masks[place])

    def standing_cost(self, i: int, j: int) -> int:
        """Weigh what the pair is: met before, drawn in vain before, in the same team."""
        pair, weights = pair_of(i, j), self.weights
        last = self.met.get(pair)
        cost = 0
        if last is not None:
            cost = self.scale * (weights.repeat + weights.recent // (self.round_number - last))
        elif pair in self.proposed:
            cost = weights.proposed
        apart = self.seats[i].groups.isdisjoint(self.seats[j].groups)
        return cost if apart else cost + weights.same_team

    def cost(self, i: int, j: int, shared: int) -> int:
        """Weigh a pair with that mask in common, chance included."""
        weights = self.weights
        cost = self.standing_cost(i, j) + int(self.chance.random() * weights.chance)
        if self.seats[i].site == self.seats[j].site:
            cost += weights.same_site
        return cost + weights.few_minutes if minutes_in(shared) < FEW else cost


def pair_of(i: int, j: int) -> Pair:
    """Give a pair its one form: the lower first."""
    return (i, j) if i < j else (j, i)
