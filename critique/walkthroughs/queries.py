"""Reading walkthroughs: versions, what plays, what was said, what was brought so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.accounts.models import Person
from critique.plumbing.db import db
from critique.walkthroughs.models import Still, Transcript, Upload, Walkthrough

UNDER_WAY = ("waiting", "running")


@dataclass(frozen=True)
class Source:
    """Something a browser can play: its address on this site and its MIME type."""

    url: str
    type: str


def walkthroughs_of(review_id: int) -> list[Walkthrough]:
    """All versions of a request that stand, in order, steps loaded: two queries for any number."""
    return list(
        db.session.scalars(
            sa.select(Walkthrough)
            .where(
                Walkthrough.review_id == review_id,
                Walkthrough.version.is_not(None),
                Walkthrough.removed_at.is_(None),
            )
            .order_by(Walkthrough.version)
            .options(selectinload(Walkthrough.steps))
        )
    )


def removed_version(review_id: int, version: int | None) -> Walkthrough | None:
    """The version of this number, when it was there and was removed."""
    # It stands in an address, where any number can be written; a database keeps smaller ones.
    if version is None or not 0 < version < 2**31:
        return None
    return db.session.scalar(
        sa.select(Walkthrough).where(
            Walkthrough.review_id == review_id,
            Walkthrough.version == version,
            Walkthrough.removed_at.is_not(None),
        )
    )


def same_as(walkthrough: Walkthrough, versions: Sequence[Walkthrough]) -> Walkthrough | None:
    """The earliest version before this one that is the same file, byte for byte."""
    if walkthrough.sha256 is None or walkthrough.version is None:
        return None
    return next(
        (
            one
            for one in versions
            if one.sha256 == walkthrough.sha256
            and one.kind == walkthrough.kind
            and one.removed_at is None
            and (one.version or 0) < walkthrough.version
        ),
        None,
    )


def is_picture_kept(key: str) -> bool:
    """Whether some version shows the picture kept under this key."""
    return bool(db.session.scalar(sa.select(sa.exists().where(Still.original_key == key))))


def still_path(still: Still, kind: str) -> str:
    """The address of a picture on this site; kinds are picture, small and original."""
    return f"/stills/{still.id}/{kind}"


def has_later(walkthrough: Walkthrough) -> bool:
    """Whether a later version of the same request is there or on its way."""
    if walkthrough.version is None:
        return False
    later = sa.exists().where(
        Walkthrough.review_id == walkthrough.review_id, Walkthrough.version > walkthrough.version
    )
    return bool(db.session.scalar(sa.select(later)))


def transcript_of(walkthrough_id: int) -> Transcript | None:
    """The transcript in force: the highest revision."""
    return db.session.scalar(
        sa.select(Transcript)
        .where(Transcript.walkthrough_id == walkthrough_id)
        .order_by(Transcript.revision.desc())
        .limit(1)
    )


def sources_of(walkthrough: Walkthrough) -> list[Source]:
    """What can be played of it, best first; empty until it is ready."""
    if walkthrough.playable_key is None or walkthrough.playable_type is None:
        return []
    if walkthrough.removed_at is not None:
        return []
    return [Source(media_path(walkthrough, "playable"), walkthrough.playable_type)]


def media_path(walkthrough: Walkthrough, kind: str) -> str:
    """The address of one of its files, on this site."""
    return f"/walkthroughs/{walkthrough.id}/media/{kind}"


def upload_of(walkthrough_id: int) -> Upload | None:
    """How its bytes came or are coming."""
    return db.session.scalar(
        sa.select(Upload)
        .where(Upload.walkthrough_id == walkthrough_id)
        .order_by(Upload.created_at)
        .limit(1)
    )


def is_under_way(walkthrough: Walkthrough) -> bool:
    """Whether something about it may still change by itself."""
    return walkthrough.state in ("uploading", "processing") or any(
        step.state in UNDER_WAY for step in walkthrough.steps
    )


def bytes_of(person: Person) -> int:
    """Bytes of a person's versions that stand, those still on their way counted whole."""
    total = sa.func.coalesce(sa.func.sum(Walkthrough.original_size), 0)
    standing = sa.select(total).where(
        Walkthrough.uploaded_by_id == person.id, Walkthrough.removed_at.is_(None)
    )
    return int(db.session.scalar(standing) or 0)


def bytes_expected() -> int:
    """Bytes that unfinished uploads of everybody may still bring."""
    rest = sa.func.coalesce(sa.func.sum(Upload.length - Upload.received), 0)
    return int(db.session.scalar(sa.select(rest).where(Upload.finished_at.is_(None))) or 0)
