"""Where the live calls of a team are: an address with {room} in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from critique.accounts.access import must_lead
from critique.accounts.models import Person, Team
from critique.events.record import record_event
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid

ROOM = "{room}"
LONGEST = 300


def set_call_address(*, by: Person, team_id: int, address: str) -> Team:
    """Say where the team's calls are, by a lead or an admin; "" is the default address.

    Raises NotFound, Forbidden, or Invalid naming what is wrong with the address.
    """
    must_lead(by, team_id)
    team = db.session.get_one(Team, team_id)
    wanted = address.strip()
    wrong = _fault_of(wanted) if wanted else None
    if wrong is not None:
        raise Invalid(
            "Nothing was saved and what you typed is kept. Look at the address.",
            fields={"call_address": wrong},
        )
    before = team.call_address
    if before == wanted:
        return team
    team.call_address = wanted
    db.session.flush()
    record_event(
        "team.call_address_changed",
        by_id=by.id,
        subject="team",
        subject_id=team.id,
        team_id=team.id,
        before=before,
        after=wanted,
    )
    return team


def _fault_of(address: str) -> str | None:
    """What is wrong with an address, in a sentence; None when nothing is."""
    if len(address) > LONGEST:
        return f"At most {LONGEST} characters."
    if not address.isprintable() or re.search(r"[\s<>\"'\\]", address):
        return "An address has no spaces, quotes or brackets in it."
    if address.count(ROOM) != 1 or re.search(r"[{}]", address.replace(ROOM, "")):
        return "Write {room} once, where the name of the room goes: https://meet.jit.si/{room}."
    try:
        parts = urlsplit(address)
        return _fault_in(parts.scheme, parts.hostname, parts.netloc, parts.port)
    except ValueError:
        return "This is no web address."


def _fault_in(scheme: str, host: str | None, server: str, _port: int | None) -> str | None:
    if scheme != "https" or not host:
        return "Begin with https:// so that nobody on the way can listen in."
    if "@" in server:
        return "Leave the name and password out: everybody in a meeting sees the address."
    if ROOM in server:
        return "{room} belongs behind the name of the server."
    return None
