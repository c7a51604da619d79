"""Drafts over HTTP: their own pages without scripts, partials of the talk with them."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import operations, queries
from critique.comments.answers import by_htmx, refused, room_url
from critique.comments.models import Comment, Draft
from critique.comments.review_forms import DraftPageForm, PostingForm
from critique.comments.unsent import draft_for
from critique.comments.views.blueprint import blueprint
from critique.plumbing.errors import Conflict, Invalid, NotFound
from critique.web.forms import read


def draft_url(draft: Draft) -> str:
    """The room at the version it was written on, and at the draft."""
    return f"{room_url(draft.walkthrough)}#draft-{draft.id}"


def draft_kept(kept: Draft | Comment) -> Response:
    """After a change: the draft as it is now, or the way back to it; a comment's way if it is one.

    What was sent meanwhile is no draft any more: the partial is empty, the talk has it.
    """
    if isinstance(kept, Comment):
        return make_response("") if by_htmx() else redirect(room_url(kept.walkthrough, kept), 303)
    if not by_htmx():
        return redirect(draft_url(kept), 303)
    page = render_template("comments/_drafts.html", drafts=[kept], review=kept.walkthrough.review)
    return make_response(page)


@blueprint.get("/drafts/<int:draft_id>/edit")
@signed_in
def edit_draft(draft_id: int) -> str:
    """Show the form to rewrite a draft."""
    return render_template("comments/draft.html", draft=draft_for(asker(), draft_id), way="edit")


@blueprint.post("/drafts/<int:draft_id>")
@signed_in
def update_draft(draft_id: int) -> Response:
    """Rewrite a draft; a refusal shows the form again, with both texts where two were written."""
    draft = draft_for(asker(), draft_id)
    try:
        form = read(DraftPageForm)
        aim = {"aim_id": form.aim_id} if "aim_id" in request.form else {}
        operations.edit_draft(
            by=asker(),
            draft=draft,
            revision=form.revision,
            body=form.body,
            kind=form.kind or draft.kind,
            weight=form.weight or draft.weight,
            **aim,
        )
    except (Invalid, Conflict) as error:
        return refused(error, "comments/draft.html", draft=draft, way="edit")
    return draft_kept(draft)


@blueprint.get("/drafts/<int:draft_id>/removal")
@signed_in
def ask_draft_removal(draft_id: int) -> str:
    """Ask whether a draft shall go for good."""
    return render_template("comments/draft.html", draft=draft_for(asker(), draft_id), way="removal")


@blueprint.post("/drafts/<int:draft_id>/removal")
@signed_in
def discard_draft(draft_id: int) -> Response:
    """Discard a draft."""
    draft = draft_for(asker(), draft_id)
    back = room_url(draft.walkthrough)
    operations.discard_draft(by=asker(), draft=draft)
    return make_response("") if by_htmx() else redirect(back, 303)


@blueprint.post("/drafts/<int:draft_id>/posting")
@signed_in
def post_draft(draft_id: int) -> Response:
    """Post one draft alone; sent twice it leads to the comment that is there."""
    person, once = asker(), read(PostingForm).once
    try:
        draft = draft_for(person, draft_id)
    except NotFound:
        posted = queries.comment_posted_once(person.id, once) if once else None
        if posted is None:
            raise
        return draft_kept(posted)
    return draft_kept(operations.post_draft(by=person, draft=draft))
