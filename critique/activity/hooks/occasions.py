"""What a webhook can be told of, by the name that stands in its payload as `type`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Occasion:
    """How it is chosen ("New versions"), and how it stands among the messages."""

    choice: str
    happened: str


# In the order of a request's life.
OCCASIONS: Mapping[str, Occasion] = {
    "review.created": Occasion("New requests", "A request was posted"),
    "walkthrough.posted": Occasion("New versions", "A version arrived"),
    "turn.given": Occasion("Whose move it is", "It is somebody’s move"),
    "verdict.given": Occasion("Verdicts", "A reviewer gave a verdict"),
    "deadline.neared": Occasion("Deadlines near", "A deadline is near"),
    "review.closed": Occasion("Closed requests", "A request was closed"),
}
# Sent when somebody tries a webhook, whatever it is told of otherwise.
TRIAL = "webhook.tried"
KINDS: Mapping[str, str] = {"slack": "Slack", "teams": "Teams", "plain": "A program (JSON)"}

# One act is told once, by the first of these that it was: whose move it is, each of them says.
_BY_WEIGHT = (
    "review.closed", "verdict.given", "walkthrough.posted", "review.created",
    "deadline.neared", "turn.given",
)  # fmt: skip


def is_weightier(one: str, other: str) -> bool:
    """Whether the first of two occasions of one act is the one that is told."""
    return _BY_WEIGHT.index(one) < _BY_WEIGHT.index(other)


def happened(occasion: str) -> str:
    """How an occasion stands among the messages."""
    return OCCASIONS[occasion].happened if occasion in OCCASIONS else "A test"
