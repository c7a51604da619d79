"""Pictures that make a version, one upload each; the first begins it, the others join it."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.reviews.models import Review
from critique.walkthroughs.access import must_stand, walkthrough_for
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Still, Upload, Walkthrough
from critique.walkthroughs.steps import take_in_picture

MOST_PICTURES = 20

NO_PICTURE = (
    "This file is no PNG, JPEG or WebP picture, so it was not added. The other pictures stay. "
    "Export it as one of those and add it again."
)


def version_to_join(by: Person, review: Review, walkthrough_id: int) -> Walkthrough:
    """The version that a further picture may join; the request's row must be held.

    Raises NotFound, Invalid (not of this request), Conflict (no pictures, full, removed).
    """
    walkthrough = walkthrough_for(by, walkthrough_id)
    if walkthrough.review_id != review.id:
        raise Invalid(
            "This version belongs to another review request. Nothing was sent.",
            fields={"walkthrough": "Not a version of this request."},
        )
    must_stand(walkthrough)
    if walkthrough.kind != "stills":
        raise Conflict(
            f"Version {walkthrough.version} is no set of pictures (yet), so none can join it. "
            "Nothing was sent. Wait until its first picture is here, or upload a new version.",
            code="not_pictures",
        )
    coming = sa.select(sa.func.count()).where(
        Upload.walkthrough_id == walkthrough.id, Upload.finished_at.is_(None)
    )
    if len(walkthrough.stills) + (db.session.scalar(coming) or 0) >= MOST_PICTURES:
        raise Conflict(
            f"Version {walkthrough.version} has {MOST_PICTURES} pictures, and that is as many as "
            "one version shows. Nothing was sent. Upload the others as a version of their own.",
            code="too_many_pictures",
        )
    return walkthrough


def joins(walkthrough: Walkthrough | None) -> bool:
    """Whether an unfinished upload to this version brings a further picture to it."""
    return walkthrough is not None and walkthrough.state != "uploading"


def joining_key(upload: Upload) -> str:
    """Where a joining picture is kept as it came."""
    name = hashlib.sha256(upload.id.encode()).hexdigest()[:16]
    return f"walkthroughs/{upload.walkthrough_id}/original-{name}"


def add_picture(
    by: Person, walkthrough: Walkthrough, upload: Upload, *, key: str, sha256: str
) -> bool:
    """Put a picture at the end of a version whose row is held; False when it has it already."""
    if any(still.sha256 == sha256 for still in walkthrough.stills):
        walkthrough.original_size -= upload.length
        return False
    still = Still(
        position=len(walkthrough.stills) + 1,
        filename=upload.filename,
        original_key=key,
        original_size=upload.length,
        sha256=sha256,
    )
    walkthrough.stills.append(still)
    walkthrough.sha256 = digest_of([one.sha256 for one in walkthrough.stills])
    db.session.flush()
    if still.position > 1:
        take_in_picture(walkthrough)
        record(
            "picture.added",
            by,
            walkthrough,
            after={"sha256": sha256},
            details={"position": still.position, "bytes": upload.length},
        )
    return True


def digest_of(pictures: list[str]) -> str:
    """The SHA-256 of a version: its picture's own, of several that of theirs in order, hex."""
    if len(pictures) == 1:
        return pictures[0]
    return hashlib.sha256("\n".join(pictures).encode()).hexdigest()
