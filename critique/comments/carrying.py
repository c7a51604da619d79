"""What carrying comments over to a version needs to know, read before the slow work begins."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from critique.comments.anchors import Anchor
from critique.comments.models import Comment
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.words import Word, words_from

# Until these have ended, a comment would be called removed for want of words or pictures.
AWAITED = ("transcript", "frames")


@dataclass(frozen=True)
class Take:
    """One version: what was said in it, what it looks like, how long it is (ms)."""

    walkthrough_id: int
    kind: str
    sha256: str | None
    duration_ms: int | None
    frames_key: str | None
    words: list[Word]
    stills: list[tuple[int, str, str | None]]
    """Ids, SHA-256 and perceptual hashes of its pictures, in order."""


@dataclass(frozen=True)
class Pending:
    """A comment to be placed: its anchor, its still if it has one."""

    comment_id: int
    anchor: Anchor
    still_id: int | None


@dataclass(frozen=True)
class Errand:
    """One version to place comments in, and what is to be placed from each earlier one."""

    target: Take
    earlier: list[tuple[Take, list[Pending]]]


def errands_for(walkthrough_id: int) -> list[Errand]:
    """What to place when a version's words or pictures are new: into it, and into later ones.

    A version whose transcript is still being written waits for it; removed ones take nothing in.
    """
    changed = db.session.get(Walkthrough, walkthrough_id)
    if changed is None or changed.version is None:
        return []
    versions = list(
        db.session.scalars(
            sa.select(Walkthrough)
            .where(Walkthrough.review_id == changed.review_id, Walkthrough.version.is_not(None))
            .order_by(Walkthrough.version)
        )
    )
    since = versions.index(changed)
    pending = _pending(changed.review_id)
    takes = {v.id: take_of(v) for at, v in enumerate(versions) if v.id in pending or at >= since}
    return [
        Errand(
            takes[target.id],
            [
                (takes[source.id], pending[source.id])
                for source in versions[:at]
                if source.id in pending
            ],
        )
        for at, target in enumerate(versions)
        if at >= since and _can_take_in(target)
    ]


def _can_take_in(version: Walkthrough) -> bool:
    waits = any(s.name in AWAITED and s.state in ("waiting", "running") for s in version.steps)
    return version.removed_at is None and version.state == "ready" and not waits


def take_of(version: Walkthrough) -> Take:
    """One version with its words in force."""
    transcript = transcript_of(version.id)
    return Take(
        walkthrough_id=version.id,
        kind=version.kind,
        sha256=version.sha256,
        duration_ms=version.duration_ms,
        frames_key=version.frames_key,
        words=words_from(transcript.words) if transcript else [],
        stills=[(still.id, still.sha256, still.hash) for still in version.stills],
    )


def _pending(review_id: int) -> dict[int, list[Pending]]:
    """The comments of a request that still stand, by the version they were made on."""
    found: dict[int, list[Pending]] = {}
    chosen = (
        sa.select(Comment)
        .join(Comment.walkthrough)
        .where(Walkthrough.review_id == review_id, Comment.removed_at.is_(None))
        .order_by(Comment.id)
    )
    for comment in db.session.scalars(chosen):
        anchor = Anchor(**{name: getattr(comment, name) for name in Anchor.__dataclass_fields__})
        found.setdefault(comment.walkthrough_id, []).append(
            Pending(comment.id, anchor, comment.still_id)
        )
    return found
