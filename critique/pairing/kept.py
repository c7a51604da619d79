"""What a round was drawn from, packed to be kept with it, and read back to draw it again.

Kept are seats, history, who may not meet (not why), hours and the moment from which on could be
booked: all that tables, reasons and times follow from, with the seed and the weights beside it.
Names and addresses are not.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from critique.pairing.matching import Left
from critique.pairing.plan import Booking, Guest, Inputs
from critique.pairing.pool import Pair, Seat
from critique.plumbing.calendar import WorkingHours

VERSION = 1


def packed(inputs: Inputs) -> bytes:
    """Pack what a draw depends on; people who work alike share their hours."""
    calendars = {guest.hours: None for guest in inputs.guests.values()}
    place = {hours: at for at, hours in enumerate(calendars)}
    here = frozenset(seat.person_id for seat in inputs.seats)
    plain = {
        "version": VERSION,
        "week": inputs.week,
        "size": inputs.size,
        "not_before": inputs.not_before.isoformat(),
        "hours": [hours.to_json() for hours in calendars],
        "works": {str(one.id): place[one.hours] for one in inputs.guests.values()},
        "seats": [_seat_to_json(seat) for seat in inputs.seats],
        "met": _pairs_to_json(inputs.history, here),
        "proposed": _pairs_to_json(inputs.proposed, here),
        "forbidden": sorted(pair for pair in inputs.forbidden if here.issuperset(pair)),
        "edges": {str(one): count for one, count in inputs.edges.items() if one in here},
    }
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), level=6)


def unpacked(data: bytes, *, team_id: int, team: str) -> Inputs:
    """Read what `packed` wrote. Raises ValueError for anything else."""
    try:
        plain = json.loads(zlib.decompress(data))
        hours = [WorkingHours.from_json(one) for one in plain["hours"]]
        guests = {int(one): _guest(int(one), hours[at]) for one, at in plain["works"].items()}
        return Inputs(
            team_id=team_id,
            team=team,
            week=plain["week"],
            guests=guests,
            seats=tuple(_seat_from_json(one) for one in plain["seats"]),
            history=_pairs_from_json(plain["met"]),
            busy=frozenset(),
            not_before=datetime.fromisoformat(plain["not_before"]),
            forbidden=frozenset((a, b) for a, b in plain["forbidden"]),
            proposed=_pairs_from_json(plain["proposed"]),
            edges={int(one): count for one, count in plain["edges"].items()},
            size=plain["size"],
        )
    except (zlib.error, KeyError, TypeError, IndexError) as error:
        raise ValueError("What this round was drawn from cannot be read.") from error


def outcome_digest(bookings: Sequence[Booking], left: Sequence[Left]) -> str:
    """SHA-256 of what a draw came to: tables, reasons, times, and who was left for what reason."""
    known = [
        [[list(b.people), b.reason, b.starts_at.isoformat()] for b in bookings],
        [[one.person_id, one.reason] for one in left],
    ]
    return hashlib.sha256(json.dumps(known, separators=(",", ":")).encode()).hexdigest()


def _guest(person_id: int, hours: WorkingHours) -> Guest:
    return Guest(person_id, "", "", hours.zone, "", (), hours)


def _seat_to_json(seat: Seat) -> dict[str, Any]:
    plain = asdict(seat)
    return {**plain, "availability": f"{seat.availability:x}", "groups": sorted(seat.groups)}


def _seat_from_json(plain: Mapping[str, Any]) -> Seat:
    mask, groups = int(plain["availability"], 16), frozenset(plain["groups"])
    return Seat(**{**plain, "availability": mask, "groups": groups})


def _pairs_to_json(rounds: Mapping[Pair, int], here: frozenset[int]) -> list[tuple[int, int, int]]:
    return sorted((a, b, when) for (a, b), when in rounds.items() if a in here and b in here)


def _pairs_from_json(rows: Sequence[Sequence[int]]) -> dict[Pair, int]:
    return {(a, b): when for a, b, when in rows}
