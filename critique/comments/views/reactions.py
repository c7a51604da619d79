"""Nodding to a comment or a reply: a small page, and two forms that say which way."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from critique.accounts.login import asker, signed_in
from critique.comments import access
from critique.comments.answers import thread_changed
from critique.comments.forms import ReactionForm
from critique.comments.models import Comment, Reply
from critique.comments.operations.reactions import add_reaction, remove_reaction
from critique.comments.views.blueprint import blueprint
from critique.reviews.access import must_be_open
from critique.web.forms import read


@blueprint.app_template_global()
def my_reactions(comment: Comment, item: Comment | Reply) -> set[str]:
    """The kinds with which the person who looks has nodded to a comment or a reply."""
    reply_id = item.id if isinstance(item, Reply) else None
    return {
        row.kind
        for row in comment.reactions
        if (row.person_id, row.reply_id) == (asker().id, reply_id)
    }


@blueprint.get("/comments/<int:comment_id>/reactions")
@signed_in
def new_reaction(comment_id: int) -> str:
    """Show how one can nod to a comment."""
    return _way(access.comment_for(asker(), comment_id))


@blueprint.post("/comments/<int:comment_id>/reactions")
@signed_in
def react(comment_id: int) -> Response:
    """Nod to a comment."""
    comment = access.comment_for(asker(), comment_id)
    add_reaction(by=asker(), to=comment, kind=read(ReactionForm).kind)
    return thread_changed(comment)


@blueprint.post("/comments/<int:comment_id>/reactions/end")
@signed_in
def withdraw_reaction(comment_id: int) -> Response:
    """Take one's nod to a comment back."""
    comment = access.comment_for(asker(), comment_id)
    remove_reaction(by=asker(), to=comment, kind=read(ReactionForm).kind)
    return thread_changed(comment)


@blueprint.get("/replies/<int:reply_id>/reactions")
@signed_in
def new_reply_reaction(reply_id: int) -> str:
    """Show how one can nod to a reply."""
    return _way(access.reply_for(asker(), reply_id))


@blueprint.post("/replies/<int:reply_id>/reactions")
@signed_in
def react_to_reply(reply_id: int) -> Response:
    """Nod to a reply."""
    reply = access.reply_for(asker(), reply_id)
    add_reaction(by=asker(), to=reply, kind=read(ReactionForm).kind)
    return thread_changed(reply.comment)


@blueprint.post("/replies/<int:reply_id>/reactions/end")
@signed_in
def withdraw_reply_reaction(reply_id: int) -> Response:
    """Take one's nod to a reply back."""
    reply = access.reply_for(asker(), reply_id)
    remove_reaction(by=asker(), to=reply, kind=read(ReactionForm).kind)
    return thread_changed(reply.comment)


def _way(item: Comment | Reply) -> str:
    comment = item if isinstance(item, Comment) else item.comment
    must_be_open(comment.walkthrough.review)
    return render_template("comments/react.html", comment=comment, item=item)
