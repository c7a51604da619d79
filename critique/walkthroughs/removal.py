"""Taking a version away: its files and its words go, what was said about it stays."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.storage import Storage
from critique.plumbing.transaction import must_be_closed, snapshot, transaction
from critique.reviews.access import must_be_open, review_for
from critique.walkthroughs.access import must_upload, walkthrough_for
from critique.walkthroughs.finding import make_findable
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Still, Transcript, Upload, Walkthrough
from critique.walkthroughs.queries import UNDER_WAY
from critique.walkthroughs.steps import hold_version

REMOVED = "This was removed."
FILES = (
    "original_key", "playable_key", "poster_key", "sprite_key", "sprite_track_key", "frames_key",
    "peaks_key",
)  # fmt: skip
STILL_FILES = ("original_key", "picture_key", "small_key")


def remove_version(*, by: Person, walkthrough_id: int) -> Walkthrough:
    """Take a version away; a job deletes its files once this is committed.

    Its number is not given to another one, its comments stay and so do the words they quote.
    Removing twice is harmless. Raises NotFound, Forbidden, Conflict (closed).
    """
    walkthrough = walkthrough_for(by, walkthrough_id)
    # The request first, then the version: everybody who needs both takes them in this order.
    review = review_for(by, walkthrough.review_id, lock=True)
    must_upload(by, review)
    must_be_open(review)
    hold_version(walkthrough_id)
    if walkthrough.removed_at is not None:
        return walkthrough
    take_away(walkthrough, by=by)
    return walkthrough


def take_away(walkthrough: Walkthrough, *, by: Person | None) -> None:
    """Take a version or a recorded reply away, whose row is held; a job deletes its files.

    Words of a version stay unfound, since anchors quote them; those of a reply go for good.
    """
    walkthrough.removed_at, walkthrough.removed_by = clock.now(), by
    for step in walkthrough.steps:
        if step.state in UNDER_WAY:
            step.state, step.reason, step.finished_at = "skipped", REMOVED, clock.now()
    db.session.execute(
        sa.delete(Upload).where(
            Upload.walkthrough_id == walkthrough.id, Upload.finished_at.is_(None)
        )
    )
    make_findable(walkthrough, [])
    if walkthrough.is_reply:
        of_it = Transcript.walkthrough_id == walkthrough.id
        db.session.execute(sa.delete(Transcript).where(of_it))
    db.session.flush()
    record(
        "walkthrough.removed",
        by,
        walkthrough,
        before={"sha256": walkthrough.sha256},
        details={"version": walkthrough.version},
    )
    jobs.enqueue("remove_files", walkthrough.id, key=f"remove-files-{walkthrough.id}")


def is_removed(walkthrough_id: int) -> bool:
    """Whether a version was removed."""
    found = db.session.get(Walkthrough, walkthrough_id)
    return found is not None and found.removed_at is not None


def delete_files(storage: Storage, walkthrough_id: int) -> None:
    """Delete what is stored of a removed version; safe to repeat. Raises StorageFailed."""
    with snapshot():
        walkthrough = db.session.get(Walkthrough, walkthrough_id)
        if walkthrough is None or walkthrough.removed_at is None:
            return
        keys = _keys_of(walkthrough)
    must_be_closed()
    for key in keys:
        storage.delete(key)
    with transaction():
        _forget_keys(walkthrough_id)


def removed_with_files() -> list[int]:
    """Ids of removed versions whose files are not deleted yet."""
    return list(
        db.session.scalars(
            sa.select(Walkthrough.id).where(
                Walkthrough.removed_at.is_not(None), Walkthrough.original_key.is_not(None)
            )
        )
    )


def _keys_of(walkthrough: Walkthrough) -> list[str]:
    keys = [getattr(walkthrough, name) for name in FILES]
    keys += [getattr(still, name) for still in walkthrough.stills for name in STILL_FILES]
    return sorted({key for key in keys if key})


def _forget_keys(walkthrough_id: int) -> None:
    walkthrough = hold_version(walkthrough_id)
    if walkthrough is None:
        return
    for name in FILES:
        setattr(walkthrough, name, None)
    walkthrough.playable_type = None
    db.session.execute(
        sa.update(Still)
        .where(Still.walkthrough_id == walkthrough_id)
        .values(picture_key=None, small_key=None)
    )
