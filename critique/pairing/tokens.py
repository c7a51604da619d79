"""The links in coffee mails: signed, opaque, and good for one person, one list and one week."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from critique.plumbing.errors import NotFound

LIST = "coffee"


@dataclass(frozen=True)
class LetterToken:
    """Whose mail it was, and of which ISO week."""

    person_id: int
    week: str


def token_for(person_id: int, week: str) -> str:
    """Sign a person and a week for the links of that week's mail."""
    return str(_serializer().dumps([LIST, person_id, week]))


def read_token(text: str) -> LetterToken:
    """What a link says. Raises NotFound for one that Critique did not write."""
    try:
        match _serializer().loads(text):
            case [str(name), int(person_id), str(week)] if name == LIST:
                return LetterToken(person_id, week)
    except BadData:
        pass
    raise NotFound(
        "This link is not complete: mail programs sometimes cut long ones. "
        "Copy all of it from the mail, or sign in and use the coffee page."
    )


def _serializer() -> URLSafeSerializer:
    secret = current_app.secret_key
    assert secret is not None
    return URLSafeSerializer(secret, salt="coffee-letter")
