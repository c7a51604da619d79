"""Who gets a session with whom in a week: a minimum-cost flow, so that mentors' load is level.

Each wish of a junior is a unit that flows through a mentor to the sink. A mentor's first session
costs nothing, the second more, the third still more: a rising price is what levels the load, and
a quota is where the prices end. Every wish that can be met is met (maximum flow), at least cost.
Solved by `networkx.max_flow_min_cost` (network simplex); costs are whole numbers, as it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

# One more session on a mentor outweighs any preference below; among equals, those decide.
STEP = 1000
# By weeks since two last had a session: other mentors over time.
JUST_MET, MET = 200, 50
LONG_AGO_WEEKS = 6
NO_SHARED_SKILL = 300
STRETCH = 120


@dataclass(frozen=True)
class Learner:
    """Somebody who wants sessions: how many this week, and in which skills."""

    id: int
    wanted: int
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Host:
    """A mentor: the sessions they may still have this week, those they had, and their skills."""

    id: int
    quota: int
    skills: frozenset[str] = frozenset()
    already: int = 0


@dataclass(frozen=True, order=True)
class Match:
    """One session to be: who with whom, and why, in words."""

    learner_id: int
    host_id: int
    reason: str


Pair = tuple[int, int]


def assign(
    learners: Sequence[Learner],
    hosts: Sequence[Host],
    possible: Mapping[Pair, bool],
    weeks_since: Mapping[Pair, int],
) -> list[Match]:
    """Match wishes to mentors, in the order of ids.

    `possible` holds the (learner, host) pairs with a common free start; True when only stretch
    hours offer one. `weeks_since` says how long ago two last had a session. Nobody meets the same
    mentor twice in a week, no mentor gets more than their quota.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    by_id = {host.id: host for host in hosts}
    for host in sorted(hosts, key=lambda one: one.id):
        for seat in range(host.already, host.quota):
            graph.add_edge(("host", host.id), ("seat", host.id, seat), capacity=1, weight=0)
            graph.add_edge(("seat", host.id, seat), "sink", capacity=1, weight=seat * STEP)
    for learner in sorted(learners, key=lambda one: one.id):
        graph.add_edge("source", ("learner", learner.id), capacity=learner.wanted, weight=0)
        for host_id in _hosts_of(learner, possible):
            pair = (learner.id, host_id)
            cost = _cost(learner, by_id[host_id], possible[pair], weeks_since.get(pair))
            graph.add_edge(("learner", learner.id), ("host", host_id), capacity=1, weight=cost)
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    return sorted(
        Match(learner.id, node[1], _reason(learner, by_id[node[1]], weeks_since))
        for learner in learners
        for node, units in flow.get(("learner", learner.id), {}).items()
        if units
    )


def _hosts_of(learner: Learner, possible: Mapping[Pair, bool]) -> Iterable[int]:
    return sorted(host for who, host in possible if who == learner.id)


def _cost(learner: Learner, host: Host, stretched: bool, weeks: int | None) -> int:  # noqa: FBT001 - a fact of the pair, read from a mapping
    met = 0
    if weeks is not None:
        met = (
            MET
            if weeks >= LONG_AGO_WEEKS
            else JUST_MET - (JUST_MET - MET) * weeks // LONG_AGO_WEEKS
        )
    stranger = NO_SHARED_SKILL if learner.skills and not learner.skills & host.skills else 0
    return met + stranger + (STRETCH if stretched else 0)


def _reason(learner: Learner, host: Host, weeks_since: Mapping[Pair, int]) -> str:
    """Say why in words that are true for whichever of the two reads them."""
    shared = sorted(learner.skills & host.skills)
    first = f"both know {' and '.join(shared[:2])}" if shared else "a mentor with room this week"
    weeks = weeks_since.get((learner.id, host.id))
    if weeks is None:
        return f"{first}, first session together"
    ago = {0: "this week", 1: "last week"}.get(weeks, f"{weeks} weeks ago")
    return f"{first}, last session together {ago}"
