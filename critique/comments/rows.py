"""What stands in a thread, as plain rows: answers, recordings, what was done, where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Stage:
    """One step behind a recording."""

    name: str
    state: str
    reason: str | None
    attempt: int


@dataclass(slots=True)
class Recording:
    """The recording of a reply: `type` is its MIME type once it plays, `duration_ms` ms.

    `words` is what was heard in it; a `draft` of that has many wrong ones.
    """

    id: int
    state: str
    reason: str | None
    duration_ms: int | None
    type: str | None
    has_video: bool | None
    has_poster: bool
    uploaded_by_id: int
    steps: list[Stage]
    words: str = ""
    draft: bool = False

    def stage(self, name: str) -> Stage | None:
        """One of its steps by name."""
        return next((step for step in self.steps if step.name == name), None)

    @property
    def stopped(self) -> Stage | None:
        """The first step that failed for good and is missed by who reads the thread."""
        missed = ("probe", "playable", "transcript")
        return next((s for s in self.steps if s.state == "failed" and s.name in missed), None)

    @property
    def hearing(self) -> str:
        """How far its words are: waiting, running, done, failed or skipped."""
        step = self.stage("transcript")
        return step.state if step else "skipped"


@dataclass(slots=True)
class Answer:
    """A reply; `author` and `removed_by` are names, times are UTC."""

    id: int
    comment_id: int
    author_id: int
    author: str
    body: str
    revision: int
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    removed_by: str | None
    recording_id: int | None = None
    recording: Recording | None = None


@dataclass(slots=True)
class Outcome:
    """What was done about a comment, by whose name; in force until it was reopened.

    `version` (its number) and `at_ms` say where that can be seen.
    """

    id: int
    comment_id: int
    by_id: int
    by: str
    at: datetime
    how: str
    note: str
    version: int | None
    at_ms: int | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    reopened_at: datetime | None


@dataclass(slots=True)
class Place:
    """Where a comment of an earlier version lies in the one that is read (ms); None: removed."""

    state: str
    start_ms: int | None
    end_ms: int | None
    confidence: float
    by_hand: bool
    still_id: int | None = None
    still: int | None = None
