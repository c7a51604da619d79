"""Search over requests, transcripts and comments."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, Field, RootModel

from critique.accounts.login import asker
from critique.api.documentation import blueprint, documented
from critique.api.exchange import answer
from critique.pages.moments import LONGEST_QUERY, Moment, moments_for
from critique.web.app import settings
from critique.web.forms import Form, check_query


class SearchQuery(Form):
    """Words that must all be there; the last one may be a beginning."""

    q: str = Field("", max_length=LONGEST_QUERY)


class MomentShape(BaseModel):
    """A found passage and the address that plays it; `source` is review, transcript or comment."""

    review_id: int
    walkthrough_id: int | None
    version: int | None
    source: str
    source_id: int
    title: str
    text: str
    start_ms: int | None
    end_ms: int | None
    url: str

    @classmethod
    def of(cls, moment: Moment) -> MomentShape:
        """From a result."""
        return cls(
            review_id=moment.review.id,
            walkthrough_id=moment.walkthrough_id,
            version=moment.version,
            source=moment.source,
            source_id=moment.source_id,
            title=moment.review.title,
            text=moment.quote,
            start_ms=moment.start_ms,
            end_ms=moment.end_ms,
            url=settings().base_url + moment.path,
        )


class MomentList(RootModel[list[MomentShape]]):
    """Found moments, newest first."""


@blueprint.get("/search")
@documented(asks=SearchQuery, answers=MomentList)
def search_moments() -> Response:
    """Find moments by words."""
    found = moments_for(asker(), check_query(SearchQuery).q)
    return answer(MomentList([MomentShape.of(moment) for moment in found]))
