"""What every change of a thread shares: the lock, the search entries, the event, the refusals."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Person
from critique.comments.models import Comment, Reply, Resolution
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.search import Passage, replace_entries
from critique.reviews.access import must_be_open
from critique.reviews.models import Review

Item = TypeVar("Item", Comment, Reply)


def hold(review: Review) -> Review:
    """Lock the request's row until the transaction ends and read it anew (SQLite locks all)."""
    db.session.refresh(review, with_for_update={"key_share": True})
    return review


def hold_open(comment: Comment) -> None:
    """Hold the request, read the comment anew, and raise Conflict when the request is closed."""
    review = hold(comment.walkthrough.review)
    db.session.refresh(comment)
    must_be_open(review)


def index(comment: Comment) -> None:
    """Make the thread's words findable, and the removed ones no longer."""
    db.session.flush()
    texts = [comment.body, *(reply.body for reply in comment.replies)]
    replace_entries(
        team_id=comment.walkthrough.review.team_id,
        review_id=comment.walkthrough.review_id,
        walkthrough_id=comment.walkthrough_id,
        source="comment",
        source_id=comment.id,
        passages=[Passage(text, comment.start_ms, comment.end_ms) for text in texts],
    )


def record(
    verb: str,
    by: Person,
    item: Item,
    *,
    before: object = None,
    after: object = None,
    **details: int | str | None,
) -> Item:
    """Record one event of a thread, its request and comment named; gives `item`."""
    comment = item if isinstance(item, Comment) else item.comment
    review = comment.walkthrough.review
    record_event(
        verb,
        by_id=by.id,
        subject="comment" if isinstance(item, Comment) else "reply",
        subject_id=item.id,
        team_id=review.team_id,
        review_id=review.id,
        before=before,
        after=after,
        details={
            "comment_id": comment.id,
            "walkthrough_id": comment.walkthrough_id,
            **details,
        },
    )
    return item


def added(item: Comment | Reply) -> bool:
    """Add a row; False when the same page has sent the same thing at the same instant."""
    try:
        with db.session.begin_nested():
            db.session.add(item)
            db.session.flush()
    except IntegrityError:
        if item.once is None:
            raise
        return False
    return True


def posting_key(once: str | None, place: str, place_id: int, body: str) -> str | None:
    """What a posting is known by: the page's token, where and what; None without a token.

    The same words sent again are one posting, other words under the same token are another, so
    that neither is doubled or lost.
    """
    if once is None:
        return None
    return hashlib.sha256(repr((once, place, place_id, body)).encode()).hexdigest()


def must_be_revision(item: Comment | Reply, revision: int, body: str) -> None:
    """Raise Conflict, with both texts in `extra`, when it was changed or removed meanwhile."""
    if item.removed_at is not None:
        raise Conflict(gone(item), code="removed", extra={"yours": body, "theirs": ""})
    if item.revision != revision and item.body != body:
        raise Conflict(
            "These words were changed after you opened them, perhaps in another window. Nothing "
            "was overwritten and yours are kept. Compare both, then save again.",
            code="edited_meanwhile",
            extra={"yours": body, "theirs": item.body, "revision": item.revision},
        )


def must_be_what_was_read(item: Comment | Reply, revision: int | None) -> None:
    """Raise Conflict, with the words as they are now, before words go that nobody read."""
    if revision is not None and item.revision != revision:
        raise Conflict(
            "These words were changed after you opened them. Nothing was removed; read them as "
            "they are now, then decide again.",
            code="edited_meanwhile",
            extra={"yours": "", "theirs": item.body, "revision": item.revision},
        )


def gone(item: Comment | Reply) -> str:
    """The sentence for words that were removed while somebody wrote about them."""
    name = item.removed_by.name if item.removed_by else "Somebody"
    return (
        f"{name} removed this a moment ago, so nothing can be added to it. What you typed is "
        "kept; write it as a new comment."
    )


def take_back(item: Comment | Reply, by: Person) -> None:
    """Erase the words and what was drawn; who and when stay."""
    item.body = ""
    if isinstance(item, Comment):
        item.region = None
    item.removed_at = clock.now()
    item.removed_by = by


def state_of(item: Comment | Reply) -> dict[str, str]:
    """What a comment or a reply says, for digests."""
    if isinstance(item, Reply):
        recorded = {} if item.recording_id is None else {"recording": str(item.recording_id)}
        return {"body": item.body, **recorded}
    return {"body": item.body, "kind": item.kind, "weight": item.weight}


def settled(resolution: Resolution | None) -> dict[str, str] | None:
    """What a resolution says, for digests; None for none."""
    if resolution is None:
        return None
    return {
        "how": resolution.how,
        "note": resolution.note,
        "moment": f"{resolution.version_id}:{resolution.at_ms}",
        "confirmed_by": str(resolution.confirmed_by_id),
    }
