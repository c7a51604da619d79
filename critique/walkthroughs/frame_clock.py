"""How the pictures of a walkthrough are counted, told to every player in the same words."""

from __future__ import annotations

from typing import TypedDict

from critique.walkthroughs.models import Walkthrough


class FrameClock(TypedDict):
    """What `frameClock` of `frames.js` needs.

    `rate` is pictures a second as an exact fraction, None where they come unevenly or there are
    none: then everything counts in ms. `first_ms` is when the first picture is shown, `count` how
    many there are, None where nobody has measured.
    """

    rate: tuple[int, int] | None
    first_ms: int
    count: int | None


def frame_clock_of(walkthrough: Walkthrough) -> FrameClock:
    """Tell how the pictures of `walkthrough` are counted. Pure; asks the database nothing."""
    found = walkthrough.probe or {}
    rate = walkthrough.rate_numerator, walkthrough.rate_denominator
    counts = bool(walkthrough.has_video) and not found.get("variable_rate")
    return FrameClock(
        rate=(rate[0], rate[1]) if counts and rate[0] and rate[1] else None,
        first_ms=found.get("first_picture_ms", 0),
        count=found.get("pictures"),
    )
