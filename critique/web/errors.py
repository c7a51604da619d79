"""Two renderers for one family of errors: a page for people, problem+json for programs."""

from __future__ import annotations

import logging

from flask import (
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from critique.plumbing.errors import (
    CritiqueError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
)
from critique.plumbing.trace import request_id
from critique.plumbing.transaction import as_critique_error, release
from critique.web.app import PROGRAMS

log = logging.getLogger(__name__)

_SENTENCES: dict[int, CritiqueError] = {
    404: NotFound(),
    413: TooLarge("That is more than fits in one go. Nothing was changed; send less at a time."),
    429: TooMany("That was tried too often. Nothing was changed; wait a minute and try again."),
}


def wants_json() -> bool:
    """Whether the caller is a program: the API, an upload, htmx, or one that asks for JSON."""
    if request.path.startswith(PROGRAMS) or "HX-Request" in request.headers:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def install_errors(app: Flask) -> None:
    """Answer every exception through the two renderers."""
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response:
    release()
    known = _translate(error)
    if known.status >= 500:
        log.error("Request %s failed.", request_id.get(), exc_info=error)
    return answer_for(known)


def answer_for(error: CritiqueError) -> Response:
    """The response for an error, as page or problem+json."""
    if isinstance(error, Unauthenticated) and request.method == "GET" and not wants_json():
        return _to_sign_in()
    response = _problem(error) if wants_json() else _page(error)
    response.status_code = error.status
    response.headers.extend(error.headers)
    return response


def _to_sign_in() -> Response:
    target = request.full_path.rstrip("?")
    # htmx follows a redirect silently and would put the sign-in page into a corner of this one.
    if "HX-Request" in request.headers:
        return make_response("", 401, {"HX-Redirect": url_for("accounts.sign_in", next=target)})
    return make_response(redirect(url_for("accounts.sign_in", next=target), 303))


def _translate(error: Exception) -> CritiqueError:
    if isinstance(error, CritiqueError):
        return error
    if isinstance(error, CSRFError):
        return Invalid(
            "This page was open too long, or in another session. What you typed is kept in this "
            "browser; reload the page and send it again.",
            code="csrf",
            status=400,
        )
    if isinstance(error, HTTPException):
        return _from_http(error)
    return as_critique_error(error) or CritiqueError(
        "Something in Critique broke. What was saved before is safe, and this try changed nothing. "
        f"Try again; if it stays, tell your admin this number: {request_id.get()}."
    )


def _from_http(error: HTTPException) -> CritiqueError:
    status = error.code or 500
    known = _SENTENCES.get(status)
    if known is None:
        kind = {401: Unauthenticated, 403: Forbidden}.get(status, Invalid)
        known = kind(
            "Critique could not make sense of that request. Nothing was changed; "
            "go back and try it from the page.",
            status=status,
            code={400: "bad_request", 405: "method_not_allowed"}.get(status, "refused"),
        )
    # 405 must name what is allowed, 429 when to come back.
    kept = {
        name: value
        for name, value in error.get_response().headers.items()
        if name in {"Allow", "Retry-After"}
    }
    return type(known)(
        known.sentence, status=status, code=known.code, headers={**known.headers, **kept}
    )


def _problem(error: CritiqueError) -> Response:
    body = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.sentence,
        "fields": error.fields,
        "request_id": request_id.get(),
        **error.extra,
    }
    response = jsonify(body)
    response.content_type = "application/problem+json"
    # A refusal is said (static/js/boot.js), never put where the answer would have gone.
    response.headers["HX-Reswap"] = "none"
    return response


def _page(error: CritiqueError) -> Response:
    try:
        page = render_template("errors/error.html", error=error, reference=request_id.get())
    except SQLAlchemyError:
        # The page's own head asks who is looking; without a database it can only be words.
        release()
        return Response(f"{error.title}. {error.sentence}", error.status, mimetype="text/plain")
    return make_response(page, error.status)
