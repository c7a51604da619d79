"""In which order the requests of a queue are suggested to one person, and why.

Slack is what is left of the staffed minutes before a deadline once the review itself is taken off.
What still has slack is *savable*; the rest is *lost*. In this order:

1. What is mine and savable, then what I could take and is savable: least slack first. Within a
   quarter of an hour, somebody's first request, or one without any feedback yet, goes first.
2. What is lost, the oldest deadline first.
3. What is better left to others (other skills asked for, somebody else asked by name).

Every fourth suggestion is the oldest of the lost: the savable would starve them.

**Nobody waits longer than three working days** as long as any order can do that. At the pace of
the team, those who asked first have a moment each by which they are answered. Where that breaks
the promise for somebody, only they and those who asked before them are suggested, in the order
above, until it holds again. Three working days are the longest usual deadline, too, so that this
keeps it. A request without a deadline counts as due when its promise ends.

Two limits keep the promise from doing harm. What has waited for a day longer than promised breaks
it for nobody else: it takes every fourth place. And when all that is open would take a day longer
than promised, no order can hold it, and the first three rules stand alone.

The figures behind this stand in docs/queue.md. Everything is arrays of one length, in staffed
minutes (see `clock` and `pace`), so that a page orders thousands of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from critique.mentoring.pace import BEYOND_DAYS, Pace

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EVERY = 4
TIE_MINUTES = 15
# The promise is looked after this many staffed minutes early: a review is not begun at any moment.
EARLY_MINUTES = 90

_MUCH = np.int64(2**40)
NEVER = _MUCH


class Group(IntEnum):
    """Whose a request is: asked of me or held by me, fit for me to take, better for others."""

    MINE = 0
    FITS = 1
    OTHERS = 2


class Cause(IntEnum):
    """What put a request at its place."""

    SAVABLE = 0
    """It can be answered in time."""
    FAVOURED = 1
    """Likewise, and among equals it is a first one."""
    LOST = 2
    """It cannot be answered in time any more."""
    OLDEST = 3
    """It is the oldest of those, and this the fourth suggestion."""
    WAITED = 4
    """It cannot be, and it would wait for longer than the promise otherwise."""


@dataclass(frozen=True, eq=False, slots=True)
class Waiting:
    """The open requests of a queue, one place of every array each.

    `due`: the deadline in seconds since 1970, `NEVER` without one. `left`: staffed minutes before
    it, negative after it; of no meaning without one.
    `waited`: staffed minutes since it was asked. `about`: minutes that the review takes.
    `favoured`: the author's first request, or no feedback yet. `team` chooses the pace.
    """

    ids: Ints
    group: Ints
    team: Ints
    due: Ints
    left: Ints
    waited: Ints
    about: Ints
    favoured: Bools

    @property
    def dated(self) -> Bools:
        """Which have a deadline."""
        found: Bools = self.due != NEVER
        return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One request at its place. `slack` is in staffed minutes, to the promise without a deadline.

    `index` is its place in what was asked about.
    """

    id: int
    index: int
    slack: int
    savable: bool
    cause: Cause


@dataclass(frozen=True, eq=False, slots=True)
class _Weighed:
    """`left` and `slack` in staffed minutes; `after`: asked after the one to look after first.

    `fourth`: those that the fourth places are for. `at_risk`: the promise of their team is.
    """

    slack: Ints
    left: Ints
    savable: Bools
    after: Bools
    fourth: Bools
    at_risk: Bools


def ordered(
    waiting: Waiting,
    paces: Mapping[int, Pace],
    *,
    suggested: int = 0,
    wanted: int | None = None,
) -> list[Suggestion]:
    """Put the requests into their order for one person. Every team needs its pace.

    `suggested` counts what this person was given before: the first is number `suggested`, and
    every fourth number (3, 7, ...) is the oldest that cannot be saved. Only the first `wanted`.
    """
    weighed = _weighed(waiting, paces)
    ranked = _ranked(waiting, weighed)
    ranked, oldest = _woven(waiting, weighed, ranked, suggested)
    return [
        Suggestion(
            id=int(waiting.ids[at]),
            index=at,
            slack=int(weighed.slack[at]),
            savable=bool(weighed.savable[at]),
            cause=Cause.OLDEST if at in oldest else _cause(waiting, weighed, at),
        )
        for at in ranked[:wanted]
    ]


