"""Shapes of what people send about a meeting; `sequence` is that of the meeting they looked at."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from critique.pairing.forms import LARGEST_ID
from critique.web.forms import Form


class _Seen(Form):
    sequence: int | None = Field(None, ge=0, le=LARGEST_ID)


class AnswerForm(_Seen):
    """What somebody answers to an invitation."""

    answer: Literal["accepted", "declined", "tentative"]


class TimeForm(_Seen):
    """When a meeting shall be instead: a moment with its zone."""

    starts_at: AwareDatetime


class PersonForm(_Seen):
    """Who shall come: in somebody's place, or as a third."""

    person_id: int = Field(ge=1, le=LARGEST_ID)
