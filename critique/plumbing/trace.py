"""The id of the request or job at hand: in the log, in events, in what people are told."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
