"""What is expected to arrive: an upload, and the name it will be kept by."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta

from critique.accounts.models import Person
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Upload, Walkthrough

IDLE = timedelta(hours=24)


def expect_bytes(
    by: Person, walkthrough: Walkthrough, *, filename: str, filetype: str, length: int
) -> Upload:
    """Make room for `length` bytes of a walkthrough; a day without any ends it."""
    walkthrough.original_size += length
    now = clock.now()
    upload = Upload(
        id=secrets.token_urlsafe(32),
        review_id=walkthrough.review_id,
        person_id=by.id,
        walkthrough_id=walkthrough.id,
        filename=safe_filename(filename),
        filetype=filetype[:100],
        note=walkthrough.note,
        length=length,
        received=0,
        created_at=now,
        expires_at=now + IDLE,
    )
    db.session.add(upload)
    record("upload.started", by, walkthrough, details={"bytes": length})
    return upload


def safe_filename(name: str) -> str:
    """A file name as text: no folders, no control characters, 255 characters at most."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(
        char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    return plain.strip(" .")[-255:] or "recording"
