"""A reply as the API answers it, with what was recorded for it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from critique.api.person_shape import PersonShape
from critique.api.reactions import ReactionShape, mentions_of, reactions_of
from critique.api.shapes import SourceShape
from critique.comments.models import Reply
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import sources_of
from critique.web.app import absolute_url, settings

Unclear = Annotated[
    list[str], Field(description="Of words just sent: @names that fit several people, so nobody.")
]


class RecordingShape(BaseModel):
    """What was recorded for a reply; `sources` play once its `state` is ready.

    `transcript_url` is 404 until words were heard in it.
    """

    id: int
    state: str
    reason: str | None
    duration_ms: int | None
    sources: list[SourceShape]
    transcript_url: str

    @classmethod
    def of(cls, recording: Walkthrough) -> RecordingShape:
        """From a record."""
        base = settings().base_url
        return cls(
            id=recording.id,
            state=recording.state,
            reason=recording.reason,
            duration_ms=recording.duration_ms,
            sources=[SourceShape(url=base + s.url, type=s.type) for s in sources_of(recording)],
            transcript_url=absolute_url("api.show_transcript", walkthrough_id=recording.id),
        )


class ReplyShape(BaseModel):
    """An answer in a thread; a removed one has no body and no recording."""

    id: int
    author: PersonShape
    body: str | None
    recording: RecordingShape | None
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    reactions: list[ReactionShape]
    mentions: list[PersonShape]
    unclear_mentions: Unclear = []

    @classmethod
    def of(cls, reply: Reply) -> ReplyShape:
        """From a record."""
        recording = RecordingShape.of(reply.recording) if reply.recording else None
        return cls(
            id=reply.id,
            author=PersonShape.of(reply.author),
            body=None if reply.removed_at else reply.body,
            recording=None if reply.removed_at else recording,
            created_at=reply.created_at,
            edited_at=reply.edited_at,
            removed_at=reply.removed_at,
            reactions=reactions_of(reply.comment.reactions, reply.id),
            mentions=mentions_of(reply.comment.mentions, reply.id),
        )
