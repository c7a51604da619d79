"""A quarter of a year of sessions set up for juniors, beside two ways that teams do it by hand.

Run `python -m bench.sessions`. Sixty juniors on three sites, each wanting one or two sessions a
week; twenty-four mentors who give three to five. A pair has a common start on one site, with luck
on neighbouring ones, and between Austin and Singapore in stretch hours only. Rivals: everybody
takes the mentor they know best, and whoever has the skill and is first in the list.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random

from critique.pairing.sessions.assigning import Host, Learner, Pair, assign

SITES = ("Austin", "London", "Singapore")
SKILLS = ("typography", "motion", "research", "checkout", "icons")
LEARNERS, HOSTS, WEEKS, SEEDS = 60, 24, 13, (1, 2, 3)

Chosen = list[Pair]
Way = Callable[[Sequence[Learner], Sequence[Host], Mapping[Pair, bool], Mapping[Pair, int]], Chosen]


def people(dice: Random) -> tuple[list[Learner], list[Host], dict[int, str]]:
    """Learners, hosts and everybody's site; a learner's id is below 1,000."""
    some = lambda most: frozenset(dice.sample(SKILLS, dice.randint(1, most)))  # noqa: E731 - of these dice
    learners = [Learner(n, dice.choice((1, 1, 2)), some(2)) for n in range(LEARNERS)]
    hosts = [Host(1000 + n, dice.randint(3, 5), some(3)) for n in range(HOSTS)]
    sites = {one.id: dice.choice(SITES) for one in (*learners, *hosts)}
    return learners, hosts, sites


def common(
    learners: Sequence[Learner], hosts: Sequence[Host], sites: Mapping[int, str], dice: Random
) -> dict[Pair, bool]:
    """Which pairs have a start this week, and whether only in stretch hours."""
    found = {}
    for learner in learners:
        for host in hosts:
            apart = {sites[learner.id], sites[host.id]}
            chance, stretched = (0.9, False) if len(apart) == 1 else (0.5, False)
            if apart == {"Austin", "Singapore"}:
                chance, stretched = 0.2, True
            if dice.random() < chance:
                found[learner.id, host.id] = stretched
    return found


def ours(
    learners: Sequence[Learner],
    hosts: Sequence[Host],
    possible: Mapping[Pair, bool],
    since: Mapping[Pair, int],
) -> Chosen:
    return [(one.learner_id, one.host_id) for one in assign(learners, hosts, possible, since)]


def by_hand(rank: Callable[[Learner, Host, Mapping[Pair, int]], tuple[int, ...]]) -> Way:
    """One junior after the other takes the first mentor by `rank` who has room."""

    def choose(
        learners: Sequence[Learner],
        hosts: Sequence[Host],
        possible: Mapping[Pair, bool],
        since: Mapping[Pair, int],
    ) -> Chosen:
        load: Counter[int] = Counter()
        chosen: Chosen = []
        for learner in learners:
            free = [h for h in hosts if (learner.id, h.id) in possible and load[h.id] < h.quota]
            for host in sorted(free, key=lambda h: rank(learner, h, since))[: learner.wanted]:
                load[host.id] += 1
                chosen.append((learner.id, host.id))
        return chosen

    return choose


WAYS: dict[str, Way] = {
    "ours": ours,
    "who they know": by_hand(lambda one, h, since: (since.get((one.id, h.id), 99), h.id)),
    "first with the skill": by_hand(lambda one, h, _: (not one.skills & h.skills, h.id)),
}


def season(way: Way, seed: int) -> tuple[float, ...]:
    """One quarter: met, spread of load, mentors met by each, shared skill, stretched, ms."""
    dice = Random(seed)
    learners, hosts, sites = people(dice)
    skills = {one.id: one.skills for one in (*learners, *hosts)}
    last: dict[Pair, int] = {}
    met: defaultdict[int, set[int]] = defaultdict(set)
    spreads, times, pairs, wanted, stretched = [], [], [], 0, 0
    for week in range(WEEKS):
        possible = common(learners, hosts, sites, dice)
        since = {pair: week - then for pair, then in last.items()}
        began = time.perf_counter()
        chosen = way(learners, hosts, possible, since)
        times.append((time.perf_counter() - began) * 1000)
        load = Counter(host for _, host in chosen)
        spreads.append(max(load.values()) - min(load[host.id] for host in hosts))
        for learner_id, host_id in chosen:
            last[learner_id, host_id] = week
            met[learner_id].add(host_id)
            stretched += possible[learner_id, host_id]
        pairs += chosen
        wanted += sum(one.wanted for one in learners)
    return (
        100 * len(pairs) / wanted,
        statistics.mean(spreads),
        statistics.mean(len(met[one.id]) for one in learners),
        100 * sum(bool(skills[a] & skills[b]) for a, b in pairs) / len(pairs),
        100 * stretched / len(pairs),
        statistics.median(times),
    )


def main() -> None:
    print(f"{LEARNERS} juniors, {HOSTS} mentors, {WEEKS} weeks, mean of {len(SEEDS)} seeds")
    print(f"{'':<21} wishes met  load apart  mentors met  shared skill  stretched   a week")
    for name, way in WAYS.items():
        each = zip(*(season(way, seed) for seed in SEEDS), strict=True)
        met, apart, mentors, skill, stretched, ms = map(statistics.mean, each)
        print(
            f"{name:<21} {met:>8.1f} %  {apart:>10.1f}  {mentors:>11.1f}  {skill:>10.0f} %"
            f"  {stretched:>7.1f} %  {ms:>4.0f} ms"
        )


if __name__ == "__main__":
    main()
