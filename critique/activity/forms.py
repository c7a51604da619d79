"""Shapes of what people send."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from critique.web.forms import Form

# The largest id that a database integer holds.
LARGEST_ID = 2**31 - 1
SpanText = Annotated[str, StringConstraints(max_length=200)]


class SeenForm(Form):
    """Mark notices as read, up to one of them."""

    until: int | None = Field(None, ge=1, le=LARGEST_ID)


class MuteForm(Form):
    """Hear nothing of a request, or hear of it again."""

    mute: bool = True


class WishesForm(Form):
    """Which mail somebody wants, and when not; quiet hours as "22:00-07:00", empty is none."""

    weekly: bool = False
    digest: bool = False
    immediate: bool = False
    quiet: SpanText = ""
    quiet_0: SpanText = ""
    quiet_1: SpanText = ""
    quiet_2: SpanText = ""
    quiet_3: SpanText = ""
    quiet_4: SpanText = ""
    quiet_5: SpanText = ""
    quiet_6: SpanText = ""
