"""Which moment of one version is which of another."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.comments.takes.timemap import Passage
from critique.comments.versions import pair_of
from critique.plumbing.errors import NotFound
from critique.walkthroughs.access import walkthrough_for


class PassageShape(BaseModel):
    """A stretch that lies in both versions; between its ends time runs on evenly enough."""

    from_start_ms: int
    from_end_ms: int
    to_start_ms: int
    to_end_ms: int

    @classmethod
    def of(cls, passage: Passage) -> PassageShape:
        """From a passage of the map."""
        return cls(
            from_start_ms=passage.old_start_ms,
            from_end_ms=passage.old_end_ms,
            to_start_ms=passage.new_start_ms,
            to_end_ms=passage.new_end_ms,
        )


class TimeMapShape(BaseModel):
    """The passages by their start in `from`; they cross where sections changed places.

    `from` and `to` are ids of walkthroughs. What lies in no passage has no counterpart.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    from_: int = Field(alias="from")
    to: int
    passages: list[PassageShape]


@blueprint.get("/walkthroughs/<int:walkthrough_id>/map/<int:other_id>")
@documented(answers=TimeMapShape)
def show_time_map(walkthrough_id: int, other_id: int) -> Response:
    """Show which passages of a version lie where in another version of the same request."""
    old, new = (walkthrough_for(asker(), one) for one in (walkthrough_id, other_id))
    if old.review_id != new.review_id:
        raise NotFound(
            "These two belong to different requests, so there is nothing to compare. "
            "The request lists its own versions under `walkthroughs`."
        )
    pair = pair_of(old, new)
    passages = [PassageShape.of(passage) for passage in pair.takes.known.passages()]
    shape = TimeMapShape.model_validate({"from": old.id, "to": new.id, "passages": passages})
    response = answer(shape)
    response.set_etag(pair.digest)
    response.make_conditional(request)
    return response
