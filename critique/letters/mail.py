"""Answers to letters that were not taken whole: to the person's own address, and nobody else's."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

from flask import current_app

from critique.letters.models import IncomingLetter
from critique.letters.reading import Reading
from critique.plumbing.errors import CritiqueError, NotFound
from critique.plumbing.mailer import write_letter
from critique.plumbing.wording import one_line
from critique.web.app import settings

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,100}")
NAMED = 5

# By the refusal's code: what happened, and what to do.
CURES = {
    "closed": ("the request was closed meanwhile", "Reopen it, or ask its author to; then answer"),
    "removed": ("what you answered was removed meanwhile", "Write it as a new comment"),
    "empty": ("no words of yours were found in it", "Write above the quoted text, or answer"),
}
GONE = "there is nothing here any more that you could answer"


def own_address() -> str:
    """The address that Critique's letters are from, in lower case."""
    return parseaddr(settings().mail_from)[1].lower()


def reason_of(refusal: CritiqueError) -> str:
    """Why it was not taken, as one sentence for an admin."""
    if refusal.code in CURES:
        what = CURES[refusal.code][0]
        return f"{what[0].upper()}{what[1:]}."
    return " ".join(refusal.fields.values()) or refusal.sentence


def write_refusal(
    letter: IncomingLetter, reading: Reading | None, refusal: CritiqueError, place: str | None
) -> None:
    """Tell the person why their answer is not in the thread, what is kept and what to do."""
    if isinstance(refusal, NotFound) or place is None:
        # Somebody outside learns nothing of the team: not a title, not a name, not whether it is.
        _write(letter, "refused", reading, happened=GONE, cure=None, place=None)
        return
    happened, cure = CURES.get(refusal.code, (None, "Answer"))
    files = tuple(reading.files) if reading else ()
    _write(
        letter, "refused", reading, happened=happened, cure=cure, place=place,
        sentence=reason_of(refusal), files=_listed(files),
    )  # fmt: skip


def write_unreadable(letter: IncomingLetter, place: str | None) -> None:
    """Tell the person that a letter to their address could not be read."""
    _write(letter, "unreadable", None, place=place, hourly="unreadable")


def write_stranger(letter: IncomingLetter, reading: Reading, place: str | None) -> None:
    """Tell the person, and not the sender, that somebody answered from another address."""
    writer = reading.writer or ""
    shown = writer if _PLAIN_ADDRESS.fullmatch(writer) and writer != letter.person.email else None
    _write(letter, "stranger", None, place=place, writer=shown, hourly="stranger")


def write_files_left(letter: IncomingLetter, reading: Reading, place: str | None) -> None:
    """Tell the person that their words are posted, and the files that came along are not."""
    _write(letter, "files", reading, place=place, files=_listed(reading.files))


def _listed(files: tuple[str, ...]) -> list[str]:
    names = [one_line(name) for name in files[:NAMED]]
    return [*names, f"and {len(files) - NAMED} more"] if len(files) > NAMED else names


SUBJECTS = {
    "refused": "Your answer was not posted",
    "unreadable": "A letter to Critique could not be read",
    "stranger": "Somebody answered your Critique mail from another address",
    "files": "Your answer is posted, the files are not",
}


def _write(
    letter: IncomingLetter,
    what: str,
    reading: Reading | None,
    *,
    hourly: str | None = None,
    **words: Any,
) -> None:
    person = letter.person
    # Straight from Jinja: a letter has no viewer, so nothing of a request belongs into it.
    template = current_app.jinja_env.get_template(f"mail/letters/{what}.txt")
    hour = f"{letter.received_at:%Y-%m-%dT%H}"
    key = f"{hourly}-{person.id}-{hour}" if hourly else f"incoming-{letter.id}"
    write_letter(
        kind=f"letter-{what}",
        # What strangers can cause is written once an hour, whatever comes.
        key=key,
        to_name=person.name,
        to_address=person.email,
        person_id=person.id,
        team_id=letter.team_id if words.get("place") else None,
        subject=SUBJECTS[what],
        text=template.render(person=person, **words),
        headers=_thread(reading),
    )


def _thread(reading: Reading | None) -> dict[str, str]:
    """Headers that put the answer beside what it answers."""
    answered = (reading.message_id or "").strip() if reading else ""
    if not _MESSAGE_ID.fullmatch(answered):
        return {}
    return {"In-Reply-To": answered, "References": answered}
