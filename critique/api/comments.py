"""Comments, replies, resolutions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BaseModel, PlainValidator, RootModel
from pydantic.json_schema import SkipJsonSchema

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.draft_shape import DraftShape
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.api.reactions import ReactionShape, mentions_of, reactions_of
from critique.api.reply_shape import ReplyShape, Unclear
from critique.comments.access import comment_for
from critique.comments.forms import DRAWN, CommentEditForm, CommentForm, RemovalForm, ReplyForm
from critique.comments.models import Comment, Draft, Resolution
from critique.comments.naming import found_in
from critique.comments.operations import (
    add_comment,
    add_draft,
    add_reply,
    edit_comment,
    remove_comment,
)
from critique.comments.queries import threads_of
from critique.comments.region import region_of
from critique.plumbing.errors import Invalid
from critique.walkthroughs.access import walkthrough_for
from critique.web.app import absolute_url
from critique.web.forms import check_query


class NewComment(CommentForm):
    """A comment on words (`words`), on a moment (`start_ms`) or on a range (`end_ms` too)."""

    # Programs send shapes, never the text of them.
    region: Annotated[list[dict[str, Any]] | None, PlainValidator(region_of), DRAWN] = None
    # How pages spell the words and make a repeat harmless; programs need neither.
    first_word: SkipJsonSchema[int | None] = None
    last_word: SkipJsonSchema[int | None] = None
    transcript: SkipJsonSchema[int | None] = None
    still_id: SkipJsonSchema[int | None] = None
    once: SkipJsonSchema[str | None] = None


class NewReply(ReplyForm):
    """An answer in a thread."""

    once: SkipJsonSchema[str | None] = None


class ResolutionShape(BaseModel):
    """What was done about a comment, and at which moment of which version it can be seen."""

    id: int
    by: PersonShape
    at: datetime
    how: str
    note: str
    walkthrough_id: int | None
    at_ms: int | None
    confirmed_by: PersonShape | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, resolution: Resolution) -> ResolutionShape:
        """From a record."""
        confirmer = resolution.confirmed_by
        return cls(
            id=resolution.id,
            by=PersonShape.of(resolution.by),
            at=resolution.at,
            how=resolution.how,
            note=resolution.note,
            walkthrough_id=resolution.version_id,
            at_ms=resolution.at_ms,
            confirmed_by=PersonShape.of(confirmer) if confirmer else None,
            confirmed_at=resolution.confirmed_at,
        )


class CommentShape(BaseModel):
    """A comment, its anchor and its thread; a removed one has no body."""

    draft: Literal[False] = False
    id: int
    url: str
    walkthrough_id: int
    author: PersonShape
    kind: str
    weight: str
    body: str | None
    aim_id: int | None
    start_ms: int
    end_ms: int
    words: dict[str, int] | None
    still: int | None
    region: Annotated[list[dict[str, Any]] | None, DRAWN]
    quote: str
    quote_before: str
    quote_after: str
    revision: int
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    resolution: ResolutionShape | None
    replies: list[ReplyShape]
    reactions: list[ReactionShape]
    mentions: list[PersonShape]
    unclear_mentions: Unclear = []

    @classmethod
    def of(cls, comment: Comment, review_id: int) -> CommentShape:
        """From a record with its thread loaded."""
        resolution = comment.resolution
        words = None
        if comment.first_word is not None and comment.last_word is not None:
            words = {"first": comment.first_word, "last": comment.last_word}
        columns: dict[str, Any] = {
            name: getattr(comment, name)
            for name in (
                "id", "walkthrough_id", "kind", "weight", "aim_id", "start_ms", "end_ms", "quote",
                "quote_before", "quote_after", "region", "revision", "created_at", "edited_at",
                "removed_at",
            )
        }  # fmt: skip
        return cls(
            **columns,
            url=f"{absolute_url('pages.room', review_id=review_id)}#comment-{comment.id}",
            author=PersonShape.of(comment.author),
            body=None if comment.removed_at else comment.body,
            words=words,
            still=comment.still_id,
            resolution=ResolutionShape.of(resolution) if resolution else None,
            replies=[ReplyShape.of(reply) for reply in comment.replies],
            reactions=reactions_of(comment.reactions, None),
            mentions=mentions_of(comment.mentions, None),
        )


class Written(RootModel[CommentShape | DraftShape]):
    """What was written: a comment, or with `draft` one that only its writer sees."""


class CommentList(RootModel[list[CommentShape]]):
    """Comments of one version by time."""


@blueprint.post("/walkthroughs/<int:walkthrough_id>/comments")
@documented(takes=NewComment, answers=Written, status=201)
def create_comment(walkthrough_id: int) -> Response:
    """Comment on words, a moment or a range, now or as a draft."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    with _words_by_one_name():
        form = taken(NewComment)
        kept = (add_draft if form.draft else add_comment)(
            by=asker(),
            walkthrough=walkthrough,
            body=form.body,
            kind=form.kind,
            weight=form.weight,
            start_ms=form.start_ms,
            end_ms=form.end_ms,
            words=form.word_ids,
            aim_id=form.aim_id,
            region=form.region,
            still_id=form.still_id,
        )
    if isinstance(kept, Draft):
        at = absolute_url("api.show_draft", draft_id=kept.id)
        return answer(Written(DraftShape.of(kept)), 201, at)
    shape = CommentShape.of(kept, walkthrough.review_id)
    shape.unclear_mentions = found_in(walkthrough.review, form.body).unclear
    return answer(Written(shape), 201, _url(kept))


