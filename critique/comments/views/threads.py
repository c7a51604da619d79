"""Threads over HTTP: plain forms that lead back to the room, or partials for htmx."""

from __future__ import annotations

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import access, operations, queries
from critique.comments.answers import refused, thread_changed
from critique.comments.forms import (
    CommentEditForm,
    CommentForm,
    RemovalForm,
    ReplyEditForm,
    ReplyForm,
)
from critique.comments.models import Comment, Reply
from critique.comments.standing import newest_verdict_id
from critique.comments.talk import changed_since, talk_of
from critique.comments.views.blueprint import blueprint
from critique.comments.views.drafts import draft_kept
from critique.comments.views.writing import ask_why_once, tell_unclear
from critique.plumbing.errors import Conflict, Invalid
from critique.reviews.access import must_be_open
from critique.walkthroughs.access import walkthrough_for
from critique.walkthroughs.models import Walkthrough
from critique.web.forms import read


@blueprint.post("/walkthroughs/<int:walkthrough_id>/comments")
@signed_in
def create(walkthrough_id: int) -> Response:
    """Post a comment on a moment, a range or words, or keep it for one's review."""
    person = asker()
    walkthrough = walkthrough_for(person, walkthrough_id)
    try:
        form = read(CommentForm)
        ask_why_once(form.kind, form.body)
        keep = operations.add_draft if form.draft else operations.add_comment
        kept = keep(
            by=person,
            walkthrough=walkthrough,
            body=form.body,
            kind=form.kind,
            weight=form.weight,
            start_ms=form.start_ms,
            end_ms=form.end_ms,
            words=form.word_ids,
            transcript_id=form.transcript,
            aim_id=form.aim_id,
            region=form.region,
            still_id=form.still_id,
            once=form.once,
        )
    except (Invalid, Conflict) as error:
        return refused(error, "comments/new.html", walkthrough=walkthrough)
    if isinstance(kept, Comment) and not form.draft:
        tell_unclear(walkthrough.review, form.body)
        return thread_changed(kept)
    return draft_kept(kept)


def _way(way: str, comment: Comment, item: Comment | Reply | None = None) -> str:
    """The small page of one thing that can be done in a thread; its form goes to its address."""
    must_be_open(comment.walkthrough.review)
    return render_template("comments/way.html", way=way, comment=comment, item=item or comment)


@blueprint.get("/comments/<int:comment_id>/edit")
@signed_in
def edit(comment_id: int) -> str:
    """Show the form to rewrite a comment."""
    comment = access.comment_for(asker(), comment_id)
    access.must_edit(asker(), comment)
    must_be_open(comment.walkthrough.review)
    return render_template("comments/edit.html", item=comment, comment=comment)


@blueprint.post("/comments/<int:comment_id>")
@signed_in
def update(comment_id: int) -> Response:
    """Rewrite a comment; a refusal shows the form again, with both texts where two were written."""
    comment = access.comment_for(asker(), comment_id)
    try:
        form = read(CommentEditForm)
        operations.edit_comment(
            by=asker(),
            comment=comment,
            revision=form.revision,
            body=form.body,
            kind=form.kind,
            weight=form.weight,
        )
    except (Invalid, Conflict) as error:
        return refused(error, "comments/edit.html", item=comment, comment=comment)
    tell_unclear(comment.walkthrough.review, form.body)
    return thread_changed(comment)


@blueprint.get("/comments/<int:comment_id>/removal")
@signed_in
def ask_removal(comment_id: int) -> str:
    """Ask whether a comment shall go for good."""
    comment = access.comment_for(asker(), comment_id)
    access.must_remove(asker(), comment, comment.walkthrough.review)
    return _way("removal", comment)


@blueprint.post("/comments/<int:comment_id>/removal")
@signed_in
def remove(comment_id: int) -> Response:
    """Take a comment back."""
    comment = access.comment_for(asker(), comment_id)
    try:
        revision = read(RemovalForm).revision
        operations.remove_comment(by=asker(), comment=comment, revision=revision)
    except Conflict as error:
        return refused(error, "comments/way.html", way="removal", comment=comment, item=comment)
    return thread_changed(comment)


