"""Input of the pages about letters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from critique.web.forms import Form


class RehearsalForm(Form):
    """An answer as somebody writes it in a mail program, and the address it is sent from.

    With `partstat` it is what a calendar program answers to an invitation instead.
    """

    body: Annotated[str, Field(max_length=100_000)] = ""
    writer: Annotated[str, Field(max_length=320)] = ""
    partstat: Literal["", "ACCEPTED", "TENTATIVE", "DECLINED"] = ""
