"""Headers of the tus protocol, read and written."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import request

from critique.accounts.models import Person
from critique.plumbing.errors import Conflict, Invalid
from critique.walkthroughs.access import walkthrough_for
from critique.walkthroughs.models import Upload

VERSION = "1.0.0"
# What a database integer holds.
LARGEST = 10**18


def read_metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: comma separated pairs of a key and a base64 value (UTF-8).

    Raises Invalid.
    """
    told: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise bad_request("Upload-Metadata could not be read.", "upload-metadata") from None
    return told


def metadata_of(upload: Upload) -> str:
    """`Upload-Metadata` of an upload."""
    told: dict[str, Any] = {
        "review": upload.review_id,
        "filename": upload.filename,
        "filetype": upload.filetype,
        "note": upload.note,
    }
    return ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in told.items()
    )


def whole_number(text: str) -> int | None:
    """A number of metadata or of a header, None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 100 else None


def number_in(header: str) -> int:
    """The number a header of this request holds. Raises Invalid."""
    found = whole_number(request.headers.get(header, ""))
    if found is None or found > LARGEST:
        raise bad_request(f"{header} must be a whole number of bytes.", header.lower())
    return found


def bad_request(sentence: str, field: str) -> Invalid:
    """A header that cannot be read (400)."""
    return Invalid(sentence, status=400, code="bad_request", fields={field: sentence})


def review_in(person: Person, told: dict[str, str]) -> int:
    """The request named in the metadata, or that of the version named there. Raises Invalid."""
    walkthrough = walkthrough_in(told)
    if "review" not in told and walkthrough is not None:
        return walkthrough_for(person, walkthrough).review_id
    review = whole_number(told.get("review", ""))
    if review is None:
        raise Invalid(
            "Name the review request this belongs to. Nothing was sent.",
            fields={"review": "The number of a review request."},
        )
    return review


def walkthrough_in(told: dict[str, str]) -> int | None:
    """The version a picture shall join, None for a version of its own. Raises Invalid."""
    if not told.get("walkthrough"):
        return None
    found = whole_number(told["walkthrough"])
    if found is None:
        raise Invalid(
            "Name the version this picture joins by its number. Nothing was sent.",
            fields={"walkthrough": "The id of a version that is pictures."},
        )
    return found


def reply_in(told: dict[str, str]) -> int | None:
    """The comment that a recorded reply answers, None for anything else. Raises Invalid."""
    if "reply" not in told:
        return None
    found = whole_number(told["reply"])
    if found is None:
        raise Invalid(
            "Name the comment this replies to by its number. Nothing was sent.",
            fields={"reply": "The id of a comment."},
        )
    return found


def hold_offset(offset: int, received: int) -> None:
    """Raise Conflict, with the offset to go on from, unless bytes begin where those here end."""
    if offset != received:
        raise Conflict(
            f"{received} bytes are here, and these begin at {offset}. Nothing was changed; go on "
            f"from {received}.",
            code="wrong_offset",
            headers={"Upload-Offset": str(received)},
        )


def must_be_version() -> None:
    """Raise Invalid (412) unless the client speaks our version of the protocol."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Invalid(
            f"This server speaks tus {VERSION}.",
            status=412,
            code="tus_version",
            headers={"Tus-Version": VERSION},
        )
