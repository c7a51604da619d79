"""Input of the threads, for pages and programs alike."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from critique.comments.region import SCHEMA as REGION
from critique.comments.region import typed_region
from critique.web.forms import Form

LONGEST_BODY = 20_000
LARGEST = 2**31 - 1
# PostgreSQL cannot keep NUL, and nobody can see the others; tab and line breaks stay.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _plain(text: str) -> str:
    """Text with one kind of line break and nothing invisible."""
    cleaned = _visible(text)
    if not cleaned:
        raise ValueError("This is needed.")
    return cleaned


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _same_breaks(value: object) -> object:
    # A browser sends two characters for each line break, a program one: they count alike.
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("This must be a whole number.")  # noqa: TRY004 - pydantic reads only this
    return value


Body = Annotated[
    str,
    BeforeValidator(_same_breaks),
    Field(min_length=1, max_length=LONGEST_BODY),
    AfterValidator(_plain),
]
# The same, where saying nothing is fine too.
Summary = Annotated[
    str,
    BeforeValidator(_same_breaks),
    Field(max_length=LONGEST_BODY),
    AfterValidator(_visible),
]
Number = Annotated[int, BeforeValidator(_no_flag), Field(ge=0, le=LARGEST)]
Once = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Kind = Literal["question", "suggestion", "problem", "praise"]
Weight = Literal["must_fix", "take_it_or_leave_it"]
# How the API's description puts a region, which pydantic knows only as a list of anything.
DRAWN = WithJsonSchema({"anyOf": [REGION, {"type": "null"}]})
# Shapes as a list or, from a page, as its JSON text; every refusal is a sentence of region.py.
Region = Annotated[list[dict[str, Any]] | None, PlainValidator(typed_region), DRAWN]


class WordRange(BaseModel):
    """Ids of the first and the last word."""

    first: Number
    last: Number


class CommentForm(Form):
    """A new comment.

    Programs name its words as `words` and its picture as `still`, pages as `first_word`,
    `last_word` and `still_id`.
    """

    body: Body
    kind: Kind = "suggestion"
    weight: Weight = "take_it_or_leave_it"
    start_ms: Number | None = None
    end_ms: Number | None = None
    words: WordRange | None = None
    first_word: Number | None = None
    last_word: Number | None = None
    transcript: Number | None = None
    aim_id: Number | None = None
    region: Region = None
    still: Number | None = None
    still_id: Number | None = None
    draft: bool = False
    once: Once | None = None

    @model_validator(mode="before")
    @classmethod
    def _unfold_words(cls, data: Any) -> Any:
        """Give the two spellings of the words, and of the picture, one place."""
        if isinstance(data, dict) and "still" in data:
            data = {"still_id": data["still"], **data}
        if isinstance(data, dict) and isinstance(data.get("words"), dict):
            words = data["words"]
            return {**data, "first_word": words.get("first"), "last_word": words.get("last")}
        return data

    @property
    def word_ids(self) -> tuple[int | None, int | None] | None:
        """First and last word as given (one may be missing); None for a comment on a moment."""
        ids = (self.first_word, self.last_word)
        return None if ids == (None, None) else ids


class CommentEditForm(Form):
    """New words for a comment, written over the revision that the writer saw."""

    body: Body
    kind: Kind | None = None
    weight: Weight | None = None
    revision: Number


class ReplyForm(Form):
    """An answer in a thread: words, or what was recorded for it (an upload's id), or both."""

    recording: Number | None = None
    body: Summary = Field("", validate_default=True)
    once: Once | None = None

    @field_validator("body")
    @classmethod
    def _says_something(cls, body: str, info: ValidationInfo) -> str:
        if not body and info.data.get("recording") is None:
            raise ValueError("This is needed.")
        return body


class ReplyEditForm(Form):
    """New words for a reply, written over the revision that the writer saw."""

    body: Body
    revision: Number


Note = Annotated[str, BeforeValidator(_same_breaks), Field(max_length=1000)]


class ResolutionForm(Form):
    """What was done about a comment, perhaps at which moment (ms) of which walkthrough.

    `replaces` is the id of the answer of somebody else that this one shall take the place of.
    """

    how: Literal["done", "wont_do", "unclear", "asked"] = "done"
    note: Note = ""
    walkthrough: Number | None = None
    at_ms: Number | None = None
    replaces: Number | None = None


class ConfirmationForm(Form):
    """Yes to an answer; `resolution` is the id of the one that was read."""

    resolution: Number | None = None


class ReopeningForm(ConfirmationForm):
    """No to an answer, or one's own taken back; the note becomes a reply."""

    note: Note = ""
    once: Once | None = None


class RemovalForm(Form):
    """Words that shall go, as they were in the revision that was read."""

    revision: Number | None = None


class PreviewForm(Form):
    """Words to be shown as they would stand in the talk; `version` is where `1:23` leads."""

    body: Body
    version: Number | None = None


class ReactionForm(Form):
    """A nod; which kinds there are is said by the operation."""

    kind: Annotated[str, Field(max_length=40)] = ""
