"""Kinds of letters that come in: the part of an address before the "+", and who deals with it.

A slice above registers one; the door takes letters of registered kinds only, and the job that
reads a letter hands it over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from critique.accounts.models import Person
from critique.letters.reading import Reading


@dataclass(frozen=True)
class Received:
    """A letter that its person wrote (From is their address), about the subject of its address.

    `once` stays the same however often the letter is dealt with.
    """

    person: Person
    subject_id: int
    once: str
    reading: Reading


@dataclass(frozen=True)
class Kind:
    """What becomes of letters to `name+...`; everything is called inside the caller's transaction.

    `take(received)` does it, and raises a CritiqueError when it may not be: then nothing is kept,
    and the person is told the error's sentence. `team_of(subject_id)` is the team whose admins see
    what came of it. `place_of(person, subject_id)` is a link to where it can be done by hand, None
    where the person sees nothing (any more). With `by_machines`, letters that mail programs write
    by themselves are taken too.
    """

    name: str
    take: Callable[[Received], None]
    team_of: Callable[[int], int | None]
    place_of: Callable[[Person, int], str | None]
    by_machines: bool = False


registry: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let letters of this kind in. Raises ValueError when another one has the name."""
    if kind.name in registry:
        raise ValueError(f"Two kinds of letters are named {kind.name}.")
    registry[kind.name] = kind
