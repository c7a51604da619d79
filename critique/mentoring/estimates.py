"""How long a review takes: the median of those like it, and of broader kinds while there are few.

A kind is (team, stage, length of the recording). Until five of a kind were measured, the same
stage of the team counts, then the whole team, then all teams, and before any were measured a
guess from the length of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

FEWEST = 5
# What a sitting beyond this tells of is a forgotten tab.
LONGEST_MINUTES = 180

# Upper ends of the buckets of recorded length in ms, and the minutes guessed for each.
_BUCKETS = ((2 * 60_000, 8), (5 * 60_000, 12), (10 * 60_000, 18), (None, 30))
_GUESS_WITHOUT = 10

Kind = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One review that was done: how many minutes from beginning to the answer."""

    team: int
    stage: str
    length_ms: int | None
    minutes: int


@dataclass(frozen=True)
class Estimates:
    """Medians by kind, from narrow to broad."""

    medians: dict[Kind, int] = field(default_factory=dict)

    def minutes(self, team: int, stage: str, length_ms: int | None) -> int:
        """About how many minutes a review of that kind takes; `length_ms` None is no recording."""
        for kind in _ladder(team, stage, length_ms):
            if kind in self.medians:
                return self.medians[kind]
        bucket = bucket_of(length_ms)
        return _GUESS_WITHOUT if bucket is None else _BUCKETS[bucket][1]

    def usual(self, team: int) -> int:
        """About how many minutes any review of a team takes."""
        return self.minutes(team, "", None)


def estimates_from(sittings: Iterable[Sitting]) -> Estimates:
    """The medians of every kind that at least five sittings tell of."""
    found: dict[Kind, list[int]] = {}
    for one in sittings:
        for kind in _ladder(one.team, one.stage, one.length_ms):
            found.setdefault(kind, []).append(min(max(one.minutes, 1), LONGEST_MINUTES))
    return Estimates(
        {kind: _median(times) for kind, times in found.items() if len(times) >= FEWEST}
    )


def bucket_of(length_ms: int | None) -> int | None:
    """Which bucket a recording of that length falls in; None without one."""
    if length_ms is None:
        return None
    return next(at for at, (end, _) in enumerate(_BUCKETS) if end is None or length_ms < end)


def spoken_about(minutes: int) -> str:
    """Say it as one does: "about 9 min", "about 25 min", "about 1 h 15 min"."""
    rounded = minutes if minutes < 15 else round(minutes / 5) * 5
    hours, rest = divmod(max(rounded, 1), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return f"about {' '.join(parts)}"


def _ladder(team: int, stage: str, length_ms: int | None) -> tuple[Kind, ...]:
    bucket = bucket_of(length_ms)
    narrow: Kind = (team, stage, -1 if bucket is None else bucket)
    return (narrow, (team, stage), (team,), ())


def _median(times: list[int]) -> int:
    return sorted(times)[(len(times) - 1) // 2]
