"""Addresses that only Critique can make: who may answer what, signed, in 46 characters.

    reply+aaaaaaabaaaaaacaabv5...@reply.example.com
    kind  token

The token is Base32 (RFC 4648) of the key's number, the person's id, the subject's id and a
signature. Base32 in small letters, because mail systems may change the case of a local part, and
without padding: 25 bytes are 40 letters, so that each address has one spelling only.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

# A number of a key, two ids; then the first 128 bits of an HMAC-SHA-256.
_FACTS = struct.Struct(">BII")
_SIGNATURE_BYTES = 16
_LOCAL_PART = re.compile(r"([a-z]{2,20})\+([a-z2-7]{40})")


@dataclass(frozen=True)
class Address:
    """What an address says: a kind of answer, by whom, and about which subject (an id)."""

    kind: str
    person_id: int
    subject_id: int


def local_part_of(address: Address, key_number: int, secret: str) -> str:
    """What stands before the @: at most 64 characters (RFC 5321, 4.5.3.1.1), small letters only."""
    facts = _FACTS.pack(key_number, address.person_id, address.subject_id)
    token = base64.b32encode(facts + _signature(secret, address.kind, facts))
    return f"{address.kind}+{token.decode().lower()}"


def address_in(local_part: str, secrets: Mapping[int, str]) -> Address | None:
    """What a local part says; None when none of the numbered secrets signed it."""
    found = _LOCAL_PART.fullmatch(local_part.lower())
    if found is None:
        return None
    kind, token = found.groups()
    try:
        signed = base64.b32decode(token.upper())
    except binascii.Error:
        return None
    facts, signature = signed[: _FACTS.size], signed[_FACTS.size :]
    number, person_id, subject_id = _FACTS.unpack(facts)
    secret = secrets.get(number)
    if secret is None or not hmac.compare_digest(signature, _signature(secret, kind, facts)):
        return None
    return Address(kind, person_id, subject_id)


def _signature(secret: str, kind: str, facts: bytes) -> bytes:
    # The secret may sign other things elsewhere; what is signed here begins with words of its own.
    said = b"address of an incoming letter\0" + kind.encode() + b"\0" + facts
    return hmac.digest(secret.encode(), said, "sha256")[:_SIGNATURE_BYTES]
