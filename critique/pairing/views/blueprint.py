"""The slice's blueprint."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pairing", __name__)
