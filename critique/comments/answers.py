"""How the threads answer: back to the room at the comment, or the thread as a partial for htmx."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from critique.comments.models import Comment
from critique.comments.talk import talk_of
from critique.plumbing.errors import CritiqueError
from critique.walkthroughs.models import Walkthrough


def by_htmx() -> bool:
    """Whether a part of the page was asked for instead of a whole one."""
    return request.headers.get("HX-Request") == "true"


def room_url(walkthrough: Walkthrough, comment: Comment | None = None) -> str:
    """The room at this version, and at this comment."""
    return url_for(
        "pages.room",
        review_id=walkthrough.review_id,
        v=walkthrough.version,
        _anchor=f"comment-{comment.id}" if comment else None,
    )


def ledger_url(comment: Comment) -> str:
    """The ledger of the request, at this comment."""
    return url_for(
        "pages.ledger", review_id=comment.walkthrough.review_id, _anchor=f"comment-{comment.id}"
    )


def thread_changed(comment: Comment, shown: Walkthrough | None = None) -> Response:
    """After a change: the thread as it is now (nothing if it is gone), or the way back to it.

    `shown` is the version it is read on, where that is not its own.
    """
    walkthrough = shown or comment.walkthrough
    if not by_htmx():
        if request.values.get("back") == "ledger":
            return redirect(ledger_url(comment), 303)
        standing = comment if comment.standing else None
        return redirect(room_url(walkthrough, standing), 303)
    if not comment.standing:
        return make_response("")
    page = render_template(
        "comments/_thread.html",
        threads=talk_of(walkthrough.id, [comment.id]),
        walkthrough=walkthrough,
    )
    return make_response(page)


def refused(error: CritiqueError, template: str, **parts: Any) -> Response:
    """The form once more with what was typed and what is wrong; programs get the bare error."""
    if by_htmx():
        raise error
    page = render_template(template, error=error, typed=request.form, **parts)
    return make_response(page, error.status)
