"""The lines of a ledger: a comment, where it lies now, what was done about it, how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["open", "asked", "unclear", "done", "wont_do", "confirmed", "praise", "removed"]
# In the order of the page: whose move it is first, what is over last.
STATES: tuple[State, ...] = (
    "open", "asked", "unclear", "done", "wont_do", "confirmed", "praise", "removed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done, by whose name; `at_ms` is of version `version`. Times of day are UTC."""

    id: int
    comment_id: int
    how: str
    note: str
    by_id: int
    by: str
    at: datetime
    walkthrough_id: int | None
    version: int | None
    at_ms: int | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    ended_by_id: int | None
    ended_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lies:
    """Where a comment lies in the version that is looked at.

    State own (it was said of this version), exact, moved, uncertain, removed, or unknown (nothing
    was placed yet). Times in ms of that version; `picture` counts from 0 where it is stills.
    """

    state: str
    start_ms: int | None
    end_ms: int | None
    picture: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One comment with what was done about it; `before` is the last answer that was sent back.

    `version_gone`: the version it was said on was removed, so it can be read and not be seen.
    """

    id: int
    author_id: int
    author: str
    kind: str
    weight: str
    body: str
    revision: int
    version: int
    version_gone: bool
    walkthrough_id: int
    start_ms: int
    end_ms: int
    picture: int | None
    quote: str
    aim_id: int | None
    aim: str | None
    created_at: datetime
    removed_at: datetime | None
    lies: Lies = field(kw_only=True)
    replies: int = field(kw_only=True)
    answer: Answer | None = field(kw_only=True)
    before: Answer | None = field(kw_only=True)

    @property
    def state(self) -> State:
        """How far it is; praise needs no answer, and what was taken back gets none."""
        if self.removed_at is not None:
            return "removed"
        if self.kind == "praise":
            return "praise"
        if self.answer is None:
            return "open"
        if self.answer.confirmed_at is not None:
            return "confirmed"
        return self.answer.how  # type: ignore[return-value]  # a constraint of the table holds it

    @property
    def mark(self) -> str:
        """Changes with everything a reader of this line sees."""
        answer, before = self.answer, self.before
        return ":".join(
            str(part)
            for part in (
                self.revision, self.removed_at is not None, self.replies,
                answer and answer.id, answer and answer.confirmed_at is not None,
                before and before.id, self.lies.state, self.lies.start_ms,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """How many lines are in which state."""

    by_state: Mapping[State, int]

    @property
    def all(self) -> int:
        """Comments that want an answer."""
        aside = self.by_state.get("praise", 0) + self.by_state.get("removed", 0)
        return sum(self.by_state.values()) - aside

    @property
    def answered(self) -> int:
        """Done or refused, confirmed or not."""
        return sum(self.by_state.get(state, 0) for state in ("done", "wont_do", "confirmed"))

    @property
    def confirmed(self) -> int:
        """Those the reviewer said yes to."""
        return self.by_state.get("confirmed", 0)

    @property
    def asked_back(self) -> int:
        """Those that wait for the reviewer's words."""
        return self.by_state.get("unclear", 0) + self.by_state.get("asked", 0)


@dataclass(frozen=True)
class Ledger:
    """All lines of a request, in order of state, then of their place in the version looked at."""

    lines: Sequence[Line]
    tally: Tally

    def groups(self) -> list[tuple[State, list[Line]]]:
        """The lines by state; states without any are left out."""
        found: dict[State, list[Line]] = {state: [] for state in STATES}
        for line in self.lines:
            found[line.state].append(line)
        return [(state, lines) for state, lines in found.items() if lines]
