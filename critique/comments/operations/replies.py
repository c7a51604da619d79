"""Answering in a thread, rewriting an answer, taking it back."""

from __future__ import annotations

from critique.accounts.models import Person
from critique.comments import access, queries
from critique.comments.models import Comment, Reply
from critique.comments.naming import note_mentions
from critique.comments.operations.waiting import lift_question
from critique.comments.threads import (
    added,
    gone,
    hold_open,
    index,
    must_be_revision,
    must_be_what_was_read,
    posting_key,
    record,
    state_of,
    take_back,
)
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.walkthroughs.removal import take_away
from critique.walkthroughs.replying import says_who_answers, share_recording
from critique.walkthroughs.steps import hold_version


@says_who_answers
def review_to_answer_in(by: Person, comment_id: int) -> int:
    """The request where somebody may reply to this comment: everybody who sees it, while it stands.

    Raises NotFound, and Conflict when the comment was removed.
    """
    comment = access.comment_for(by, comment_id)
    if comment.removed_at is not None:
        raise Conflict(gone(comment), code="removed")
    return comment.walkthrough.review_id


def add_reply(
    *,
    by: Person,
    comment: Comment,
    body: str,
    once: str | None = None,
    recording_id: int | None = None,
) -> Reply:
    """Answer in a thread, in words or by what one recorded for it; `once` as in `add_comment`.

    Raises Conflict when the comment was removed, the request is closed or the recording was sent
    before, and Invalid when it is not the person's own for this comment.
    """
    said = body if recording_id is None else f"{body}\0{recording_id}"
    key = posting_key(once, "comment", comment.id, said)
    if key and (posted := queries.reply_posted_once(by.id, key)):
        return posted
    hold_open(comment)
    if comment.removed_at is not None:
        raise Conflict(gone(comment), code="removed")
    # Of two windows that send it at once, the second came this far before the first was done.
    if recording_id is not None and key and (posted := queries.reply_posted_once(by.id, key)):
        return posted
    if recording_id is not None:
        share_recording(by=by, recording_id=recording_id, comment_id=comment.id)
    reply = Reply(
        comment_id=comment.id,
        author=by,
        body=body,
        recording_id=recording_id,
        once=key,
        created_at=clock.now(),
    )
    if not added(reply) and key and (posted := queries.reply_posted_once(by.id, key)):
        return posted
    db.session.refresh(comment)
    index(comment)
    note_mentions(reply)
    record("reply.added", by, reply, after=state_of(reply))
    lift_question(comment, by)
    return reply


def edit_reply(*, by: Person, reply: Reply, revision: int, body: str) -> Reply:
    """Rewrite one's own reply. Raises Forbidden and Conflict as `edit_comment` does."""
    access.must_edit(by, reply)
    hold_open(reply.comment)
    db.session.refresh(reply)
    must_be_revision(reply, revision, body)
    if reply.body == body:
        return reply
    before = state_of(reply)
    reply.body = body
    reply.revision += 1
    reply.edited_at = clock.now()
    index(reply.comment)
    note_mentions(reply)
    record("reply.edited", by, reply, before=before, after=state_of(reply))
    return reply


def remove_reply(*, by: Person, reply: Reply, revision: int | None = None) -> Reply:
    """Take a reply back, as `remove_comment` does, with what was recorded for it."""
    access.must_remove(by, reply, reply.comment.walkthrough.review)
    hold_open(reply.comment)
    db.session.refresh(reply)
    if reply.removed_at is not None:
        return reply
    must_be_what_was_read(reply, revision)
    before = state_of(reply)
    take_back(reply, by)
    if reply.recording_id is not None and (recording := hold_version(reply.recording_id)):
        take_away(recording, by=by)
    index(reply.comment)
    note_mentions(reply)
    record("reply.removed", by, reply, before=before)
    return reply
