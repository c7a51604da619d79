"""The slice's blueprint."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("letters", __name__)
