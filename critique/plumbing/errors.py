"""One family of errors that people and programs meet.

Each carries a code for programs, a sentence for people (what happened, what is kept, what to do)
and, for bad input, the fields it is about. Pages and API render the same error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CritiqueError(Exception):
    """Base of every error that is answered to a person or a program."""

    status = 500
    code = "error"
    title = "Something went wrong"

    def __init__(
        self,
        sentence: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.code = code or self.code
        self.status = status or self.status
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class NotFound(CritiqueError):
    """It is not there, or not for this person: both look the same from outside."""

    status = 404
    code = "not_found"
    title = "Not here"

    def __init__(
        self,
        sentence: str = "There is nothing here, or it is not shared with you. "
        "Check the link, or ask the person who sent it.",
        **rest: Any,
    ) -> None:
        super().__init__(sentence, **rest)


class Unauthenticated(CritiqueError):
    """Nobody is signed in, or the token is not valid (any more)."""

    status = 401
    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(CritiqueError):
    """The person may see it, but may not do this."""

    status = 403
    code = "forbidden"
    title = "Not yours to do"


class Invalid(CritiqueError):
    """The input cannot be used; `fields` names what and why."""

    status = 422
    code = "invalid"
    title = "Please check what you entered"


class Conflict(CritiqueError):
    """It stands otherwise than the asker thought; nothing was overwritten."""

    status = 409
    code = "conflict"
    title = "Not possible as things stand"


class TooLarge(CritiqueError):
    """More bytes than the limit told beforehand."""

    status = 413
    code = "too_large"
    title = "Too large"


class TooMany(CritiqueError):
    """Too many tries in a short time."""

    status = 429
    code = "too_many"
    title = "Too many tries"


class Unavailable(CritiqueError):
    """A part is not there now (503), or the disk is full (507); try again later."""

    status = 503
    code = "unavailable"
    title = "Not available just now"
