"""What a webhook can be told of, by the name that stands in its payload as `type`."""

from __future__ import annotations

from collections.abc import Mapping

# type -> what people read beside its tick; the weightiest first. One act is told once, by the
# weightiest of what it was: a verdict also makes it somebody's move, and says so itself.
OCCASIONS: Mapping[str, str] = {
    "review.closed": "A request was closed",
    "verdict.given": "A reviewer gave a verdict",
    "walkthrough.posted": "A version arrived",
    "review.created": "A request was posted",
    "turn.given": "It is somebody’s move",
    "deadline.neared": "A deadline is near",
}
# Sent when somebody tries a webhook, whatever it is told of otherwise.
TRIAL = "webhook.tried"
KINDS: Mapping[str, str] = {"plain": "A program (JSON)", "slack": "Slack", "teams": "Teams"}


def weight(occasion: str) -> int:
    """Which of two occasions of one act is told: the one with the lower weight."""
    return list(OCCASIONS).index(occasion)
