"""The figures a lead steers by: of a period, before and after a day in it, and week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from critique.accounts.models import Team
from critique.mentoring.figures import loops_of, windows_of
from critique.mentoring.forms import Period
from critique.mentoring.loops import Figures, Loop, Window, figures_of
from critique.mentoring.plots import Plot, plotted
from critique.mentoring.waiting_figures import (
    Claims,
    HandOffs,
    Reason,
    claims_of,
    hand_offs_of,
    reasons_of,
)
from critique.plumbing.calendar import week_of

# What each figure means, printed beside it.
DEFINITIONS = {
    "answer": "From a version posted to the first comment or verdict of somebody else on it. "
    "Versions nobody has answered yet are counted beside it and enter no median.",
    "length": "From a version posted to the author’s next version, or to the request closed.",
    "working": "Working time is the author’s own working hours, because that is what they wait "
    "for; wall time is every minute.",
    "spread": "p50: half took at most this long. p90: nine of ten did.",
    "kept": "Of the deadlines that passed, with something posted before: how many had feedback "
    "by then. A deadline that was moved counts as it stands now.",
    "load": "How unevenly first answers lie among those who gave them: 0 is alike, near 1 is all "
    "on one (Gini). Not shown for fewer than five, and never by name.",
}


@dataclass(frozen=True)
class Week:
    """One ISO week of the plots and of the table behind them."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Steering:
    """Everything the page shows. `before` and `after` the split, None without one."""

    whole: Figures
    before: Figures | None
    after: Figures | None
    weeks: tuple[Week, ...]
    waits: Plot
    kept: Plot
    reasons: tuple[Reason, ...]
    claims: Claims
    hand_offs: HandOffs


def steering_of(team: Team, period: Period, now: datetime) -> Steering:
    """Count a team's loops and windows in a period, as far as it has passed."""
    loops = loops_of(team.id, period.start, period.end)
    windows = windows_of(team.id, period.start, min(period.end, now))
    weeks = _weeks(period, loops, windows)
    passed = min(period.end, now)
    split = None if period.split is None else period.at(period.split)
    names = [week.name for week in weeks]
    at = names.index(week_of(split, period.zone)) if split else None
    return Steering(
        whole=figures_of(loops, windows),
        before=None if split is None else _part(loops, windows, None, split),
        after=None if split is None else _part(loops, windows, split, None),
        weeks=tuple(weeks),
        waits=plotted(
            names,
            [
                ("p50", [week.figures.answer_working.p50 for week in weeks]),
                ("p90", [week.figures.answer_working.p90 for week in weeks]),
            ],
            split=at,
        ),
        kept=plotted(names, [("kept", [week.figures.kept for week in weeks])], top=1.0, split=at),
        reasons=tuple(reasons_of(team.id, period.start, period.end, now)),
        claims=claims_of(team.id, period.start, passed),
        hand_offs=hand_offs_of(team.id, period.start, period.end),
    )


def _part(
    loops: Sequence[Loop], windows: Sequence[Window], start: datetime | None, end: datetime | None
) -> Figures:
    def inside(at: datetime) -> bool:
        return (start is None or at >= start) and (end is None or at < end)

    return figures_of(
        [one for one in loops if inside(one.posted)], [one for one in windows if inside(one.due)]
    )


def _weeks(period: Period, loops: Sequence[Loop], windows: Sequence[Window]) -> list[Week]:
    names: list[str] = []
    day = period.first
    while day <= period.last:
        name = week_of(period.at(day), period.zone)
        if name not in names:
            names.append(name)
        day += timedelta(days=1)
    posted: dict[str, list[Loop]] = {name: [] for name in names}
    ended: dict[str, list[Window]] = {name: [] for name in names}
    for loop in loops:
        posted[week_of(loop.posted, period.zone)].append(loop)
    for window in windows:
        ended[week_of(window.due, period.zone)].append(window)
    return [Week(name, figures_of(posted[name], ended[name])) for name in names]