@blueprint.get("/comments/<int:comment_id>/replies")
@signed_in
def new_reply(comment_id: int) -> str:
    """Show the form that answers in a thread."""
    return _way("replies", access.comment_for(asker(), comment_id))


@blueprint.post("/comments/<int:comment_id>/replies")
@signed_in
def reply(comment_id: int) -> Response:
    """Answer in a thread."""
    comment = access.comment_for(asker(), comment_id)
    try:
        form = read(ReplyForm)
        operations.add_reply(
            by=asker(),
            comment=comment,
            body=form.body,
            once=form.once,
            recording_id=form.recording,
        )
    except (Invalid, Conflict) as error:
        return refused(error, "comments/new.html", walkthrough=comment.walkthrough, comment=comment)
    tell_unclear(comment.walkthrough.review, form.body)
    return thread_changed(comment)


@blueprint.get("/replies/<int:reply_id>/edit")
@signed_in
def edit_reply(reply_id: int) -> str:
    """Show the form to rewrite a reply."""
    found = access.reply_for(asker(), reply_id)
    access.must_edit(asker(), found)
    must_be_open(found.comment.walkthrough.review)
    return render_template("comments/edit.html", item=found, comment=found.comment)


@blueprint.post("/replies/<int:reply_id>")
@signed_in
def update_reply(reply_id: int) -> Response:
    """Rewrite a reply; a refusal shows the form again."""
    found = access.reply_for(asker(), reply_id)
    try:
        form = read(ReplyEditForm)
        operations.edit_reply(by=asker(), reply=found, revision=form.revision, body=form.body)
    except (Invalid, Conflict) as error:
        return refused(error, "comments/edit.html", item=found, comment=found.comment)
    tell_unclear(found.comment.walkthrough.review, form.body)
    return thread_changed(found.comment)


@blueprint.get("/replies/<int:reply_id>/removal")
@signed_in
def ask_reply_removal(reply_id: int) -> str:
    """Ask whether a reply shall go for good."""
    found = access.reply_for(asker(), reply_id)
    access.must_remove(asker(), found, found.comment.walkthrough.review)
    return _way("removal", found.comment, found)


@blueprint.post("/replies/<int:reply_id>/removal")
@signed_in
def remove_reply(reply_id: int) -> Response:
    """Take a reply back."""
    found = access.reply_for(asker(), reply_id)
    try:
        operations.remove_reply(by=asker(), reply=found, revision=read(RemovalForm).revision)
    except Conflict as error:
        parts = {"way": "removal", "comment": found.comment, "item": found}
        return refused(error, "comments/way.html", **parts)
    return thread_changed(found.comment)


@blueprint.get("/walkthroughs/<int:walkthrough_id>/threads")
@signed_in
def threads(walkthrough_id: int) -> Response:
    """The threads of a version that changed since event `?after=` as a partial; 204 for none.

    Without `after`, and when the request itself was changed, all of them. Every open room asks
    this every second or two, so the usual answer costs one query.
    """
    newest = queries.newest_change_for(asker(), walkthrough_id)
    after = request.args.get("after", -1, type=int)
    if after >= newest:
        answer = make_response("", 204)
    else:
        walkthrough = walkthrough_for(asker(), walkthrough_id)
        answer = make_response(_news_of(walkthrough, after, newest))
        answer.headers["Newest-Verdict"] = str(newest_verdict_id(walkthrough.review_id))
    answer.headers["Newest-Change"] = str(newest)
    return answer


def _news_of(walkthrough: Walkthrough, after: int, newest: int) -> str:
    changed = changed_since(walkthrough.review_id, after) if after > 0 else None
    found = talk_of(walkthrough.id, changed)
    return render_template(
        "comments/_threads.html",
        threads=found,
        walkthrough=walkthrough,
        newest=newest,
        gone=None if changed is None else sorted(changed - {thread.id for thread in found}),
    )
