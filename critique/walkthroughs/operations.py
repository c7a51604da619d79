"""Changing walkthroughs: an upload begins, grows, ends or is stopped; a step is tried again."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Person
from critique.config import Settings
from critique.media.errors import MediaError
from critique.media.speech.align import untimed
from critique.media.speech.captions import Captions, parse
from critique.media.speech.words import Word as Heard
from critique.media.speech.words import spread
from critique.plumbing import clock, jobs
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid, NotFound
from critique.plumbing.transaction import must_be_closed, release
from critique.reviews.access import must_be_open, review_for
from critique.walkthroughs.access import (
    must_retry,
    must_stand,
    must_upload,
    take_for,
    walkthrough_for,
)
from critique.walkthroughs.arriving import IDLE, expect_bytes, safe_filename
from critique.walkthroughs.joining import add_picture, joining_key, joins, version_to_join
from critique.walkthroughs.limits import hold_limits, limits_for
from critique.walkthroughs.log import record
from critique.walkthroughs.models import (
    PICTURE_STEP_NAMES,
    REPLY_STEP_NAMES,
    STEP_NAMES,
    Caption,
    Step,
    Transcript,
    Upload,
    Walkthrough,
)
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.spool import Spool
from critique.walkthroughs.steps import hold_version, restart
from critique.walkthroughs.words import numbered, rows_from, words_from

STOPPED = (
    "The upload of this version was stopped before all of it was here. What was said about it is "
    "kept. Upload the recording again as a new version."
)


def begin_upload(
    *,
    by: Person,
    review_id: int,
    filename: str,
    filetype: str,
    note: str,
    length: int,
    settings: Settings,
    spool: Spool,
    walkthrough_id: int | None = None,
) -> Upload:
    """Make room for `length` bytes and a walkthrough in state `uploading`, the next version.

    With `walkthrough_id` they are a further picture of that version instead. Raises NotFound,
    Forbidden, Conflict (closed), Invalid, TooLarge, Unavailable (507).
    """
    review = review_for(by, review_id, lock=True)
    must_upload(by, review)
    must_be_open(review)
    hold_limits(limits_for(by, settings), length, settings, spool)
    if walkthrough_id is None:
        walkthrough = _next_version(by, review.id, safe_filename(filename), note)
    else:
        walkthrough = version_to_join(by, review, walkthrough_id)
    return expect_bytes(by, walkthrough, filename=filename, filetype=filetype, length=length)


def _next_version(by: Person, review_id: int, filename: str, note: str) -> Walkthrough:
    newest = db.session.scalar(
        sa.select(sa.func.max(Walkthrough.version)).where(Walkthrough.review_id == review_id)
    )
    walkthrough = Walkthrough(
        review_id=review_id,
        version=(newest or 0) + 1,
        uploaded_by_id=by.id,
        filename=filename,
        note=" ".join(note.split())[:1000],
        state="uploading",
        created_at=clock.now(),
        original_size=0,
    )
    db.session.add(walkthrough)
    db.session.flush()
    return walkthrough


def save_progress(upload_id: str, received: int) -> None:
    """Acknowledge the bytes up to `received`, which are on disk; the day starts anew."""
    db.session.execute(
        sa.update(Upload)
        .where(Upload.id == upload_id, Upload.finished_at.is_(None))
        .values(received=received, expires_at=clock.now() + IDLE)
    )


def finish_upload(*, by: Person, upload_id: str, sha256: str, is_picture: bool = False) -> Upload:
    """All bytes are stored under `key_of(upload)`: the version is posted, its steps begin.

    A picture makes a version of pictures, or joins the one it was sent to. One transaction holds
    the upload's end, the walkthrough, its steps, the event and the job. Raises NotFound and
    Conflict when the version was removed meanwhile.
    """
    upload = db.session.get(Upload, upload_id)
    walkthrough = hold_version(upload.walkthrough_id) if upload else None
    if upload is None or walkthrough is None:
        raise NotFound
    must_stand(walkthrough)
    key = key_of(upload)
    upload.received = upload.length
    upload.finished_at = clock.now()
    if joins(walkthrough):
        add_picture(by, walkthrough, upload, key=key, sha256=sha256)
        return upload
    walkthrough.state, walkthrough.original_key, walkthrough.sha256 = "processing", key, sha256
    names: tuple[str, ...] = REPLY_STEP_NAMES if walkthrough.is_reply else STEP_NAMES
    if is_picture:
        walkthrough.kind, names = "stills", PICTURE_STEP_NAMES
        add_picture(by, walkthrough, upload, key=key, sha256=sha256)
    walkthrough.steps = [Step(name=name, position=at) for at, name in enumerate(names, start=1)]
    db.session.flush()
    record(
        "walkthrough.posted",
        by,
        walkthrough,
        after={"sha256": sha256},
        details={"version": walkthrough.version, "bytes": upload.length},
    )
    jobs.enqueue("prepare_walkthrough", walkthrough.id, key=f"prepare-{walkthrough.id}-1")
    return upload


def stop_upload(*, by_id: int | None, upload: Upload) -> None:
    """Forget an unfinished upload and its version, unless something refers to that version."""
    if upload.finished_at is not None:
        raise Conflict(
            "This upload is finished, and its version stays. Upload a better one as the next "
            "version instead, or remove this one.",
            code="finished",
        )
    walkthrough = db.session.get_one(Walkthrough, upload.walkthrough_id)
    record("upload.stopped", None, walkthrough, by_id=by_id)
    db.session.delete(upload)
    if joins(walkthrough):
        walkthrough.original_size -= upload.length
        return
    db.session.flush()
    try:
        with db.session.begin_nested():
            db.session.delete(walkthrough)
    except IntegrityError:
        walkthrough.state, walkthrough.reason, walkthrough.original_size = "failed", STOPPED, 0


def retry_step(*, by: Person, walkthrough_id: int, name: str) -> Step:
    """Try a failed step again, and what waited for it. Raises NotFound, Forbidden, Conflict."""
    walkthrough = take_for(by, walkthrough_id)
    must_retry(by, walkthrough)
    step = next((s for s in walkthrough.steps if s.name == name), None)
    if step is None:
        raise NotFound
    if step.state != "failed":
        raise Conflict(
            "This step is not stopped, so there is nothing to try again. Nothing was changed.",
            code="not_failed",
        )
    restart(walkthrough, step)
    record("step.retried", by, walkthrough, details={"step": name, "attempt": step.attempt})
    return step


def write_transcript(*, by: Person, walkthrough_id: int, data: bytes) -> Transcript:
    """Put a VTT, SRT or plain text in force, and let the voice place its words.

    Cues show by their own times at once, plain text spread evenly as a draft; the step
    `transcript` then refines both. Words that stay as they were keep their ids. Ends the caller's
    transaction before it compares the words, which is slow. Raises Invalid, Forbidden, Conflict.
    """
    walkthrough = walkthrough_for(by, walkthrough_id)
    must_upload(by, walkthrough.review)
    must_stand(walkthrough)
    if walkthrough.kind == "stills":
        raise Conflict(
            "Pictures have no voice, so a transcript has no place here. Nothing was changed; write "
            "what you want to say into the note of the version.",
            code="no_voice",
        )
    if walkthrough.duration_ms is None:
        raise Conflict(
            "The recording is not read yet, so its words have no place. Nothing was changed; "
            "bring the transcript once the video plays.",
            code="not_ready",
        )
    duration = walkthrough.duration_ms
    current = transcript_of(walkthrough_id)
    old = words_from(current.words) if current else []
    revision, next_id = (current.revision, current.next_word_id) if current else (0, 1)
    person_id = by.id
    release()
    must_be_closed()
    captions, spoken = _understood(data, duration)
    words, next_id = numbered(spoken, old, next_id)
    made = Transcript(
        walkthrough_id=walkthrough_id,
        revision=revision + 1,
        engine="uploaded",
        draft=not captions.cues,
        language=None,
        words=rows_from(words),
        next_word_id=next_id,
        made_by_id=person_id,
        created_at=clock.now(),
    )
    _put_in_force(made, captions)
    return made


def _put_in_force(made: Transcript, captions: Captions) -> None:
    """Keep the words, what they were read from, and the step that lets the voice place them."""
    db.session.add(made)
    db.session.add(
        Caption(
            walkthrough_id=made.walkthrough_id,
            by_id=made.made_by_id,
            cues=[asdict(cue) for cue in captions.cues],
            text="" if captions.cues else captions.text,
            created_at=made.created_at,
        )
    )
    # Of two people who bring one at once, the second is told: the revision is unique.
    db.session.flush()
    walkthrough = db.session.get_one(Walkthrough, made.walkthrough_id)
    restart(walkthrough, next(s for s in walkthrough.steps if s.name == "transcript"))
    record(
        "transcript.written",
        None,
        walkthrough,
        by_id=made.made_by_id,
        after=made.words,
        details={"revision": made.revision, "words": len(made.words)},
    )


def key_of(upload: Upload) -> str:
    """Where the file of an unfinished upload will be kept as it came."""
    if joins(db.session.get(Walkthrough, upload.walkthrough_id)):
        return joining_key(upload)
    return original_key(upload.walkthrough_id or 0)


def original_key(walkthrough_id: int) -> str:
    """Where the file is kept that began a version, as it came."""
    return f"walkthroughs/{walkthrough_id}/original"


def _understood(data: bytes, duration_ms: int) -> tuple[Captions, list[Heard]]:
    try:
        captions = parse(data)
    except MediaError as refused:
        raise Invalid(refused.sentence, fields={"file": refused.sentence}) from refused
    if captions.cues:
        return captions, untimed(captions.cues).words
    return captions, spread(captions.text.split(), 0, duration_ms)
