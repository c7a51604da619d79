"""Pages that a link in a letter opens without a sign-in."""

from __future__ import annotations

from flask import Response, make_response


def shown_to_holder(html: str) -> Response:
    """Answer with a page whose address is a key: it must not travel on to another site."""
    response = make_response(html)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
