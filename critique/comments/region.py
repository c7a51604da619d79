"""Drawings on the frame: what shapes there are, how much of them is kept, and in what form.

A region is a list of shapes. Coordinates are 0..1 of the picture, from its upper left corner, so
that they fit the same picture at any size. What somebody sends is never trusted: it is measured
before it is walked through, so that refusing a million points costs no more than counting them.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Shape: TypeAlias = dict[str, Any]

MOST_SHAPES = 50
MOST_POINTS = 2_000
LONGEST_TEXT = 80
HIGHEST_NUMBER = 99
# Characters of JSON, as it is stored (ASCII, so bytes too) and as it may be sent.
LARGEST_STORED = 64 * 1024
LARGEST_SENT = 4 * LARGEST_STORED
# A ten-thousandth of a frame 4000 pixels wide is less than half a pixel.
DECIMALS = 4
PRESSURE_DECIMALS = 2

_NEITHER = "This is not a drawing. Send a list of shapes, or nothing."
_TOO_LARGE = "This drawing is too large. Draw less on one frame, or write a second comment."
# Joiners inside letters and emoji; every other format character hides or turns text around.
_JOINERS = frozenset("\u200c\u200d")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class BadRegion(ValueError):
    """What was sent is no drawing that can be kept; the message says why, for people."""


def typed_region(sent: object) -> list[Shape] | None:
    """`region_of` a form's field, which holds the shapes as JSON text. Raises BadRegion."""
    return region_of(_parsed(sent) if isinstance(sent, str) else sent)


def region_of(shapes: object) -> list[Shape] | None:
    """What was drawn, checked, rounded and in one order of keys; None where nothing was drawn.

    Raises BadRegion.
    """
    if shapes is None or shapes == []:
        return None
    if not isinstance(shapes, list):
        raise BadRegion(_NEITHER)
    if len(shapes) > MOST_SHAPES:
        raise BadRegion(f"At most {MOST_SHAPES} shapes fit on one frame; these are {len(shapes)}.")
    kept = [_shape(shape, place) for place, shape in enumerate(shapes, 1)]
    if len(written(kept)) > LARGEST_STORED:
        raise BadRegion(_TOO_LARGE)
    return kept


def written(region: list[Shape]) -> str:
    """A region as JSON text without spaces, in ASCII."""
    return json.dumps(region, separators=(",", ":"))


def _parsed(text: str) -> object:
    if len(text) > LARGEST_SENT:
        raise BadRegion(_TOO_LARGE)
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadRegion("This drawing cannot be read: it is not JSON.") from None


def _shape(shape: object, place: int) -> Shape:
    name = shape.get("shape") if isinstance(shape, dict) else None
    reader = _READERS.get(name) if isinstance(name, str) else None
    if not isinstance(shape, dict) or not isinstance(name, str) or reader is None:
        raise BadRegion(f"Shape {place} is none of: {', '.join(_READERS)}.")
    keys, read = reader
    if shape.keys() != {"shape", *keys}:
        raise BadRegion(f"Shape {place} ({name}) has exactly: shape, {', '.join(keys)}.")
    try:
        return {"shape": name, **read(shape)}
    except BadRegion as wrong:
        raise BadRegion(f"Shape {place} ({name}): {wrong}") from None


def _pen(shape: Shape) -> Shape:
    points = shape["points"]
    if not isinstance(points, list) or not points:
        raise BadRegion("its points are a list of [x, y, pressure].")
    if len(points) > MOST_POINTS:
        raise BadRegion(f"a stroke has at most {MOST_POINTS} points; this one has {len(points)}.")
    return {"points": [_pressed(point) for point in points]}


def _pressed(point: object) -> list[float]:
    if not isinstance(point, list) or len(point) != 3:
        raise BadRegion("each of its points is [x, y, pressure].")
    return [_part(point[0]), _part(point[1]), _part(point[2], PRESSURE_DECIMALS)]


def _arrow(shape: Shape) -> Shape:
    return {"from": _point(shape["from"]), "to": _point(shape["to"])}


def _rectangle(shape: Shape) -> Shape:
    """From its upper left to its lower right corner, whichever way it was drawn."""
    (left, top), (right, bottom) = _point(shape["from"]), _point(shape["to"])
    return {
        "from": [min(left, right), min(top, bottom)],
        "to": [max(left, right), max(top, bottom)],
    }


def _text(shape: Shape) -> Shape:
    text = shape["text"]
    if not isinstance(text, str):
        raise BadRegion("its text must be text.")
    if len(text) > LONGEST_TEXT:
        raise BadRegion(f"a text on the frame has at most {LONGEST_TEXT} characters.")
    text = unicodedata.normalize("NFC", text.strip())
    if not text:
        raise BadRegion("its text is empty.")
    if any(unicodedata.category(sign) in _UNSEEN and sign not in _JOINERS for sign in text):
        raise BadRegion("its text has characters that nobody can see; leave them out.")
    return {"at": _point(shape["at"]), "text": text}


def _pin(shape: Shape) -> Shape:
    number = shape["number"]
    if type(number) is not int or not 1 <= number <= HIGHEST_NUMBER:
        raise BadRegion(f"its number is a whole one from 1 to {HIGHEST_NUMBER}.")
    return {"at": _point(shape["at"]), "number": number}


def _point(point: object) -> list[float]:
    if not isinstance(point, list) or len(point) != 2:
        raise BadRegion("a place on the frame is [x, y].")
    return [_part(point[0]), _part(point[1])]


def _part(value: object, decimals: int = DECIMALS) -> float:
    """A number from 0 to 1, rounded; NaN fails here because it is in no range."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadRegion("places and pressures are numbers from 0 to 1.")
    return abs(round(float(value), decimals))


_READERS: Final[dict[str, tuple[tuple[str, ...], Callable[[Shape], Shape]]]] = {
    "pen": (("points",), _pen),
    "arrow": (("from", "to"), _arrow),
    "rectangle": (("from", "to"), _rectangle),
    "text": (("at", "text"), _text),
    "pin": (("at", "number"), _pin),
}


def _described(name: str, **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "required": ["shape", *properties],
        "properties": {"shape": {"type": "string", "enum": [name]}, **properties},
        "additionalProperties": False,
    }


def _numbers(length: int) -> dict[str, object]:
    number = {"type": "number", "minimum": 0, "maximum": 1}
    return {"type": "array", "items": number, "minItems": length, "maxItems": length}


# JSON Schema of a region, for the API's description.
SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "description": "Shapes on the frame; coordinates are 0..1 of the picture, [0, 0] upper left.",
    "maxItems": MOST_SHAPES,
    "items": {
        "oneOf": [
            _described(
                "pen",
                points={
                    "type": "array",
                    "description": "[x, y, pressure]; 0.5 where a device knows no pressure.",
                    "items": _numbers(3),
                    "minItems": 1,
                    "maxItems": MOST_POINTS,
                },
            ),
            _described("arrow", **{"from": _numbers(2), "to": _numbers(2)}),
            _described("rectangle", **{"from": _numbers(2), "to": _numbers(2)}),
            _described(
                "text",
                at=_numbers(2),
                text={"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
            ),
            _described(
                "pin",
                at=_numbers(2),
                number={"type": "integer", "minimum": 1, "maximum": HIGHEST_NUMBER},
            ),
        ]
    },
}
