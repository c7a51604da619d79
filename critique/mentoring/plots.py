"""Plots as plain figures for an SVG: where each mark stands, and which lines help to read it.

Marks are in a box of `WIDTH` by `HEIGHT` units, which the page stretches; the words beside it are
HTML, so that they stay as large as other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 160.0
# Steps people read without counting: minutes, then hours, then days of eight hours.
_STEPS = (5, 15, 30, 60, 120, 240, 480, 960, 1920, 3840)


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: its place in the box, and what it says."""

    x: float
    y: float
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """One series: a path through the marks, broken where nothing was counted."""

    name: str
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over weeks; `rules` are (y, value) of the lines across, `split` the x of a date."""

    lines: tuple[Line, ...]
    rules: tuple[tuple[float, float], ...]
    split: float | None


def plotted(
    weeks: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    top: float | None = None,
    split: int | None = None,
) -> Plot:
    """Lay out series (name, one value a week). `split`: the index of the week a change began in.

    `top` is the value at the upper edge; without it the next step above the largest is taken.
    """
    largest = max((v for _, values in series for v in values if v is not None), default=0.0)
    ceiling = top if top is not None else _ceiling(largest)
    step = WIDTH / max(1, len(weeks))

    def mark(at: int, value: float) -> Mark:
        return Mark(
            round((at + 0.5) * step, 1), round(HEIGHT * (1 - value / ceiling), 1), weeks[at], value
        )

    lines = []
    for name, values in series:
        marks = tuple(mark(at, value) for at, value in enumerate(values) if value is not None)
        lines.append(Line(name, _path(values, marks), marks))
    rules = tuple((round(HEIGHT * (1 - part), 1), ceiling * part) for part in (0.0, 0.5, 1.0))
    return Plot(tuple(lines), rules, None if split is None else round(split * step, 1))


def _ceiling(largest: float) -> float:
    return float(next((step for step in _STEPS if step >= largest), -(-largest // 480) * 480))


def _path(values: Sequence[float | None], marks: Sequence[Mark]) -> str:
    left, parts, pen_down = iter(marks), [], False
    for value in values:
        if value is None:
            pen_down = False
            continue
        at = next(left)
        parts.append(f"{'L' if pen_down else 'M'}{at.x} {at.y}")
        pen_down = True
    return " ".join(parts)
