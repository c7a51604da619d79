"""What tells whether a thread has changed since a page read it."""

from __future__ import annotations

import hashlib
from typing import Any


def fingerprint_of(thread: Any) -> str:
    """The fingerprint of a comment, or of the row of one, with its replies and resolutions."""
    seen = (
        thread.id,
        thread.revision,
        thread.removed_at,
        [
            (reply.id, reply.revision, reply.removed_at, _recorded(reply))
            for reply in thread.replies
        ],
        [(row.id, row.reopened_at, row.confirmed_at) for row in thread.resolutions],
        getattr(thread, "place", None),
        [(row.reply_id, row.kind, row.person_id) for row in thread.reactions],
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def _recorded(reply: Any) -> list[tuple[str, str, int]] | None:
    """How far the recording of a reply is, step by step; None where there is none (any more)."""
    if reply.recording is None or reply.removed_at is not None:
        return None
    return [(step.name, step.state, step.attempt) for step in reply.recording.steps]
