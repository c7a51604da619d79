"""Shapes of what people send about webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from critique.activity.hooks.occasions import OCCASIONS
from critique.plumbing.outgoing import LONGEST_ADDRESS
from critique.web.forms import Form

Kind = Literal["plain", "slack", "teams"]


def known_occasions(names: list[str]) -> list[str]:
    """The same, if all are known and there is one. Raises ValueError with a sentence."""
    if unknown := [name for name in names if name not in OCCASIONS]:
        raise ValueError(f"Unknown: {', '.join(unknown)[:100]}. Choose of {', '.join(OCCASIONS)}.")
    if not names:
        raise ValueError("Choose at least one, else it is told nothing.")
    return names


Occasions = Annotated[list[str], AfterValidator(known_occasions)]


class WebhookForm(Form):
    """A new webhook."""

    name: str = Field(min_length=1, max_length=80)
    kind: Kind = "plain"
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS)
    occasions: Occasions = Field(default_factory=list, validate_default=True)


class WebhookChange(Form):
    """Another name, or other occasions, for a webhook that is there; null is as it was."""

    name: str | None = Field(None, min_length=1, max_length=80)
    occasions: list[str] | None = None

    @field_validator("occasions")
    @classmethod
    def _known(cls, names: list[str] | None) -> list[str] | None:
        return None if names is None else known_occasions(names)


class WebhookEdit(Form):
    """The same from a page, which always sends both."""

    name: str = Field(min_length=1, max_length=80)
    occasions: Occasions = Field(default_factory=list, validate_default=True)
