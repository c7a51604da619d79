"""Signing by the Standard Webhooks scheme (standardwebhooks.com, version 1 of its specification).

A message carries `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: `v1,` and
the base64 of HMAC-SHA256 over `id.timestamp.body`; several are separated by spaces. Libraries that
check it exist for most languages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def secret_of(key: str, seed: str) -> str:
    """The secret of one webhook as people copy it, from the installation's key and its own seed."""
    made = hmac.new(key.encode(), f"webhook {seed}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """One signature: `v1,` and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{seconds}.".encode() + body
    made = hmac.new(key, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def signed_headers(
    secrets: Sequence[str], message_id: str, seconds: int, body: bytes
) -> dict[str, str]:
    """The three headers; with several secrets whoever knows one of them can check."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(
            signature(secret, message_id, seconds, body) for secret in secrets
        ),
    }
