"""Lists are plain arrays; where there is more, a `Link` header says where (RFC 8288)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from critique.web.app import settings


def link_to_next(response: Response, **changes: Any) -> None:
    """Name the next page: the same question with `changes` in its query."""
    query = urlencode({**request.args.to_dict(), **changes})
    address = f"{settings().base_url}{request.path}?{query}"
    response.headers["Link"] = f'<{address}>; rel="next"'
