"""What the API says of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from critique.comments.forms import DRAWN
from critique.comments.models import Draft
from critique.web.app import absolute_url


class DraftShape(BaseModel):
    """A comment that waits, and its anchor."""

    draft: Literal[True] = True
    id: int
    url: str
    walkthrough_id: int
    kind: str
    weight: str
    body: str
    aim_id: int | None
    start_ms: int
    end_ms: int
    words: dict[str, int] | None
    still_id: SkipJsonSchema[int | None]
    region: Annotated[list[dict[str, Any]] | None, DRAWN]
    quote: str
    quote_before: str
    quote_after: str
    revision: int
    created_at: datetime
    edited_at: datetime | None

    @classmethod
    def of(cls, draft: Draft) -> DraftShape:
        """From a record with its walkthrough loaded."""
        words = None
        if draft.first_word is not None and draft.last_word is not None:
            words = {"first": draft.first_word, "last": draft.last_word}
        made = {"draft", "url", "words"}
        columns: dict[str, Any] = {
            name: getattr(draft, name) for name in cls.model_fields if name not in made
        }
        room = absolute_url(
            "pages.room", review_id=draft.walkthrough.review_id, v=draft.walkthrough.version
        )
        return cls(**columns, words=words, url=f"{room}#draft-{draft.id}")
