"""Recordings of replies, as threads show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from critique.comments.rows import Answer, Recording, Stage
from critique.plumbing.db import db
from critique.walkthroughs.models import Step, Transcript, Walkthrough
from critique.walkthroughs.words import words_from


def add_recordings(replies: Sequence[Answer]) -> None:
    """Give every standing reply that was recorded its recording; two queries, none where none was.

    Its words are those of the transcript in force, the highest revision.
    """
    wanted = {
        reply.recording_id: reply
        for reply in replies
        if reply.recording_id is not None and reply.removed_at is None
    }
    if not wanted:
        return
    for row in db.session.execute(_recordings(list(wanted))):
        wanted[row.id].recording = Recording(
            id=row.id,
            state=row.state,
            reason=row.reason,
            duration_ms=row.duration_ms,
            type=row.playable_type,
            has_video=row.has_video,
            has_poster=row.poster_key is not None,
            uploaded_by_id=row.uploaded_by_id,
            steps=[],
            words=" ".join(word.text for word in words_from(row.words or [])),
            draft=bool(row.draft),
        )
    of_them = Step.walkthrough_id.in_(list(wanted))
    of_each = (Step.walkthrough_id, Step.name, Step.state, Step.reason, Step.attempt)
    steps = sa.select(*of_each).where(of_them)
    for step in db.session.execute(steps.order_by(Step.position)):
        if (recording := wanted[step.walkthrough_id].recording) is not None:
            recording.steps.append(Stage(step.name, step.state, step.reason, step.attempt))


def _recordings(ids: list[int]) -> sa.Select[*tuple[Any, ...]]:
    newest = (
        sa.select(sa.func.max(Transcript.revision))
        .where(Transcript.walkthrough_id == Walkthrough.id)
        .correlate(Walkthrough)
        .scalar_subquery()
    )
    in_force = (Transcript.walkthrough_id == Walkthrough.id) & (Transcript.revision == newest)
    return (
        sa.select(
            Walkthrough.id, Walkthrough.state, Walkthrough.reason, Walkthrough.duration_ms,
            Walkthrough.playable_type, Walkthrough.has_video, Walkthrough.poster_key,
            Walkthrough.uploaded_by_id, Transcript.draft, Transcript.words,
        )
        .outerjoin(Transcript, in_force)
        .where(Walkthrough.id.in_(ids))
    )  # fmt: skip
