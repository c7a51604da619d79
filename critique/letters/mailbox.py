"""The addresses of this installation: made with its keys, under its domain."""

from __future__ import annotations

from critique.config import Settings
from critique.letters.addresses import Address, address_in, local_part_of
from critique.web.app import settings

# The key made of the installation's own secret, while no other one is named.
OWN_KEY = 0


def mailbox_for(address: Address) -> str | None:
    """Where a letter of this kind, from this person, about this subject is sent to.

    None when no reply domain is configured.
    """
    configured = settings()
    if configured.reply_domain is None:
        return None
    number, secret = [*configured.reply_keys, (OWN_KEY, configured.secret_key)][0]
    return f"{local_part_of(address, number, secret)}@{configured.reply_domain}"


def known_address(recipient: str, configured: Settings) -> Address | None:
    """What a recipient's address says; None for all that Critique did not write itself."""
    local_part, at, domain = recipient.rpartition("@")
    if not at or domain.lower() != configured.reply_domain:
        return None
    keys = {OWN_KEY: configured.secret_key, **dict(configured.reply_keys)}
    return address_in(local_part, keys)
