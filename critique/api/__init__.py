"""API v1: the contract other programs are written against.

One file a noun; `documentation` describes them in OpenAPI, checked against the URL map.
"""

from __future__ import annotations

from critique.api import (
    coffee,
    coffee_groups,
    comments,
    compare,
    drafts,
    hand_offs,
    ledger,
    letters,
    loops,
    me,
    meetings,
    notices,
    placements,
    preview,
    queue,
    reactions,
    reviews,
    search,
    sessions,
    turns,
    verdicts,
    walkthroughs,
    webhooks,
    week,
)
from critique.api.documentation import blueprint

__all__ = [
    "blueprint",
    "coffee",
    "coffee_groups",
    "comments",
    "compare",
    "drafts",
    "hand_offs",
    "ledger",
    "letters",
    "loops",
    "me",
    "meetings",
    "notices",
    "placements",
    "preview",
    "queue",
    "reactions",
    "reviews",
    "search",
    "sessions",
    "turns",
    "verdicts",
    "walkthroughs",
    "webhooks",
    "week",
]
