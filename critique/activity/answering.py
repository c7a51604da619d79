"""A letter to a reply address becomes a reply in the thread."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.activity.addresses import REPLY
from critique.comments.access import comment_for
from critique.comments.forms import LONGEST_BODY, ReplyForm
from critique.comments.models import Comment
from critique.comments.operations import add_reply
from critique.letters.kinds import Kind, Received, register
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from critique.web.app import absolute_url
from critique.web.forms import check


def take_reply(received: Received) -> None:
    """Post what somebody wrote. Raises NotFound, Conflict as `add_reply` does, and Invalid."""
    comment = comment_for(received.person, received.subject_id)
    words = received.reading.words
    if not words.strip():
        raise Invalid("There were no words of yours in it.", code="empty")
    if len(words) > LONGEST_BODY:
        raise Invalid(
            f"Your answer has {len(words):,} characters without what it quotes, and a reply holds "
            f"{LONGEST_BODY:,}.",
            code="too_long",
        )
    form = check(ReplyForm, {"body": words})
    add_reply(by=received.person, comment=comment, body=form.body, once=received.once)


def team_of(comment_id: int) -> int | None:
    """The team in whose request the comment stands."""
    return db.session.scalar(
        sa.select(Review.team_id)
        .join(Walkthrough, Walkthrough.review_id == Review.id)
        .join(Comment, Comment.walkthrough_id == Walkthrough.id)
        .where(Comment.id == comment_id)
    )


def place_of(person: Person, comment_id: int) -> str | None:
    """The thread's address for who sees it; None for everybody else."""
    try:
        comment = comment_for(person, comment_id)
    except NotFound:
        return None
    return absolute_url(
        "pages.room",
        review_id=comment.walkthrough.review_id,
        v=comment.walkthrough.version,
        _anchor=f"comment-{comment.id}",
    )


register(Kind(REPLY, take_reply, team_of, place_of))
