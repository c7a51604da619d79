"""Shapes of what people send."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from critique.web.forms import Form

LARGEST_ID = 2**31 - 1


class _FromAPage(Form):
    """`back` names the page that it was sent from and that comes next."""

    back: Literal["coffee", "week"] = "coffee"


class PreferencesForm(_FromAPage):
    """In the weekly coffee or not, and away until a date."""

    coffee_in: bool = False
    snoozed_until: date | None = None


class SkipForm(_FromAPage):
    """Sit one ISO week ("2026-W48") out, or take it back."""

    week: str = ""
    skip: bool = False


class ApartForm(Form):
    """Somebody not to be drawn for."""

    person_id: int = Field(ge=1, le=LARGEST_ID)


class GroupForm(Form):
    """A new coffee group; `name` may stay empty where a skill or being new names it."""

    kind: Literal["skill", "named", "newcomers"]
    name: str = Field("", max_length=120)
    skill: str = Field("", max_length=60)
    size: Literal[2, 3] = 2
    every_weeks: Literal[1, 2, 4] = 1

    @field_validator("size", "every_weeks", mode="before")
    @classmethod
    def _counted(cls, value: object) -> object:
        """A form sends digits."""
        return int(value) if isinstance(value, str) and value.isdecimal() else value


class GroupChangeForm(GroupForm):
    """How a group is called, how many sit at a table, how often it is drawn."""

    kind: Literal["skill", "named", "newcomers"] = "named"


class PlaceForm(Form):
    """Put somebody into a group, or take them out."""

    person_id: int = Field(ge=1, le=LARGEST_ID)
    is_in: bool = False
