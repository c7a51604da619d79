"""Shapes of what people send."""

from __future__ import annotations

from critique.web.forms import Form


class HappenedForm(Form):
    """Whether a meeting that is over took place."""

    happened: bool
