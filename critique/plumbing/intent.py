"""Whether the work at hand only reads, or may write; kept per request, job or command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_reading: ContextVar[bool] = ContextVar("reading", default=False)


def is_reading() -> bool:
    """True inside `reading()`: the transaction must not write."""
    return _reading.get()


@contextmanager
def reading() -> Iterator[None]:
    """Everything inside only reads: SQLite then needs no write lock, and a flush is refused."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)
