"""Addresses that notices are answered to."""

from __future__ import annotations

from critique.letters.addresses import Address
from critique.letters.mailbox import mailbox_for

REPLY = "reply"


def reply_address(person_id: int, comment_id: int) -> str | None:
    """Where this person's answers to this comment come in by mail; for the header Reply-To.

    None when no reply domain is configured. The same pair has the same address until the key
    changes. Whether the person may answer is asked when a letter arrives.
    """
    return mailbox_for(Address(REPLY, person_id, comment_id))
