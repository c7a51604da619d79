"""Drafts: comments that only their writer sees, until they are posted or sent with a verdict."""

from __future__ import annotations

from flask import Response
from pydantic import RootModel

from critique.accounts.login import asker
from critique.api.comments import CommentShape
from critique.api.documentation import blueprint, documented
from critique.api.draft_shape import DraftShape
from critique.api.exchange import answer, taken
from critique.comments.operations import discard_draft, edit_draft, post_draft
from critique.comments.review_forms import DraftEditForm
from critique.comments.unsent import draft_for, drafts_on
from critique.walkthroughs.access import walkthrough_for
from critique.web.app import absolute_url


class DraftChange(DraftEditForm):
    """New words for a draft; what is not given stays. With `revision` nothing newer is lost."""


class DraftList(RootModel[list[DraftShape]]):
    """One's own drafts on one version by time."""


@blueprint.get("/walkthroughs/<int:walkthrough_id>/drafts")
@documented(answers=DraftList)
def list_drafts(walkthrough_id: int) -> Response:
    """List one's own drafts on a walkthrough by time; nobody sees anybody else's."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    drafts = drafts_on(asker(), walkthrough.id)
    return answer(DraftList([DraftShape.of(draft) for draft in drafts]))


@blueprint.get("/drafts/<int:draft_id>")
@documented(answers=DraftShape)
def show_draft(draft_id: int) -> Response:
    """Show one of one's own drafts."""
    return answer(DraftShape.of(draft_for(asker(), draft_id)))


@blueprint.patch("/drafts/<int:draft_id>")
@documented(takes=DraftChange, answers=DraftShape)
def change_draft(draft_id: int) -> Response:
    """Rewrite a draft; its anchor stays."""
    draft = draft_for(asker(), draft_id)
    form = taken(DraftChange)
    changes = form.model_dump(exclude_none=True, exclude={"revision"})
    return answer(
        DraftShape.of(edit_draft(by=asker(), draft=draft, revision=form.revision, **changes))
    )


@blueprint.delete("/drafts/<int:draft_id>")
@documented(status=204)
def delete_draft(draft_id: int) -> Response:
    """Discard a draft for good."""
    discard_draft(by=asker(), draft=draft_for(asker(), draft_id))
    return Response(status=204)


@blueprint.post("/drafts/<int:draft_id>/posting")
@documented(answers=CommentShape, status=201)
def create_posting(draft_id: int) -> Response:
    """Post one draft alone, on the version it was written on."""
    comment = post_draft(by=asker(), draft=draft_for(asker(), draft_id))
    shape = CommentShape.of(comment, comment.walkthrough.review_id)
    return answer(shape, 201, absolute_url("api.show_comment", comment_id=comment.id))
