"""Uploads that were left lying are cleared away after their day is over."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from critique.plumbing import jobs
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.storage import Storage
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Upload
from critique.walkthroughs.operations import key_of, stop_upload
from critique.walkthroughs.removal import delete_files, removed_with_files
from critique.walkthroughs.replying import forget_unsent, unsent_recordings
from critique.walkthroughs.spool import Spool
from critique.walkthroughs.steps import resume_stranded

WORK_SECONDS = 86_400


def enqueue_expired_uploads(now: datetime) -> None:
    """Enqueue the clearing of uploads that expired before `now`, and an hourly sweep."""
    # The key is the hour, or the oldest upload to go: twice is once, and no hour is missed.
    overdue = db.session.scalar(
        sa.select(Upload.id)
        .where(Upload.finished_at.is_(None), Upload.expires_at <= now)
        .order_by(Upload.expires_at)
        .limit(1)
    )
    hour = f"{now:%Y-%m-%dT%H}"
    if overdue is not None:
        jobs.enqueue("clear_uploads", hour, key=f"clear-uploads-{hour}-{overdue[:12]}")
    else:
        jobs.enqueue("clear_uploads", hour, key=f"clear-uploads-{hour}")
    resume_stranded(now)


def clear(spool: Spool, storage: Storage, now: datetime) -> None:
    """Clear expired uploads and leftovers; `now` is UTC."""
    with snapshot():
        overdue = sa.select(Upload).where(Upload.finished_at.is_(None), Upload.expires_at <= now)
        expired = [(upload.id, key_of(upload)) for upload in db.session.scalars(overdue)]
        unsent = unsent_recordings(now)
    for recording_id in unsent:
        with transaction():
            forget_unsent(recording_id)
    with snapshot():
        removed = removed_with_files()
    for upload_id, key in expired:
        if _clear_one(spool, upload_id, now):
            storage.delete(key)
    for walkthrough_id in removed:
        delete_files(storage, walkthrough_id)
    _clear_leftovers(spool)
    _clear_work(spool.folder / "work")


def _clear_one(spool: Spool, upload_id: str, now: datetime) -> bool:
    """Clear one away; False when it was finished, or goes on, after all."""
    try:
        with spool.writing(upload_id), transaction():
            upload = db.session.get(Upload, upload_id)
            if upload is None or upload.finished_at is not None or upload.expires_at > now:
                return False
            stop_upload(by_id=None, upload=upload)
    except Conflict:
        # Bytes are coming in at this very moment, so it is not forgotten after all.
        return False
    spool.remove(upload_id)
    return True


def _clear_leftovers(spool: Spool) -> None:
    for upload_id in spool.leftovers():
        with snapshot():
            upload = db.session.get(Upload, upload_id)
            wanted = upload is not None and upload.finished_at is None
        if not wanted:
            spool.remove(upload_id)


def _clear_work(folder: Path) -> None:
    """Remove what killed jobs left a day ago."""
    before = time.time() - WORK_SECONDS
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.stat().st_mtime < before:
            shutil.rmtree(entry, ignore_errors=True)
