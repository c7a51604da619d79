"""What goes in and comes out of the API: one JSON object in, JSON out."""

from __future__ import annotations

from typing import TypeVar

from flask import Response, jsonify, request
from pydantic import BaseModel

from critique.plumbing.errors import Invalid
from critique.web.forms import check, read

Shape = TypeVar("Shape", bound=BaseModel)


def taken(shape: type[Shape]) -> Shape:
    """The body as `shape`; no body at all is an empty object.

    Raises Invalid: 415 for anything but JSON, else naming each field that does not fit.
    """
    if not request.get_data():
        return check(shape, {})
    if not request.is_json:
        raise Invalid(
            "This address takes JSON. Nothing was changed; send the header "
            "Content-Type: application/json with it.",
            status=415,
            code="unsupported_media_type",
        )
    return read(shape)


def answer(shape: BaseModel, status: int = 200, location: str | None = None) -> Response:
    """A shape as JSON."""
    response = jsonify(shape.model_dump(mode="json"))
    response.status_code = status
    if location:
        response.headers["Location"] = location
    return response
