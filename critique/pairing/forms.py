"""Shapes of what people send."""

from __future__ import annotations

from datetime import date

from critique.web.forms import Form


class PreferencesForm(Form):
    """In the weekly coffee or not, and away until a date."""

    coffee_in: bool = False
    snoozed_until: date | None = None


class SkipForm(Form):
    """Sit one ISO week ("2026-W48") out, or take it back."""

    week: str = ""
    skip: bool = False
