"""Reviews that were sent: a verdict, a summary, and the drafts that went with them."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel, RootModel
from pydantic.json_schema import SkipJsonSchema

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.api.person_shape import PersonShape
from critique.comments.models import Verdict
from critique.comments.operations import give_verdict
from critique.comments.review_forms import VerdictForm
from critique.comments.standing import comments_sent_with, whole_verdicts_of
from critique.reviews.access import review_for
from critique.walkthroughs.access import walkthrough_for


class NewVerdict(VerdictForm):
    """A verdict; `drafts` names the drafts that go with it, without it all of them do."""

    once: SkipJsonSchema[str | None] = None


class VerdictShape(BaseModel):
    """A review that was sent: on which version, with which comments."""

    id: int
    review_id: int
    walkthrough_id: int
    version: int | None
    by: PersonShape
    verdict: str
    body: str
    at: datetime
    comments: list[int]

    @classmethod
    def of(cls, given: Verdict, comments: list[int]) -> VerdictShape:
        """From a record, and the ids of the comments that were sent with it."""
        return cls(
            id=given.id,
            review_id=given.review_id,
            walkthrough_id=given.walkthrough_id,
            version=given.walkthrough.version,
            by=PersonShape.of(given.by),
            verdict=given.verdict,
            body=given.body,
            at=given.at,
            comments=comments,
        )


class VerdictList(RootModel[list[VerdictShape]]):
    """Verdicts of one request, the newest first."""


@blueprint.post("/walkthroughs/<int:walkthrough_id>/verdicts")
@documented(takes=NewVerdict, answers=VerdictShape, status=201)
def create_verdict(walkthrough_id: int) -> Response:
    """Send one's review of a version: a verdict, and drafts that become comments with it."""
    walkthrough = walkthrough_for(asker(), walkthrough_id)
    form = taken(NewVerdict)
    given = give_verdict(
        by=asker(),
        walkthrough=walkthrough,
        verdict=form.verdict,
        body=form.body,
        drafts=form.drafts,
    )
    return answer(VerdictShape.of(given, comments_sent_with([given.id]).get(given.id, [])), 201)


@blueprint.get("/reviews/<int:review_id>/verdicts")
@documented(answers=VerdictList)
def list_verdicts(review_id: int) -> Response:
    """List what reviewers made of a request, the newest first."""
    verdicts = whole_verdicts_of(review_for(asker(), review_id).id)
    comments = comments_sent_with([one.id for one in verdicts])
    return answer(VerdictList([VerdictShape.of(one, comments.get(one.id, [])) for one in verdicts]))
