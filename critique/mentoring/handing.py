"""Whom to ask, and when to hand over to whom: preferences with a fallback, never a filter.

A hand-off is due once its owner is off shift and half of the working time is gone (the author's,
because the deadline was put in it). It goes to somebody who comes on shift before the owner does,
to nobody else; and the request stays with the owner until the other takes it.

Whom to suggest: who has the skill, is not away, is under their capacity and has room before the
deadline; then who has the fewest open, was asked least often in 30 days, and is on shift soonest.
Where nobody meets a wish, everybody stands equal in it, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from critique.mentoring.clock import Staffing, staffing
from critique.mentoring.pace import HORIZON_DAYS, SHARE
from critique.plumbing.calendar import as_utc, zone_named
from critique.plumbing.hours import WorkingHours

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could be asked.

    `open`: how many requests are theirs now, or offered to them. `recent`: how often they were
    asked in the last 30 days. `most`: their capacity, the most they want open at once; None for no
    such wish.
    """

    id: int
    hours: WorkingHours
    skilled: bool = True
    open: int = 0
    recent: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be answered: `due` is UTC or None, `about` how many minutes a review takes.

    `for_skill`: whether it asks for a skill at all; else nothing is said of skills.
    """

    now: datetime
    due: datetime | None
    about: int
    for_skill: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """A colleague to ask, with the reason in words ("has the skill, on shift now, 1 open")."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is true of one colleague; `comes` is when they can be reached next."""

    colleague: Colleague
    comes: datetime
    away: bool
    full: bool


def hand_off_due(half: datetime | None, now: datetime, *, on_shift: bool) -> bool:
    """Say whether a request should be offered to somebody else.

    `half` is when half of the author's working time until the deadline is gone (`clock.halfway`),
    None without a deadline: then never. `on_shift` is said of its owner (`clock.on_shift`).
    """
    return half is not None and half <= now and not on_shift


def proposals(
    colleagues: Iterable[Colleague], need: Need, *, wanted: int | None = None
) -> list[Proposal]:
    """Everybody there is to ask, the best first, or the best `wanted`. Nobody gives none."""
    found = [_standing(one, need) for one in colleagues]
    chosen = sorted(found, key=lambda one: _preference(one, need))
    return [Proposal(one.colleague.id, _reason(one, need, found)) for one in chosen[:wanted]]


def hand_off_to(owner: Colleague, colleagues: Iterable[Colleague], need: Need) -> Proposal | None:
    """Whom to offer a request that is due: on shift now, or soonest; None when nobody is sooner.

    The owner may be among the colleagues, and is passed over.
    """
    back, _ = _presence(owner.hours, need.now)
    others = [one for one in colleagues if one.id != owner.id]
    sooner = [one for one in others if _presence(one.hours, need.now)[0] < back]
    if not sooner:
        return None
    found = [_standing(one, need) for one in others]
    chosen = min((_standing(one, need) for one in sooner), key=lambda one: _nearness(one, need))
    return Proposal(chosen.colleague.id, _reason(chosen, need, found))


def _preference(one: _Standing, need: Need) -> tuple[object, ...]:
    mine = one.colleague
    return (
        not mine.skilled, one.away, one.full, not _has_room(mine, need),
        mine.open, mine.recent, max(one.comes, need.now), mine.id,
    )  # fmt: skip


def _nearness(one: _Standing, need: Need) -> tuple[object, ...]:
    mine = one.colleague
    return (
        not mine.skilled, one.away, _times_full(mine), max(one.comes, need.now),
        mine.open, mine.recent, mine.id,
    )  # fmt: skip


def _standing(one: Colleague, need: Need) -> _Standing:
    comes, away = _presence(one.hours, need.now)
    return _Standing(one, comes, away, full=one.most is not None and one.open >= one.most)


def _times_full(one: Colleague) -> int:
    """How many times what they want at once somebody has: where all are full, it goes round."""
    if one.most is None:
        return 0
    return one.open // one.most if one.most else one.open + 1


@lru_cache(maxsize=4096)
def _presence(hours: WorkingHours, now: datetime) -> tuple[datetime, bool]:
    """When somebody can be reached next, and whether this day is one they are off."""
    today = as_utc(now).astimezone(zone_named(hours.zone)).date()
    return _reached(hours, now).next_on_shift(now) or _NEVER, hours.is_off(today)


def _has_room(one: Colleague, need: Need) -> bool:
    """Whether a quarter of their time before the deadline holds what is theirs, and this."""
    if need.due is None:
        return True
    given = SHARE * _reached(one.hours, need.now).minutes(need.now, need.due)
    return given >= need.about * (one.open + 1)


def _reached(hours: WorkingHours, now: datetime) -> Staffing:
    return staffing([hours], now, HORIZON_DAYS)


def _reason(one: _Standing, need: Need, among: Sequence[_Standing]) -> str:
    words = ["away today" if one.away else _when(one, need), f"{one.colleague.open} open"]
    if need.for_skill:
        words.insert(0, _skill(one, among))
    if one.full:
        words.append("at their capacity, like everybody" if _all_full(among) else "at capacity")
    elif not _has_room(one.colleague, need):
        words.append("little room before the deadline")
    return ", ".join(words)


def _skill(one: _Standing, among: Sequence[_Standing]) -> str:
    if one.colleague.skilled:
        return "has the skill"
    any_skilled = any(each.colleague.skilled for each in among)
    return "not the skill asked for" if any_skilled else "nobody here has the skill"


def _all_full(among: Sequence[_Standing]) -> bool:
    return all(each.full for each in among)


def _when(one: _Standing, need: Need) -> str:
    if one.comes <= as_utc(need.now):
        return "on shift now"
    if one.comes == _NEVER:
        return "no hours in the coming weeks"
    wait = one.comes - as_utc(need.now)
    hours = -(-wait // timedelta(hours=1))
    return f"on shift in {hours} h" if hours < 48 else f"on shift in {wait.days} days"
