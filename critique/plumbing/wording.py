"""What letters say alike: names on one line, lists of them, moments that stay true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

# A longer name would bury the one thing that the letter is about.
LONGEST_NAME = 60


def one_line(value: str) -> str:
    """Text fit for a header: no control characters or line separators, white space folded."""
    return re.sub(r"[\s\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", value).strip()


def named(name: str, longest: int = LONGEST_NAME) -> str:
    """A name or a title on one line, short enough for a sentence."""
    line = one_line(name)
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def listed(names: Sequence[str]) -> str:
    """Say names one after another: "Ana", "Ana and Ben", "Ana, Ben and Cy"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def spoken_time(moment: datetime, zone: str) -> str:
    """A moment on somebody's clock as a letter says it, true whenever it is read."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
