"""How names, addresses and skills are written: one reading each, for pages, commands and links."""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address

MAX_NAME = 120
MAX_WORDS = 120
MAX_ADDRESS = 254
MAX_SKILLS = 30
MAX_SKILL = 60

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]+\.)*[a-z0-9-]+")


def line(text: str) -> str:
    """A name on one line of 1 to 120 characters. Raises ValueError with a sentence.

    Control characters and the marks that reverse the direction of text are refused: names stand
    in mail headers and beside other people's words.
    """
    name = text.strip()
    if not name:
        raise ValueError("A name is needed.")
    if len(name) > MAX_NAME:
        raise ValueError(f"A name has at most {MAX_NAME} characters.")
    if _breaks_a_line(name):
        raise ValueError("A name stands on one line and has no invisible characters.")
    return name


def short_words(text: str) -> str:
    """A few words on one line, 120 characters at most or none. Raises ValueError."""
    words = text.strip()
    if len(words) > MAX_WORDS:
        raise ValueError(f"At most {MAX_WORDS} characters.")
    if _breaks_a_line(words):
        raise ValueError("Keep to one line without invisible characters.")
    return words


def _breaks_a_line(text: str) -> bool:
    # Persian and Indic names need the two joiners, U+200C and U+200D.
    plain = text.replace("\u200c", "").replace("\u200d", "")
    return any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in plain)


def address(text: str) -> str:
    """A mail address in lower case. Raises ValueError with a sentence.

    The part before the @ is ASCII without quotes, as nearly every address is; a domain written in
    another script is given in its xn-- form.
    """
    email = text.strip().lower()
    sentence = "Write a mail address such as maya@example.com."
    if len(email) > MAX_ADDRESS or not _ADDRESS.fullmatch(email):
        raise ValueError(sentence)
    try:
        Address(addr_spec=email)
    except (ValueError, IndexError):
        raise ValueError(sentence) from None
    return email


def skill_words(text: str) -> list[str]:
    """Skills from "Typography, checkout": lower case, each once. Raises ValueError."""
    words = [" ".join(part.split()).lower() for part in text.split(",")]
    skills = list(dict.fromkeys(word for word in words if word))
    if len(skills) > MAX_SKILLS:
        raise ValueError(f"Name at most {MAX_SKILLS} skills.")
    for skill in skills:
        if len(skill) > MAX_SKILL:
            raise ValueError(f"A skill has at most {MAX_SKILL} characters.")
        line(skill)
    return skills
