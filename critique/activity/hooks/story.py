"""What a message tells, before it is written for one kind of receiver.

A title, who, whose move it is and until when, and a link: the words of a comment, a brief or a
verdict stay in the house. Moments are UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

VERDICTS = {
    "looks_good": "says it looks good",
    "another_round": "asks for another round",
    "lets_talk": "would like to talk",
}


@dataclass(frozen=True)
class Holder:
    """Somebody whose move it is, why (a reason of `mentoring.moves`) and since when."""

    name: str
    reason: str
    since: datetime


@dataclass(frozen=True)
class Story:
    """One message. Without a `title` it is about no request: a trial."""

    type: str
    at: datetime
    team: str
    url: str
    by: str | None = None
    review_id: int | None = None
    title: str | None = None
    is_open: bool = True
    review_by: datetime | None = None
    version: int | None = None
    verdict: str | None = None
    turns: Sequence[Holder] = ()

    @property
    def headline(self) -> str:
        """What happened, in one sentence without its end."""
        who = self.by or "Critique"
        told = {
            "review.created": f"{who} asks for a review",
            "review.closed": f"{who} closed the request",
            "walkthrough.posted": f"{who} posted version {self.version}",
            "verdict.given": f"{who} {VERDICTS.get(self.verdict or '', 'gave a verdict')}",
            "turn.given": "It is somebody’s move",
            "deadline.neared": "The deadline is near",
        }
        return told.get(self.type, f"{who} tries this webhook of {self.team}")

    @property
    def move(self) -> str | None:
        """Whose move it is; None where that is no question."""
        if self.title is None or not self.is_open:
            return None
        names = [holder.name for holder in self.turns]
        if not names:
            return "Open to any mentor"
        if len(names) == 1:
            return f"{names[0]}’s move"
        return f"Waiting for {', '.join(names[:-1])} and {names[-1]}"
