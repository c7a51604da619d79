"""What the page of two versions says: sentences with their comments, and how the two differ."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from critique.comments.takes.sentences import Row, Said
from critique.comments.takes.timemap import TimeMap
from critique.comments.talk import Thread, talk_of
from critique.comments.versions import Pair, placements_between
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import UNDER_WAY

Side = Literal["old", "new"]


@dataclass(frozen=True)
class Note:
    """A thread of one of the two versions, and where it lies in the other one (ms).

    `state` is that of a placement: exact, moved, uncertain or removed.
    """

    thread: Thread
    side: Side
    version: int
    other: int
    state: str
    there_ms: int | None


@dataclass
class Beside:
    """A sentence of both versions with the comments on it, in the order of their moments."""

    row: Row
    notes: list[Note] = field(default_factory=list)


def notes_of(old: Walkthrough, new: Walkthrough, along: TimeMap) -> list[Note]:
    """The threads of both versions, each once: placed as it was placed, else by the map."""
    placed = placements_between(old, new)
    back = along.reversed()
    found = []
    sides: tuple[tuple[Side, Walkthrough, Walkthrough, TimeMap], ...] = (
        ("old", old, new, along),
        ("new", new, old, back),
    )
    for side, own, other, known in sides:
        for thread in talk_of(own.id):
            if thread.walkthrough_id != own.id:
                continue
            known_place = placed.get(thread.id)
            if known_place:
                state, there = known_place.state, known_place.start_ms
            else:
                state, there = _by_the_map(thread, known)
            found.append(Note(thread, side, own.version or 0, other.version or 0, state, there))
    return found


def _by_the_map(thread: Thread, known: TimeMap) -> tuple[str, int | None]:
    there = known.at(thread.start_ms)
    if there is None:
        return "removed", None
    return "exact" if there == thread.start_ms else "moved", there


def beside(rows: Sequence[Row], notes: Iterable[Note]) -> list[Beside]:
    """Give each sentence the comments that begin in it, or after it and before the next one."""
    found = [Beside(row) for row in rows]
    for side in ("old", "new"):
        told = sorted(
            ((said.start_ms, at) for at, row in enumerate(rows) if (said := _said(row, side))),
        )
        for note in notes:
            if note.side == side and told:
                place = max(0, bisect_right(told, (note.thread.start_ms, len(rows))) - 1)
                found[told[place][1]].notes.append(note)
    for one in found:
        one.notes.sort(key=lambda note: (note.thread.created_at, note.thread.id))
    return found


def _said(row: Row, side: str) -> Said | None:
    return row.old if side == "old" else row.new


def summary_of(rows: Sequence[Row], old: Walkthrough, new: Walkthrough) -> str:
    """How the words of the two differ, in one sentence; empty without words on either side."""
    kinds = Counter("moved" if row.moved else row.kind for row in rows)
    if not kinds["same"] + kinds["reworded"]:
        return ""
    if set(kinds) == {"same"}:
        return "Every sentence is said in both, in the same words and order."
    parts = [
        f"{count} {words}"
        for count, words in (
            (kinds["same"], "as before"),
            (kinds["reworded"], "in other words"),
            (kinds["moved"], "in another place"),
            (kinds["removed"], f"only in v{old.version}"),
            (kinds["added"], f"only in v{new.version}"),
        )
        if count
    ]
    return f"{', '.join(parts)}."


def _is_being_heard(version: Walkthrough) -> bool:
    return any(one.name == "transcript" and one.state in UNDER_WAY for one in version.steps)


def how_it_runs(old: Walkthrough, new: Walkthrough, pair: Pair) -> str:
    """Why the two run by the clock, or with doubt; empty where the words lead."""
    takes = pair.takes
    clock = "so both run by the same clock."
    coming = [
        f"v{one.version}"
        for one, words in ((old, takes.old), (new, takes.new))
        if not words and _is_being_heard(one)
    ]
    silent = [f"v{one.version}" for one, words in ((old, takes.old), (new, takes.new)) if not words]
    if takes.along.runs:
        if pair.draft:
            return "The transcript is a draft, so some sentences may be matched wrongly."
        return ""
    if coming:
        written = f"The words of {' and '.join(coming)} are still being written down, {clock}"
        return f"{written} Reload the page once they are there."
    if silent:
        return f"There are no words of {' and '.join(silent)}, {clock}"
    return f"Not one sentence of v{old.version} is said in v{new.version}, {clock}"