def _weighed(waiting: Waiting, paces: Mapping[int, Pace]) -> _Weighed:
    promised, longest = np.zeros_like(waiting.ids), np.zeros_like(waiting.ids)
    for team, pace in paces.items():
        promised[waiting.team == team] = pace.patience
        longest[waiting.team == team] = pace.patience + BEYOND_DAYS * pace.day
    to_promise = promised - waiting.waited
    left = np.where(waiting.dated, waiting.left, to_promise)
    slack = left - waiting.about
    forgotten = waiting.waited > longest
    spare = np.where(forgotten, _MUCH, to_promise - waiting.about - EARLY_MINUTES)
    after, at_risk = np.zeros_like(waiting.favoured), np.zeros_like(waiting.favoured)
    for team, pace in paces.items():
        members = np.flatnonzero(waiting.team == team)
        later = _asked_after(members, waiting, spare, pace)
        after[later] = True
        at_risk[members] = len(later) > 0
    fourth = np.where(at_risk, forgotten, slack < 0)
    return _Weighed(slack, left, slack >= 0, after, fourth, at_risk)


def _asked_after(members: Ints, waiting: Waiting, spare: Ints, pace: Pace) -> Ints:
    """Those of one team who asked after the first for whom the promise is about to break."""
    everything = pace.per_answer * len(members)
    if not 0 < everything <= pace.patience + BEYOND_DAYS * pace.day:
        return members[:0]
    first_asked = members[np.lexsort((waiting.ids[members], -waiting.waited[members]))]
    needed = pace.per_answer * np.arange(1, len(first_asked) + 1)
    breaking = np.flatnonzero(spare[first_asked] < needed)
    return first_asked[breaking[0] + 1 :] if len(breaking) else members[:0]


def _ranked(waiting: Waiting, weighed: _Weighed) -> list[int]:
    savable = weighed.savable
    keys = (
        waiting.ids,
        waiting.due,
        np.where(savable, weighed.slack, weighed.left),
        np.where(savable, ~waiting.favoured, 0),
        np.where(savable, weighed.slack // TIE_MINUTES, weighed.left),
        np.where(savable, waiting.group, Group.MINE),
        ~savable,
        weighed.after,
        waiting.group == Group.OTHERS,
    )
    ranked: list[int] = np.lexsort(keys).tolist()
    return ranked


def _woven(
    waiting: Waiting, weighed: _Weighed, ranked: list[int], suggested: int
) -> tuple[list[int], set[int]]:
    """Give every fourth place to the oldest such, and say which those are."""
    count = int(np.count_nonzero(waiting.group != Group.OTHERS))
    own, fits = ranked[:count], weighed.fourth.tolist()
    late = iter([at for at in own if fits[at]])
    rest = iter([at for at in own if not fits[at]])
    woven, oldest = [], set()
    for place in range(suggested, suggested + count):
        fourth = place % EVERY == EVERY - 1
        turn = (late, rest) if fourth else (rest, late)
        at = next(turn[0], None)
        if fourth and at is not None:
            oldest.add(at)
        woven.append(next(turn[1]) if at is None else at)
    return woven + ranked[count:], oldest


def _cause(waiting: Waiting, weighed: _Weighed, at: int) -> Cause:
    if not weighed.savable[at]:
        kept = weighed.at_risk[at] and not weighed.after[at]
        return Cause.WAITED if kept else Cause.LOST
    return Cause.FAVOURED if waiting.favoured[at] else Cause.SAVABLE
