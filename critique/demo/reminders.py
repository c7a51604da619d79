"""Leo's three pictures in the demo: one upload each, the others join the version of the first."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.config import Settings
from critique.plumbing.db import db
from critique.plumbing.storage import open_storage
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Upload
from critique.walkthroughs.operations import begin_upload, finish_upload, key_of
from critique.walkthroughs.spool import Spool

HERE = Path(__file__).parent
TITLE = "Does the watering reminder move too much?"
PICTURES = ("reminder-calm.webp", "reminder-playful.webp", "reminder-lively.webp")
TYPE = "image/webp"


def expect_first(by: Person, review_id: int, settings: Settings) -> None:
    """Make room for the first picture; the others follow when it is there."""
    _expect(PICTURES[0], by, review_id, settings)


def post_pictures(settings: Settings) -> None:
    """Store and post the picture that is expected, and so on until none is.

    Each begins the next one as it ends, so that being killed between two loses none and posts none
    that somebody took away.
    """
    while expected := _expected():
        upload_id, key, name = expected
        open_storage(settings).put(key, HERE / name, TYPE)
        with transaction():
            _post(upload_id, name, settings)


def _expected() -> tuple[str, str, str] | None:
    chosen = (
        sa.select(Upload)
        .join(Review, Review.id == Upload.review_id)
        .where(
            Review.title == TITLE,
            Upload.filename.in_(PICTURES),
            Upload.finished_at.is_(None),
            Upload.received == 0,
        )
    )
    with snapshot():
        found = db.session.scalars(chosen).first()
        return (found.id, key_of(found), found.filename) if found else None


def _post(upload_id: str, name: str, settings: Settings) -> None:
    upload = db.session.get_one(Upload, upload_id)
    leo = db.session.get_one(Person, upload.person_id)
    sha256 = hashlib.sha256((HERE / name).read_bytes()).hexdigest()
    finish_upload(by=leo, upload_id=upload_id, sha256=sha256, is_picture=True)
    after = PICTURES[PICTURES.index(name) + 1 :]
    if after:
        _expect(after[0], leo, upload.review_id, settings, upload.walkthrough_id)


def _expect(
    name: str, by: Person, review_id: int, settings: Settings, joins: int | None = None
) -> None:
    begin_upload(
        by=by,
        review_id=review_id,
        filename=name,
        filetype=TYPE,
        note="" if joins else "From calm to lively: each board shows the rest and the way there.",
        length=(HERE / name).stat().st_size,
        settings=settings,
        spool=Spool(settings.spool),
        walkthrough_id=joins,
    )
