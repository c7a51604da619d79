"""The secret in a calendar's address, from the installation's key and the address's own seed."""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app

from critique.accounts.secret import digest
from critique.pairing.week.models import CalendarAddress


def secret_of(seed: str) -> str:
    """The 256 bits of an address, fit for a URL; the same seed and key always give the same."""
    key = str(current_app.secret_key).encode()
    made = hmac.new(key, f"calendar-address-{seed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def shown_secret(address: CalendarAddress) -> str | None:
    """The secret, to be shown to its owner; None when the installation's key is another by now."""
    secret = secret_of(address.seed)
    return secret if digest(secret) == address.digest else None
