"""Saying something about a moment, a range or words; rewriting it, taking it back."""

from __future__ import annotations

from typing import Unpack

from critique.accounts.models import Person
from critique.comments import access, queries
from critique.comments.models import Comment
from critique.comments.naming import note_mentions
from critique.comments.operations.pointing import Said, columns_of
from critique.comments.threads import (
    added,
    hold,
    hold_open,
    index,
    must_be_revision,
    must_be_what_was_read,
    posting_key,
    record,
    state_of,
    take_back,
)
from critique.plumbing import clock, jobs
from critique.reviews.access import must_be_open
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import has_later


def add_comment(
    *, by: Person, walkthrough: Walkthrough, once: str | None = None, **said: Unpack[Said]
) -> Comment:
    """Say something about a moment, a range or words of a walkthrough.

    The same words sent again with the page's token `once` return what is there. Raises Invalid,
    and Conflict when the request is closed.
    """
    key = posting_key(once, "walkthrough", walkthrough.id, said["body"])
    if key and (posted := queries.comment_posted_once(by.id, key)):
        return posted
    must_be_open(hold(walkthrough.review))
    comment = Comment(
        walkthrough=walkthrough,
        author=by,
        once=key,
        created_at=clock.now(),
        **columns_of(walkthrough, **said),
    )
    if not added(comment) and key and (posted := queries.comment_posted_once(by.id, key)):
        return posted
    return publish_comment(comment, by=by)


def publish_comment(comment: Comment, *, by: Person, **details: int | str | None) -> Comment:
    """What follows for a comment that others can read from now on, written now or a draft before.

    Every way of bringing one into the talk ends here; `details` join those of its event.
    """
    index(comment)
    note_mentions(comment)
    if has_later(comment.walkthrough):
        # Somebody went on writing about a version while the next one came.
        jobs.enqueue(
            "place_comments", comment.walkthrough_id, key=f"place-for-comment-{comment.id}"
        )
    return record("comment.added", by, comment, after=state_of(comment), **details)


def edit_comment(
    *,
    by: Person,
    comment: Comment,
    revision: int,
    body: str,
    kind: str | None = None,
    weight: str | None = None,
) -> Comment:
    """Rewrite one's own comment; the anchor stays what it was.

    Raises Forbidden, and Conflict when it was changed after `revision` (with both texts in
    `extra`), removed, or when the request is closed.
    """
    access.must_edit(by, comment)
    hold_open(comment)
    must_be_revision(comment, revision, body)
    before = state_of(comment)
    comment.body = body
    comment.kind = kind or comment.kind
    comment.weight = weight or comment.weight
    if state_of(comment) == before:
        return comment
    comment.revision += 1
    comment.edited_at = clock.now()
    index(comment)
    note_mentions(comment)
    record("comment.edited", by, comment, before=before, after=state_of(comment))
    return comment


def remove_comment(*, by: Person, comment: Comment, revision: int | None = None) -> Comment:
    """Take a comment back: its words go for good, who and when stay, and so do the replies.

    Removing twice is harmless. Raises Forbidden, and Conflict when the request is closed or the
    words are others than in `revision`, the one that was read.
    """
    review = comment.walkthrough.review
    access.must_remove(by, comment, review)
    hold_open(comment)
    if comment.removed_at is not None:
        return comment
    must_be_what_was_read(comment, revision)
    before = state_of(comment)
    take_back(comment, by)
    index(comment)
    note_mentions(comment)
    record("comment.removed", by, comment, before=before)
    return comment
