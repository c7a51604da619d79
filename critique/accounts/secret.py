"""Random secrets that people and programs carry, and what is kept of them."""

from __future__ import annotations

import hashlib
import secrets


def fresh_secret() -> str:
    """A secret of 256 random bits, fit for a URL, a cookie or a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256 (secrets are random, so no slow hash is needed)."""
    return hashlib.sha256(secret.encode()).hexdigest()
