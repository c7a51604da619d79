"""The API's description: each endpoint says what it takes and answers, OpenAPI is drawn from that.

Spectree only describes here; checking input is `web.forms`, so pages and API refuse alike.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import spectree
from flask import Blueprint, Response, current_app, jsonify
from pydantic import BaseModel
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from critique import __version__
from critique.accounts.login import signed_in
from critique.api.shapes import Problem
from critique.web.app import settings
from critique.web.idempotency import LONGEST_KEY

View = TypeVar("View", bound=Callable[..., Any])

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

tree = SpecTree(
    "flask",
    annotations=False,
    mode="strict",
    naming_strategy=lambda shape: shape.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    title="Critique",
    version=__version__,
    description="Review requests, walkthroughs, comments on words, the mentor queue, search. "
    "Times are RFC 3339 in UTC, media times integer milliseconds. Errors are problem+json. "
    "An Idempotency-Key on any POST makes a repeat harmless for a day. Recordings are uploaded by "
    "tus 1.0 at /uploads/ with the metadata review, filename, filetype and note; a recorded reply "
    "with reply (the id of a comment), filename and filetype.",
    security_schemes=[
        SecurityScheme(
            name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")
        ),
    ],
    security={"token": []},
)

# What any endpoint may answer besides its own success; 400 is a body or header nobody can read.
REFUSALS = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)
PROBLEM = {
    "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
}
LARGEST_ID = 2**31 - 1
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request gets the first answer again, for a day.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "pattern": "^[!-~]+$",
    },
}


@dataclass(frozen=True)
class Texts:
    """MIME types of bodies that are text, which Spectree has no words for."""

    takes: tuple[str, ...] = ()
    answers: str | None = None


_texts: dict[str, Texts] = {}


def documented(
    *,
    takes: type[BaseModel] | None = None,
    asks: type[BaseModel] | None = None,
    answers: type[BaseModel] | None = None,
    status: int = 200,
    texts: Texts | None = None,
) -> Callable[[View], View]:
    """Require a signed-in caller and describe the endpoint; its docstring becomes the summary."""

    def describe(view: View) -> View:
        # Spectree draws a shape anew for each status that has it, so only one of the refusals does;
        # `_complete` says that all of them look like this.
        shapes = {f"HTTP_{status}": answers, f"HTTP_{REFUSALS[0]}": Problem}
        refusals = [f"HTTP_{code}" for code in REFUSALS[1:]]
        guarded = signed_in(view)
        if texts:
            _texts[view.__name__] = texts
        documented_view = tree.validate(
            json=takes,
            query=asks,
            resp=spectree.Response(*refusals, **shapes),
            skip_validation=True,
            operation_id=view.__name__,
        )(guarded)
        return documented_view  # type: ignore[no-any-return]

    return describe


@blueprint.get("/openapi.json")
@tree.validate(
    resp=spectree.Response("HTTP_200"), skip_validation=True, operation_id="openapi", security={}
)
def openapi() -> Response:
    """The description itself; anybody may read it."""
    tree.app = current_app
    spec = copy.deepcopy(tree.spec)
    spec["servers"] = [{"url": settings().base_url}]
    for path in spec["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    return jsonify(spec)


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say what Spectree cannot: problem+json, bodies of text, the key of a POST, sizes of ids."""
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            response["content"] = PROBLEM
    if method == "post":
        operation["parameters"].append(IDEMPOTENCY_KEY)
    for parameter in operation["parameters"]:
        if parameter["in"] == "path" and parameter["name"].endswith("_id"):
            parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    texts = _texts.get(operation["operationId"], Texts())
    plain = {"schema": {"type": "string"}}
    if texts.answers:
        operation["responses"]["200"]["content"] = {texts.answers: plain}
    if texts.takes:
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(texts.takes, plain)}
