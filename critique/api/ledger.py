"""What was done about comments: answers, their confirmation, and all of it for a request."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel

from critique.accounts.login import asker
from critique.api.comments import CommentShape
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.comments.access import comment_for
from critique.comments.forms import ConfirmationForm, ResolutionForm
from critique.comments.ledger import ledger_of, verdicts_of
from critique.comments.ledger_lines import Answer, Ledger, Lies, Line
from critique.comments.models import Comment
from critique.comments.operations import (
    confirm_resolution,
    reopen_comment,
    resolve_comment,
    withdraw_confirmation,
)
from critique.reviews.access import review_for
from critique.walkthroughs.access import walkthrough_for
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import walkthroughs_of
from critique.web.app import absolute_url
from critique.web.forms import check_query


class AnswerShape(BaseModel):
    """What was done: done, wont_do, unclear or asked; `at_ms` is of that walkthrough."""

    id: int
    how: str
    note: str
    by: str
    at: datetime
    walkthrough_id: int | None
    version: int | None
    at_ms: int | None
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, row: Answer) -> AnswerShape:
        """From a row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class PlaceShape(BaseModel):
    """Where a comment lies in the version that was looked at.

    `state` is own, exact, moved, uncertain, removed, or unknown while it is still looked for.
    """

    state: str
    start_ms: int | None
    end_ms: int | None

    @classmethod
    def of(cls, row: Lies) -> PlaceShape:
        """From a row."""
        return cls(state=row.state, start_ms=row.start_ms, end_ms=row.end_ms)


class LineShape(BaseModel):
    """One comment of the ledger.

    `state` is open, asked, unclear, done, wont_do, confirmed, praise or removed (then without
    body). Done and wont_do wait for the comment's author to confirm, asked and unclear for words.
    """

    comment_id: int
    url: str
    state: str
    author: str
    kind: str
    weight: str
    body: str | None
    revision: int
    quote: str
    walkthrough_id: int
    version: int
    start_ms: int
    end_ms: int
    place: PlaceShape
    replies: int
    answer: AnswerShape | None

    @classmethod
    def of(cls, line: Line, room: str) -> LineShape:
        """From a row; `room` is the address of the request."""
        same = (
            "state", "author", "kind", "weight", "revision", "quote", "walkthrough_id", "version",
            "start_ms", "end_ms", "replies",
        )  # fmt: skip
        return cls(
            **{name: getattr(line, name) for name in same},
            comment_id=line.id,
            url=f"{room}?v={line.version}#comment-{line.id}",
            body=None if line.removed_at else line.body,
            place=PlaceShape.of(line.lies),
            answer=AnswerShape.of(line.answer) if line.answer else None,
        )


class VerdictLine(BaseModel):
    """A review that was sent: looks_good, another_round or lets_talk."""

    by: str
    verdict: str
    body: str
    version: int
    at: datetime


class LedgerShape(BaseModel):
    """What was done about each comment, by state, then by place in the version looked at."""

    review_id: int
    version: int | None
    all: int
    answered: int
    confirmed: int
    asked_back: int
    lines: list[LineShape]
    verdicts: list[VerdictLine]

    @classmethod
    def of(cls, review_id: int, found: Ledger, looked_at: Walkthrough | None) -> LedgerShape:
        """From the rows of a request."""
        tally = found.tally
        room = absolute_url("pages.room", review_id=review_id)
        return cls(
            review_id=review_id,
            version=looked_at.version if looked_at else None,
            all=tally.all,
            answered=tally.answered,
            confirmed=tally.confirmed,
            asked_back=tally.asked_back,
            lines=[LineShape.of(line, room) for line in found.lines],
            verdicts=[
                VerdictLine(**{name: getattr(sent, name) for name in VerdictLine.model_fields})
                for sent in verdicts_of(review_id)
            ],
        )


@blueprint.get("/reviews/<int:review_id>/ledger")
@documented(answers=LedgerShape)
def show_ledger(review_id: int) -> Response:
    """Show what was done about each comment, and where it lies in the newest version."""
    review = review_for(asker(), review_id)
    standing = [one for one in walkthroughs_of(review.id) if one.version and not one.removed_at]
    ready = [one for one in standing if one.state == "ready"]
    looked_at = next(reversed(ready or standing), None)
    return answer(LedgerShape.of(review.id, ledger_of(review.id, looked_at), looked_at))


@blueprint.put("/comments/<int:comment_id>/resolution")
@documented(takes=ResolutionForm, answers=CommentShape)
def put_resolution(comment_id: int) -> Response:
    """Answer a comment; repeating it changes nothing.

    `wont_do` and `asked` need a note; a question becomes a reply too. Where somebody else has
    answered, 409 `settled_meanwhile` holds `theirs` and `yours`; name theirs in `replaces` to take
    its place.
    """
    comment = comment_for(asker(), comment_id)
    form = taken(ResolutionForm)
    version = None
    if form.walkthrough is not None:
        version = walkthrough_for(asker(), form.walkthrough)
    resolve_comment(
        by=asker(),
        comment=comment,
        how=form.how,
        note=form.note,
        version=version,
        at_ms=form.at_ms,
        replaces=form.replaces,
    )
    return _shown(comment)


@blueprint.delete("/comments/<int:comment_id>/resolution")
@documented(asks=ConfirmationForm, answers=CommentShape)
def delete_resolution(comment_id: int) -> Response:
    """Reopen a comment; repeating it changes nothing. `resolution` names the answer you read."""
    comment = comment_for(asker(), comment_id)
    read_id = check_query(ConfirmationForm).resolution
    reopen_comment(by=asker(), comment=comment, resolution_id=read_id)
    return _shown(comment)


@blueprint.put("/comments/<int:comment_id>/confirmation")
@documented(takes=ConfirmationForm, answers=CommentShape)
def put_confirmation(comment_id: int) -> Response:
    """Confirm the answer; with `resolution`, only if it is still the one you read (else 409)."""
    comment = comment_for(asker(), comment_id)
    read_id = taken(ConfirmationForm).resolution
    confirm_resolution(by=asker(), comment=comment, resolution_id=read_id)
    return _shown(comment)


@blueprint.delete("/comments/<int:comment_id>/confirmation")
@documented(answers=CommentShape)
def delete_confirmation(comment_id: int) -> Response:
    """Take the confirmation back; repeating it changes nothing."""
    comment = comment_for(asker(), comment_id)
    withdraw_confirmation(by=asker(), comment=comment)
    return _shown(comment)


def _shown(comment: Comment) -> Response:
    return answer(CommentShape.of(comment, comment.walkthrough.review_id))
