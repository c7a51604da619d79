"""Answering, confirming and reopening comments over HTTP, from the room and from the ledger."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import access, operations
from critique.comments.answers import refused, thread_changed
from critique.comments.forms import ConfirmationForm, ReopeningForm, ResolutionForm
from critique.comments.models import Comment
from critique.comments.views.blueprint import blueprint
from critique.plumbing.errors import Conflict, Invalid
from critique.reviews.access import must_be_open
from critique.walkthroughs.access import walkthrough_for
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import walkthroughs_of
from critique.web.forms import read


@blueprint.app_template_global()
def versions_of(review_id: int) -> list[Walkthrough]:
    """The versions of a request that an answer may point at, in order."""
    return [one for one in walkthroughs_of(review_id) if one.version and one.removed_at is None]


def _way(way: str, comment: Comment) -> str:
    must_be_open(comment.walkthrough.review)
    return render_template("comments/way.html", way=way, comment=comment, item=comment)


def _refused(error: Invalid | Conflict, way: str, comment: Comment) -> Response:
    return refused(error, "comments/way.html", way=way, comment=comment, item=comment)


@blueprint.get("/comments/<int:comment_id>/resolution")
@signed_in
def new_resolution(comment_id: int) -> str:
    """Show the form that settles a comment."""
    comment = access.comment_for(asker(), comment_id)
    access.must_resolve(asker(), comment, comment.walkthrough.review)
    return _way("resolution", comment)


@blueprint.post("/comments/<int:comment_id>/resolution")
@signed_in
def resolve(comment_id: int) -> Response:
    """Answer a comment: done (perhaps at a moment), won't do, unclear, or a question back.

    Where somebody else has answered meanwhile, both answers are shown and nothing is overwritten.
    """
    comment = access.comment_for(asker(), comment_id)
    try:
        form = read(ResolutionForm)
        version = walkthrough_for(asker(), form.walkthrough) if form.walkthrough else None
        operations.resolve_comment(
            by=asker(),
            comment=comment,
            how=form.how,
            note=form.note,
            version=version,
            at_ms=form.at_ms,
            replaces=form.replaces,
        )
    except (Invalid, Conflict) as error:
        return _refused(error, "resolution", comment)
    return thread_changed(comment)


@blueprint.get("/comments/<int:comment_id>/resolution/end")
@signed_in
def new_reopening(comment_id: int) -> str:
    """Show the form that takes an answered comment up again."""
    comment = access.comment_for(asker(), comment_id)
    access.must_resolve(asker(), comment, comment.walkthrough.review)
    return _way("end", comment)


@blueprint.post("/comments/<int:comment_id>/resolution/end")
@signed_in
def reopen(comment_id: int) -> Response:
    """Take an answered comment up again; a note becomes a reply."""
    comment = access.comment_for(asker(), comment_id)
    try:
        form = read(ReopeningForm)
        operations.reopen_comment(
            by=asker(),
            comment=comment,
            note=form.note,
            resolution_id=form.resolution,
            once=form.once,
        )
    except (Invalid, Conflict) as error:
        return _refused(error, "end", comment)
    return thread_changed(comment)


@blueprint.get("/comments/<int:comment_id>/confirmation")
@signed_in
def new_confirmation(comment_id: int) -> str:
    """Show the answer and the form that confirms it."""
    comment = access.comment_for(asker(), comment_id)
    access.must_judge(asker(), comment)
    return _way("confirmation", comment)


@blueprint.post("/comments/<int:comment_id>/confirmation")
@signed_in
def confirm(comment_id: int) -> Response:
    """Confirm the answer that was read."""
    comment = access.comment_for(asker(), comment_id)
    try:
        form = read(ConfirmationForm)
        operations.confirm_resolution(by=asker(), comment=comment, resolution_id=form.resolution)
    except (Invalid, Conflict) as error:
        return _refused(error, "confirmation", comment)
    return thread_changed(comment)


@blueprint.post("/comments/<int:comment_id>/confirmation/end")
@signed_in
def withdraw_confirmation(comment_id: int) -> Response:
    """Take the yes back; the answer waits for it again."""
    comment = access.comment_for(asker(), comment_id)
    operations.withdraw_confirmation(by=asker(), comment=comment)
    return thread_changed(comment)
