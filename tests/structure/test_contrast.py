"""Every pair of colours that stands on each other is readable, by day and in the projection room.

The colours are read from the token file itself. OKLCH to linear sRGB after Björn Ottosson
(bottosson.github.io/posts/oklab), contrast after WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for marks
and edges of controls (1.4.11).
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
TOKEN = re.compile(r"^\s*(--[a-z0-9-]+):\s*(.+?);", re.MULTILINE)
OKLCH = re.compile(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: / ([\d.]+))?\)")
THEMES = ("light", "dark")
Colour = tuple[float, float, float, float]  # linear red, green, blue, and alpha

GROUNDS = ["--paper", "--paper-low", "--paper-deep", "--paper-high"]
TEXT = [
    *[(ink, ground) for ground in GROUNDS for ink in ("--ink", "--ink-soft")],
    *[("--ink-faint", ground) for ground in ("--paper", "--paper-low", "--paper-high")],
    *[(ink, "--paper") for ink in ("--red", "--green", "--amber")],
    ("--red", "--paper-high"),
    ("--red", "--red-wash"),
    ("--green", "--green-wash"),
    ("--amber", "--amber-wash"),
    *[("--ink", wash) for wash in ("--red-wash", "--green-wash", "--amber-wash")],
    ("--ink-soft", "--green-wash"),
    ("--ink-soft", "--amber-wash"),
    ("--paper", "--ink"),
    ("--on-red", "--red"),
    ("--ink", "--word-now"),
    ("--ink", "--word-selected"),
    ("--on-screen", "--screen"),
    ("--on-screen", "--screen-raised"),
    ("--on-screen-soft", "--screen"),
    ("--on-screen-soft", "--screen-raised"),
    ("--on-screen-red", "--screen"),
    ("--on-pencil", "--pencil"),
    ("--word-doubtful", "--paper"),
]
MARKS = [
    *[("--edge", ground) for ground in ("--paper", "--paper-low", "--paper-high")],
    ("--mark", "--strip"),
    ("--mark", "--paper"),
    ("--mark-resolved", "--strip"),
    ("--range-bar", "--strip"),
    ("--playhead", "--strip"),
    ("--playhead", "--wave-played"),
    ("--wave-played", "--strip"),
    ("--word-commented", "--paper"),
    ("--on-screen-red", "--screen-raised"),
    ("--pencil", "--pencil-edge"),
]


def declarations() -> dict[str, str]:
    return dict(TOKEN.findall(TOKENS.read_text().split("@media")[0]))


def resolved(name: str, theme: str) -> Colour:
    value = declarations()[name]
    if followed := re.fullmatch(r"var\((--[a-z0-9-]+)\)", value):
        return resolved(followed.group(1), theme)
    found = OKLCH.findall(value)
    assert found, f"{name} has no OKLCH colour"
    lightness, chroma, hue, alpha = found[THEMES.index(theme) if len(found) == 2 else 0]
    red, green, blue = linear_srgb(float(lightness), float(chroma), math.radians(float(hue)))
    return red, green, blue, float(alpha or 1)


def linear_srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def luminance(colour: Colour) -> float:
    red, green, blue = (min(1.0, max(0.0, part)) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(front: str, ground: str, theme: str) -> float:
    lights = sorted((luminance(resolved(name, theme)) for name in (front, ground)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def test_the_measure_itself_knows_black_white_and_srgb_red() -> None:
    assert linear_srgb(1, 0, 0) == pytest.approx((1, 1, 1), abs=1e-3)
    assert linear_srgb(0.62796, 0.25768, math.radians(29.234)) == pytest.approx((1, 0, 0), abs=1e-3)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), TEXT)
def test_text_can_be_read(front: str, ground: str, theme: str) -> None:
    assert contrast(front, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), MARKS)
def test_marks_can_be_seen(front: str, ground: str, theme: str) -> None:
    assert contrast(front, ground, theme) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["--paper", "--ink", "--red", "--green", "--amber"])
def test_colours_exist_on_every_screen(name: str, theme: str) -> None:
    """Inside sRGB, so no screen clips the red into another red."""
    assert all(-0.002 <= part <= 1.002 for part in resolved(name, theme)[:3])


def test_only_the_token_file_names_colours() -> None:
    named = re.compile(r"\b(?:oklch|rgba?|hsla?)\(|#[0-9a-f]{3,8}\b(?!\")", re.IGNORECASE)
    found = {
        f"{sheet.name}: {line.strip()}"
        for sheet in TOKENS.parent.rglob("*.css")
        if sheet != TOKENS
        for line in sheet.read_text().splitlines()
        if named.search(line)
    }
    assert not found
