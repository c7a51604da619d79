"""Where the comments of earlier versions lie in one."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from pydantic import BaseModel, RootModel, model_validator

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer, taken
from critique.comments.access import comment_for
from critique.comments.forms import Number
from critique.comments.models import Placement
from critique.comments.operations import put_placement
from critique.comments.queries import placements_in
from critique.walkthroughs.access import walkthrough_for
from critique.web.forms import Form


class PlacementShape(BaseModel):
    """Where a comment lies in a version other than its own.

    `state` is exact, moved, uncertain or removed (then without times); `confidence` is 0..1; `how`
    tells what decided: same media, words, picture, quote, by hand, none.
    """

    comment_id: int
    walkthrough_id: int
    state: str
    start_ms: int | None
    end_ms: int | None
    still: int | None
    confidence: float
    how: str
    at: datetime

    @classmethod
    def of(cls, row: Placement) -> PlacementShape:
        """From a record."""
        return cls(
            comment_id=row.comment_id,
            walkthrough_id=row.walkthrough_id,
            state=row.state,
            start_ms=row.start_ms,
            end_ms=row.end_ms,
            still=row.still_id,
            confidence=row.confidence,
            how=row.how,
            at=row.at,
        )


class PlacementList(RootModel[list[PlacementShape]]):
    """The placements in one version, by time; what is removed stands at the end."""


class NewPlacement(Form):
    """A person's word on it: from `start_ms` (to `end_ms`) of that version, or `removed`."""

    start_ms: Number | None = None
    end_ms: Number | None = None
    removed: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> NewPlacement:
        if self.removed == (self.start_ms is not None):
            raise ValueError("Send start_ms, or removed: true.")
        return self


@blueprint.get("/walkthroughs/<int:walkthrough_id>/placements")
@documented(answers=PlacementList)
def list_placements(walkthrough_id: int) -> Response:
    """List where the comments of earlier versions lie in this one."""
    rows = placements_in(walkthrough_for(asker(), walkthrough_id).id)
    return answer(PlacementList([PlacementShape.of(row) for row in rows]))


@blueprint.put("/comments/<int:comment_id>/placements/<int:walkthrough_id>")
@documented(takes=NewPlacement, answers=PlacementShape)
def write_placement(comment_id: int, walkthrough_id: int) -> Response:
    """Put a comment where its passage is in a later version; nothing computed moves it again."""
    comment = comment_for(asker(), comment_id)
    there = walkthrough_for(asker(), walkthrough_id)
    form = taken(NewPlacement)
    row = put_placement(
        by=asker(), comment=comment, walkthrough=there, start_ms=form.start_ms, end_ms=form.end_ms
    )
    return answer(PlacementShape.of(row))
