"""Whether to talk or to write: four ticks of the author, one recommendation and its reason.

Live time pays where something is complex *and* urgent, where people hardly know each other, while
one explores, and for a hard talk; all else is better written, where it reaches every shift and
stays. One tick is enough, and without any the answer is to write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

LIVE_MINUTES = 20

Way = Literal["live", "written"]


@dataclass(frozen=True)
class Tick:
    """One of the four: what stands beside it, why it speaks for talking, what is gained."""

    label: str
    because: str
    gain: str


TICKS: Mapping[str, Tick] = {
    "complex_urgent": Tick(
        "It is complex and urgent",
        "it is complex and urgent",
        f"{LIVE_MINUTES} minutes now save a day",
    ),
    "hard_talk": Tick(
        "It is a hard talk",
        "it is a hard talk",
        "a voice is kinder than the same words in writing",
    ),
    "new_relation": Tick(
        "We hardly know each other",
        "you hardly know each other",
        f"after {LIVE_MINUTES} minutes every comment is easier to read",
    ),
    "exploring": Tick(
        "I am still exploring",
        "it is still an exploration",
        f"{LIVE_MINUTES} minutes of to and fro go further than ten comments",
    ),
}


@dataclass(frozen=True)
class Advice:
    """What is recommended, and why, as one sentence for the author."""

    way: Way
    reason: str

    @property
    def sentence(self) -> str:
        """Both: "Take it live: it is complex and urgent; 20 minutes now save a day"."""
        return f"{'Take it live' if self.way == 'live' else 'Write it down'}: {self.reason}"


WRITTEN = Advice(
    "written",
    "nothing here needs both of you at once, and what is written reaches every shift and stays.",
)


def advice_on(ticks: Collection[str]) -> Advice:
    """What these ticks (keys of `TICKS`; others count for nothing) recommend."""
    ticked = [tick for name, tick in TICKS.items() if name in ticks]
    if not ticked:
        return WRITTEN
    reasons = [tick.because for tick in ticked]
    first = reasons[0] if len(reasons) == 1 else f"{', '.join(reasons[:-1])} and {reasons[-1]}"
    return Advice("live", f"{first}; {ticked[0].gain}.")


def in_order(ticks: Collection[str]) -> list[str]:
    """The same ticks, each once, as they stand on the page."""
    return [name for name in TICKS if name in ticks]
