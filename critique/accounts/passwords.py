"""Passwords: argon2id with the library's current parameters (RFC 9106, low-memory profile).

Hashing takes about a tenth of a second on purpose, so no transaction may be open meanwhile: on
SQLite it would hold up everybody's writing.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from critique.plumbing.transaction import must_be_closed

MIN_LENGTH = 10
# Long enough for any passphrase, short enough that hashing it costs no more than others.
MAX_LENGTH = 200

hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The string to store. Raises OpenTransaction while a transaction is open."""
    must_be_closed()
    return hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` belongs to `stored`; None takes the same time and is never right.

    Raises OpenTransaction while a transaction is open.
    """
    must_be_closed()
    if stored is None:
        # Hashing costs what verifying costs, so the time tells nobody which addresses exist.
        hasher.hash(password)
        return False
    try:
        return hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a stored hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)
