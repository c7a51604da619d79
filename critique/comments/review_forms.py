"""Input of drafts and of the review they are sent with, for pages and programs alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from critique.comments.forms import Body, Kind, Number, Once, Summary, Weight
from critique.web.forms import Form

MOST_DRAFTS = 1000


def _not_too_many(ids: list[int]) -> list[int]:
    if len(ids) > MOST_DRAFTS:
        raise ValueError(f"At most {MOST_DRAFTS} comments go out at once.")
    return ids


Ids = Annotated[list[Number], AfterValidator(_not_too_many)]


class DraftEditForm(Form):
    """New words for a draft; what is not given stays. `revision` is what the writer saw."""

    body: Body | None = None
    kind: Kind | None = None
    weight: Weight | None = None
    aim_id: Number | None = None
    revision: Number | None = None


class DraftPageForm(DraftEditForm):
    """The same from a page, which sends every field."""

    body: Body
    revision: Number


class PostingForm(Form):
    """A draft that goes out alone; `once` is the key it is kept under, so that twice is once."""

    once: Annotated[str, Field(max_length=64)] | None = None


class VerdictForm(Form):
    """A verdict with an optional summary; without `drafts` all of them go out with it."""

    verdict: Literal["looks_good", "another_round", "lets_talk"]
    body: Summary = ""
    drafts: Ids | None = None
    once: Once | None = None


class VerdictPageForm(VerdictForm):
    """The same from a page, where what is not ticked stays behind."""

    drafts: Ids = Field(default_factory=list)
