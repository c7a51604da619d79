"""Mailing lists: weekly coffee, digest, direct asks. Each is left by one press, and by itself.

A link in a letter is signed, opaque, and good for one person and one list only.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from critique.plumbing.errors import NotFound
from critique.plumbing.mailer import site_url


@dataclass(frozen=True)
class ListToken:
    """Which list, whose mail it was, and what it was about (an ISO week; often nothing)."""

    of_list: str
    person_id: int
    about: str


def list_token(of_list: str, person_id: int, about: str = "") -> str:
    """Sign a list and a person for the links of a letter."""
    return str(_serializer().dumps([of_list, person_id, about]))


def read_list_token(text: str, *lists: str) -> ListToken:
    """What a link says. Raises NotFound for one that Critique did not write for one of `lists`."""
    try:
        match _serializer().loads(text):
            case [str(of_list), int(person_id), str(about)] if of_list in lists:
                return ListToken(of_list, person_id, about)
    except BadData:
        pass
    raise NotFound(
        "This link is not complete: mail programs sometimes cut long ones. "
        "Copy all of it from the mail, or sign in and change it there."
    )


def list_headers(of_list: str, title: str, leave_url: str) -> dict[str, str]:
    """One press in a mail client ends the list (RFC 2369, RFC 8058); List-Id after RFC 2919."""
    host = urlsplit(site_url()).hostname or "localhost"
    return {
        "List-Id": f"{title} <{of_list}.{host}>",
        "List-Unsubscribe": f"<{leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _serializer() -> URLSafeSerializer:
    secret = current_app.secret_key
    assert secret is not None
    return URLSafeSerializer(secret, salt="list-letter")
