"""Comments that wait for their review to be sent: kept, rewritten, discarded, posted alone.

Until a draft is posted it is its writer's alone, so none of this enters the log, the search or
any count: what is recorded is the comment it becomes.
"""

from __future__ import annotations

import secrets
from typing import Any, Unpack

from sqlalchemy.exc import IntegrityError

from critique.accounts.models import Person
from critique.comments import queries, unsent
from critique.comments.models import Comment, Draft
from critique.comments.operations.comments import publish_comment
from critique.comments.operations.pointing import Said, columns_of, must_be_its_aim
from critique.comments.threads import hold, posting_key
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound
from critique.reviews.access import must_be_open
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

# A comment has its own of these; everything else of a draft goes with it as it is.
_OWN_COLUMNS = {"id", "revision", "created_at", "edited_at"}


def add_draft(
    *, by: Person, walkthrough: Walkthrough, once: str | None = None, **said: Unpack[Said]
) -> Draft | Comment:
    """Keep a comment for one's review; only the writer sees it.

    The same words sent again with the page's token `once` return the draft that is there, or the
    comment it has become meanwhile. Raises Invalid, and Conflict when the request is closed.
    """
    key = posting_key(once, "walkthrough", walkthrough.id, said["body"])
    if key and (kept := _under(by, key)):
        return kept
    must_be_open(hold(walkthrough.review))
    # The key goes with the draft into the comment, so that it is posted once and no more.
    draft = Draft(
        walkthrough=walkthrough,
        author_id=by.id,
        once=key or secrets.token_hex(32),
        created_at=clock.now(),
        **columns_of(walkthrough, **said),
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
            db.session.flush()
    except IntegrityError:
        kept = _under(by, key) if key else None
        if kept is None:
            raise
        return kept
    return draft


def _under(by: Person, key: str) -> Draft | Comment | None:
    return unsent.draft_kept_once(by.id, key) or queries.comment_posted_once(by.id, key)


def edit_draft(*, by: Person, draft: Draft, revision: int | None = None, **said: Any) -> Draft:
    """Rewrite `body`, `kind`, `weight` or `aim_id` of one's draft; what it is about stays.

    A `revision` is what the writer saw. Raises Invalid, and Conflict with both texts in `extra`
    when it was rewritten after that, perhaps in another window.
    """
    _hold(by, draft)
    changes = {name: value for name, value in said.items() if getattr(draft, name) != value}
    if not changes:
        return draft
    if revision is not None and revision != draft.revision:
        raise Conflict(
            "You changed this draft after you opened it here, perhaps in another window. Nothing "
            "was overwritten and these words are kept. Compare both, then save again.",
            code="edited_meanwhile",
            extra={
                "yours": said.get("body", draft.body),
                "theirs": draft.body,
                "revision": draft.revision,
            },
        )
    if changes.get("aim_id") is not None:
        must_be_its_aim(draft.walkthrough.review, changes["aim_id"])
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.revision += 1
    draft.edited_at = clock.now()
    db.session.flush()
    return draft


def discard_draft(*, by: Person, draft: Draft) -> None:
    """Forget a draft for good. Raises NotFound when it went meanwhile."""
    _hold(by, draft)
    db.session.delete(draft)
    db.session.flush()


def post_draft(*, by: Person, draft: Draft) -> Comment:
    """Post one draft alone, on the version it was written on.

    Raises Conflict when the request is closed (the draft stays), NotFound when it went meanwhile.
    """
    must_be_open(_hold(by, draft))
    return send_draft(by=by, draft=draft)


def send_draft(*, by: Person, draft: Draft, verdict_id: int | None = None) -> Comment:
    """Make a draft the comment it was written as; the caller holds its open request."""
    written = {
        column: getattr(draft, column)
        for column in Draft.__table__.columns.keys()  # noqa: SIM118 - no dict
        if column not in _OWN_COLUMNS
    }
    comment = Comment(**written, verdict_id=verdict_id, created_at=clock.now())
    db.session.delete(draft)
    db.session.add(comment)
    db.session.flush()
    details = {} if verdict_id is None else {"verdict_id": verdict_id}
    return publish_comment(comment, by=by, **details)


def _hold(by: Person, draft: Draft) -> Review:
    """Hold the draft's request and read the writer's drafts anew; NotFound if this one went."""
    review = hold(draft.walkthrough.review)
    if all(kept is not draft for kept in unsent.drafts_of(by, review.id)):
        raise NotFound
    return review
