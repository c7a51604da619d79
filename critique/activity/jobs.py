"""Jobs of this slice: writing the letters that are due."""

from __future__ import annotations

from datetime import date

from critique.activity.letters import write_asks_of, write_digest_of
from critique.plumbing.jobs import job


@job("rounds")
def write_digest(person_id: int, day: str) -> None:
    """Write the digest of a local day ("2026-11-26"), unless it is written or over."""
    write_digest_of(person_id, date.fromisoformat(day))


@job("rounds")
def write_asks(person_id: int) -> None:
    """Write one letter of everything that a person is asked and has not read."""
    write_asks_of(person_id)
