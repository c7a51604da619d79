"""Pages that compose several slices, read only."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

# Each module adds its pages to the blueprint above.
from critique.pages import compare, components, home, ledger, library, room, week  # noqa: E402, F401
