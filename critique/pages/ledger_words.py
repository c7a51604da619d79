"""The ledger in words: how far a comment is, where it lies now, how much is answered."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from critique.comments.ledger_lines import Line, State, Tally
from critique.web.templating import spoken_clock

HEADINGS: dict[State, str] = {
    "open": "Open",
    "asked": "Asked",
    "unclear": "Unclear",
    "done": "Done, waiting for a yes",
    "wont_do": "Won’t do, waiting for a yes",
    "confirmed": "Confirmed",
    "praise": "Praise",
    "removed": "Taken back",
}


def standing(line: Line) -> str:
    """How far a comment is, and whose move it is."""
    whose = {
        "open": "Open again" if line.before else "Open",
        "asked": f"Asked, {line.author}’s move",
        "unclear": f"Unclear, {line.author}’s move",
        "done": f"Done, waiting for {line.author}",
        "wont_do": f"Won’t do, waiting for {line.author}",
        "praise": "Praise, needs no answer",
    }
    return whose.get(line.state, HEADINGS[line.state])


def place_words(line: Line) -> str:
    """Where a comment on an earlier version lies in the one looked at; nothing for its own."""
    at = f"picture {line.lies.picture + 1}" if line.lies.picture is not None else None
    if at is None and line.lies.start_ms is not None:
        at = spoken_clock(line.lies.start_ms)
    match line.lies.state:
        case "exact":
            return "at the same place"
        case "moved":
            return f"moved to {at}"
        case "uncertain":
            return f"uncertain, perhaps at {at}"
        case "removed":
            return "this passage is gone"
        case "unknown":
            return "not found yet in the newest version"
        case _:
            return ""


def progress(tally: Tally) -> str:
    """How much is answered, in one line."""
    if tally.all == 0:
        return "Nothing needs an answer."
    parts = [f"{tally.answered} of {tally.all} answered", f"{tally.confirmed} confirmed"]
    if tally.asked_back:
        parts.append(f"{tally.asked_back} asked back")
    return ", ".join(parts)


def on_paper(at: datetime, zone: str) -> str:
    """A UTC moment on the reader's clock, as it stays true on paper: `24 Nov 2026, 09:12`."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}"
