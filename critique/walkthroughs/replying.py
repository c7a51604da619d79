"""Replies somebody records: their upload, the moment they are sent, those that never were.

Comments lie above this slice. So theirs is the word on who may answer where (`says_who_answers`),
and a recording only knows the id of the comment it was made for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.config import Settings
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.search import Passage
from critique.reviews.access import must_be_open, review_for
from critique.walkthroughs.arriving import expect_bytes, safe_filename
from critique.walkthroughs.finding import make_findable
from critique.walkthroughs.limits import hold_limits, limits_of_reply
from critique.walkthroughs.models import Upload, Walkthrough
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.removal import take_away
from critique.walkthroughs.spool import Spool
from critique.walkthroughs.steps import hold_version
from critique.walkthroughs.words import passages, words_from

UNSENT_FOR = timedelta(hours=24)
NOT_YOURS = (
    "This is no recording of yours for this comment that is here whole. Nothing was sent and what "
    "you typed is kept; record it again."
)

# Gives the id of the request; raises NotFound, Forbidden or Conflict where nobody may answer.
Answerable = Callable[[Person, int], int]
_answerable: list[Answerable] = []


def says_who_answers(check: Answerable) -> Answerable:
    """Make `check` the one that is asked before a reply may be recorded."""
    _answerable[:] = [check]
    return check


def begin_recorded_reply(
    *,
    by: Person,
    comment_id: int,
    review_id: int | None,
    filename: str,
    filetype: str,
    length: int,
    settings: Settings,
    spool: Spool,
) -> Upload:
    """Make room for a recorded answer to a comment, which nobody else sees until it is sent.

    Raises NotFound, Conflict (closed, removed), Invalid, TooLarge and Unavailable (507).
    """
    at_home = _answerable[0](by, comment_id)
    if review_id not in (None, at_home):
        raise Invalid(
            "This comment belongs to another review request. Nothing was sent.",
            fields={"review": "Not the request of this comment."},
        )
    review = review_for(by, at_home, lock=True)
    must_be_open(review)
    hold_limits(limits_of_reply(by, settings), length, settings, spool)
    recording = Walkthrough(
        review_id=review.id,
        version=None,
        uploaded_by_id=by.id,
        filename=safe_filename(filename),
        note="",
        state="uploading",
        created_at=clock.now(),
        original_size=0,
        reply_to_id=comment_id,
    )
    db.session.add(recording)
    db.session.flush()
    return expect_bytes(by, recording, filename=filename, filetype=filetype, length=length)


def share_recording(*, by: Person, recording_id: int, comment_id: int) -> Walkthrough:
    """Let everybody in the thread have a recording from now on, and find its words.

    Raises Invalid when it is not the person's own, whole, for this very comment; Conflict when it
    was sent before.
    """
    recording = hold_version(recording_id)
    if (
        recording is None
        or not recording.is_reply
        or (recording.uploaded_by_id, recording.reply_to_id) != (by.id, comment_id)
        or recording.state == "uploading"
        or recording.removed_at is not None
    ):
        raise Invalid(NOT_YOURS, code="no_such_recording", fields={"recording": NOT_YOURS})
    if recording.shared_at is not None:
        raise Conflict(
            "This recording was sent already and stands in the thread. Nothing was sent twice.",
            code="sent_already",
        )
    recording.shared_at = clock.now()
    db.session.flush()
    if (transcript := transcript_of(recording.id)) is not None:
        spoken = passages(words_from(transcript.words))
        make_findable(recording, [Passage(one.text, one.start_ms, one.end_ms) for one in spoken])
    return recording


def unsent_recordings(now: datetime) -> list[int]:
    """Ids of the recordings that were whole a day before `now` (UTC) and were never sent."""
    chosen = (
        sa.select(Walkthrough.id)
        .join(Upload, Upload.walkthrough_id == Walkthrough.id)
        .where(*_unsent(), Upload.finished_at <= now - UNSENT_FOR)
        .order_by(Walkthrough.id)
    )
    return list(db.session.scalars(chosen))


def forget_unsent(recording_id: int) -> None:
    """Take one of those away, unless it was sent after all."""
    recording = hold_version(recording_id)
    if recording and recording.shared_at is None and recording.removed_at is None:
        take_away(recording, by=None)


def _unsent() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Walkthrough.version.is_(None),
        Walkthrough.shared_at.is_(None),
        Walkthrough.removed_at.is_(None),
    )
