"""Input of pages and programs, checked by one pydantic shape for both."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_origin

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from critique.plumbing.errors import Invalid

Shape = TypeVar("Shape", bound=BaseModel)

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
UNKEPT = "This holds a NUL or half a character (a lone surrogate); leave it out."
SENTENCE = "Nothing was saved yet and what you typed is kept. Look at the marked fields."


class Form(BaseModel):
    """Base of all shapes: unknown fields are ignored, white space around text goes."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, data: object) -> object:
        """Nobody types a NUL, and PostgreSQL keeps none."""
        if not isinstance(data, dict):
            return data
        return {name: _cleaned(value) for name, value in data.items()}


def _cleaned(value: object) -> object:
    # One level of a list is all that a page can send, and JSON with a NUL in it was refused.
    if isinstance(value, list):
        return [entry.replace("\0", "") if isinstance(entry, str) else entry for entry in value]
    return value.replace("\0", "") if isinstance(value, str) else value


def read(shape: type[Shape]) -> Shape:
    """The request's JSON or form as `shape`. Raises Invalid naming each field that does not fit."""
    data = _json() if request.is_json else _form(shape)
    return check(shape, data)


def check_query(shape: type[Shape]) -> Shape:
    """The request's query string as `shape`. Raises Invalid naming each field that does not fit."""
    return check(shape, request.args.to_dict())


def check(shape: type[Shape], data: object) -> Shape:
    """`data` as `shape`. Raises Invalid naming each field that does not fit."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise Invalid(SENTENCE, fields=_sentences(error)) from None


def _json() -> object:
    try:
        data = request.get_json(silent=True)
    except RecursionError:
        data = None
    if not isinstance(data, dict):
        raise Invalid("The body must be one JSON object.", fields={"body": "Send a JSON object."})
    unkept = {name: UNKEPT for name, value in data.items() if not _can_be_kept(value)}
    if unkept:
        raise Invalid(SENTENCE, fields=unkept)
    # As with an empty input of a page, null means "not given".
    return {name: value for name, value in data.items() if value is not None}


def _can_be_kept(value: object) -> bool:
    """Whether a database keeps the text: JSON can spell NUL and halves of surrogate pairs."""
    # A list of what is left instead of a call inside a call: JSON may be nested deeper than those.
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str) and _NOT_TEXT.search(part):
            return False
        if isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, list):
            left += part
    return True


def _form(shape: type[BaseModel]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        if get_origin(field.annotation) in (list, tuple, set):
            data[name] = [text for text in request.form.getlist(name) if text.strip()]
        elif name in request.form:
            # An empty input means "not given": the shape's default applies.
            text = request.form[name]
            if text != "" or field.annotation is str:
                data[name] = text
    return data


# What pydantic finds -> how people are told.
_TOLD = {
    "missing": "This is needed.",
    # Every list has its own check, so what is too long by itself is always text.
    "string_too_long": "At most {max_length} characters.",
    "too_long": "At most {max_length} characters.",
    "literal_error": "Choose one of: {expected}.",
    "value_error": "{error}",
    "string_type": "This must be text.",
    "list_type": "This must be a list.",
    **dict.fromkeys(("bool_type", "bool_parsing"), "This must be true or false."),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
        "This must be a whole number.",
    ),
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        "Write a day such as 2026-12-21.",
    ),
    "model_type": "This must be a JSON object.",
}


def _sentences(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "body"
        found.setdefault(name, _sentence(dict(problem)))
    return found


def _sentence(problem: dict[str, Any]) -> str:
    context = problem.get("ctx", {})
    if problem["type"] in {"string_too_short", "too_short"}:
        return "This is needed." if context["min_length"] == 1 else "This is too short."
    told = _TOLD.get(problem["type"])
    return told.format(**context) if told else f"{problem['msg']}."