@blueprint.get("/walkthroughs/<int:walkthrough_id>/comments")
@documented(answers=CommentList)
def list_comments(walkthrough_id: int) -> Response:
    """List the comments of a walkthrough by time."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    threads = threads_of(walkthrough.id)
    shapes = [CommentShape.of(comment, walkthrough.review_id) for comment in threads]
    return answer(CommentList(shapes))


@blueprint.get("/comments/<int:comment_id>")
@documented(answers=CommentShape)
def show_comment(comment_id: int) -> Response:
    """Show a comment with its thread."""
    return _shown(comment_for(asker(), comment_id))


@blueprint.patch("/comments/<int:comment_id>")
@documented(takes=CommentEditForm, answers=CommentShape)
def edit_comment_words(comment_id: int) -> Response:
    """Rewrite your comment over the `revision` you read; 409 with both texts if it has changed."""
    comment = comment_for(asker(), comment_id)
    form = taken(CommentEditForm)
    edit_comment(
        by=asker(),
        comment=comment,
        revision=form.revision,
        body=form.body,
        kind=form.kind,
        weight=form.weight,
    )
    return _shown(comment)


@blueprint.delete("/comments/<int:comment_id>")
@documented(asks=RemovalForm, answers=CommentShape)
def delete_comment(comment_id: int) -> Response:
    """Take a comment back; with `revision`, only as you read it (else 409 with its words now)."""
    comment = comment_for(asker(), comment_id)
    revision = check_query(RemovalForm).revision
    remove_comment(by=asker(), comment=comment, revision=revision)
    return _shown(comment)


@blueprint.post("/comments/<int:comment_id>/replies")
@documented(takes=NewReply, answers=ReplyShape, status=201)
def create_reply(comment_id: int) -> Response:
    """Reply in a thread."""
    comment = comment_for(asker(), comment_id)
    form = taken(NewReply)
    reply = add_reply(by=asker(), comment=comment, body=form.body, recording_id=form.recording)
    shape = ReplyShape.of(reply)
    shape.unclear_mentions = found_in(comment.walkthrough.review, form.body).unclear
    return answer(shape, 201, _url(comment))


def _shown(comment: Comment) -> Response:
    return answer(CommentShape.of(comment, comment.walkthrough.review_id))


def _url(comment: Comment) -> str:
    return absolute_url("api.show_comment", comment_id=comment.id)


@contextmanager
def _words_by_one_name() -> Iterator[None]:
    """Programs name the words `words` and the picture `still`, so refusals do too."""
    try:
        yield
    except Invalid as error:
        names = {"first_word": "words", "last_word": "words", "still_id": "still"}
        error.fields = {names.get(name, name): why for name, why in error.fields.items()}
        raise
