"""What the door needs of a letter before it keeps it; all else is read later, and elsewhere."""

from __future__ import annotations

import hashlib
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

# More than any mail server writes above a letter.
HEAD_BYTES = 64 * 1024
# Each server that passes a letter on writes one line (RFC 5321, 6.3); Postfix gives up here too.
MOST_STATIONS = 50


def once_of(raw: bytes, recipient: str) -> str:
    """What a letter to this recipient is known by: its Message-ID, or all of it without one."""
    written = " ".join(_head(raw).get_all("Message-ID", [])[:1])
    said = "".join(str(written).split()).encode("utf-8", "replace") or hashlib.sha256(raw).digest()
    return hashlib.sha256(said + b"\0" + recipient.lower().encode()).hexdigest()


def goes_round(raw: bytes) -> bool:
    """Whether so many servers passed it on that it must be going in a circle."""
    return len(_head(raw).get_all("Received", [])) > MOST_STATIONS


def _head(raw: bytes) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(raw[:HEAD_BYTES], headersonly=True)
