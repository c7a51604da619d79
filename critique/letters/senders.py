"""Who a letter is from, and whether the mail server in front says so too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage

# A long name, and the longest address there is (RFC 5321, 4.5.3.1.3).
LONGEST, LONGEST_ADDRESS = 2_000, 320


def writer_of(letter: EmailMessage) -> str | None:
    """The address in From, in lower case; None unless there is exactly one.

    Of two, some programs show the first and some the second.
    """
    if sum(len(value) for name, value in letter.raw_items() if name.lower() == "from") > LONGEST:
        # Taking a long one apart takes the square of its length.
        return None
    headers = letter.get_all("From", [])
    addresses = [address for header in headers for address in header.addresses]
    if len(headers) != 1 or len(addresses) != 1:
        return None
    address = str(addresses[0].addr_spec).lower()
    return address if len(address) <= LONGEST_ADDRESS else None


def is_vouched_for(results: Iterable[str], authserv: str) -> bool:
    """Whether the server named `authserv` found that the address in From is no lie.

    `results` are the values of Authentication-Results (RFC 8601), newest first. The server takes
    those away that bear its own name and are not its own (section 5), so the first one counts.
    """
    for said in results:
        plain = re.sub(r"\([^()]*\)", " ", said)
        name, *methods = plain.split(";")
        if name.split()[:1] == [authserv]:
            return any(re.match(r"\s*dmarc\s*=\s*pass\b", method) for method in methods)
    return False
