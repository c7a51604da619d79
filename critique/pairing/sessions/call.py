"""Where the call of a meeting is."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from flask import current_app

from critique.pairing.models import Meeting

# Jitsi needs no account; a team may say another in its own words.
CALL_ADDRESS = "https://meet.jit.si/critique-{room}"


def call_url(meeting: Meeting) -> str:
    """The team's template, with a room name nobody can guess."""
    secret = str(current_app.secret_key).encode()
    room = hmac.new(secret, f"call-{meeting.uid}".encode(), hashlib.sha256).hexdigest()[:20]
    return (meeting.team.call_address or CALL_ADDRESS).replace("{room}", quote(room))
