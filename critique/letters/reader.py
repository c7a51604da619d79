"""Runs as its own program inside the sandbox: read one letter from a file, print what it says."""

from __future__ import annotations

import re
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from critique.letters.machines import why_by_machine
from critique.letters.own_words import own_words
from critique.letters.parts import MOST_PARTS, NAMED_FILES, Hostile, parts_of
from critique.letters.reading import Reading
from critique.letters.senders import writer_of

LONGEST_HEADER, MOST_RESULTS, LONGEST_CALENDAR = 2_000, 5, 200_000
_PART = re.compile(rb"^content-type:", re.IGNORECASE | re.MULTILINE)


def reading_of(raw: bytes, mail_from: str) -> Reading:
    """Read a letter (bytes as they came) whose envelope names this sender. Raises Hostile."""
    if len(_PART.findall(raw)) > MOST_PARTS:
        # Before it is taken apart, which takes the square of their number.
        raise Hostile
    letter = message_from_bytes(raw, policy=default)
    assert isinstance(letter, EmailMessage)
    found = parts_of(letter)
    return Reading(
        writer=writer_of(letter),
        machine=why_by_machine(
            lambda name: _raw(letter, name),
            mail_from,
            next(iter(_raw(letter, "Subject")), ""),
            letter.get_content_type(),
        ),
        message_id=next(iter(_raw(letter, "Message-ID")), None),
        words=_printable(own_words(found.text)),
        files=tuple(_printable(name) for name in found.files[:NAMED_FILES]),
        calendar=found.calendar and _printable(found.calendar[:LONGEST_CALENDAR]),
        results=tuple(_raw(letter, "Authentication-Results")[:MOST_RESULTS]),
    )


def _raw(letter: EmailMessage, wanted: str) -> list[str]:
    """Values as they came, on one line: parsing a hostile one may fail, and need not be tried."""
    return [
        " ".join(str(value).split())[:LONGEST_HEADER]
        for name, value in letter.raw_items()
        if name.lower() == wanted.lower()
    ]


def _printable(text: str) -> str:
    """Text that a database keeps: without NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def main() -> None:
    """Read the file named first; the envelope's sender is named second."""
    sys.stdout.write(reading_of(Path(sys.argv[1]).read_bytes(), sys.argv[2]).as_json())


if __name__ == "__main__":
    main()
