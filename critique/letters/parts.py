"""The parts of a letter: its text, the files that came along, and a calendar's answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message

from critique.letters.hypertext import text_of

DEEPEST, MOST_PARTS = 20, 1_000
NAMED_FILES, NAME_CHARACTERS = 10, 80
# Smaller pictures inside of a letter are the logo of a signature, not something to be looked at.
DECORATION_BYTES = 32_000
ENVELOPES = {
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
    "application/ms-tnef", "text/x-amp-html",
}  # fmt: skip


class Hostile(ValueError):
    """More nesting or more parts than any letter has."""


@dataclass
class Found:
    """What a letter holds; `files` are names, `calendar` the text of its first calendar part."""

    texts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    calendar: str | None = None

    @property
    def text(self) -> str:
        """All its text, one after another."""
        return "\n\n".join(text for text in self.texts if text.strip())

    def add(self, other: Found, *, with_text: bool = True) -> None:
        """Take in what another one holds."""
        self.texts += other.texts if with_text else []
        self.files += other.files
        self.calendar = self.calendar or other.calendar


def parts_of(letter: Message) -> Found:
    """Open a letter. Raises Hostile."""
    return _Opening().open(letter, depth=0, beside=False)


class _Opening:
    def __init__(self) -> None:
        self.parts = 0

    def open(self, part: Message, *, depth: int, beside: bool) -> Found:
        """Open a part; `beside` says that it belongs to the text that it came with."""
        self.parts += 1
        if depth > DEEPEST or self.parts > MOST_PARTS:
            raise Hostile
        kind = part.get_content_type()
        if kind.startswith("message/"):
            return Found(files=[_name_of(part, "an attached mail")])
        if not part.is_multipart():
            return _leaf(part, kind, beside=beside)
        beside = kind == "multipart/related"
        inside = [
            self.open(child, depth=depth + 1, beside=beside)
            for child in part.get_payload()
            if isinstance(child, Message)
        ]
        return _one_of(inside) if kind == "multipart/alternative" else _all_of(inside)


def _all_of(inside: list[Found]) -> Found:
    whole = Found()
    for one in inside:
        whole.add(one)
    return whole


def _one_of(inside: list[Found]) -> Found:
    """The first wording that says something: plain text comes first (RFC 2046, 5.1.4)."""
    whole = Found()
    for one in inside:
        whole.add(one, with_text=not whole.text)
    return whole


def _leaf(part: Message, kind: str, *, beside: bool) -> Found:
    attached = part.get_content_disposition() == "attachment"
    if kind == "text/calendar":
        return Found(calendar=decoded(part))
    if kind in ENVELOPES:
        return Found()
    if kind in ("text/plain", "text/html") and not attached:
        words = decoded(part)
        return Found(texts=[text_of(words) if kind == "text/html" else unflowed(part, words)])
    if kind.startswith("image/") and beside and not attached and _size(part) < DECORATION_BYTES:
        return Found()
    return Found(files=[_name_of(part, f"a file ({kind})")])


def decoded(part: Message) -> str:
    """The text of a part, whatever is wrong with its encoding or its character set."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def unflowed(part: Message, text: str) -> str:
    """Text of which the soft line ends are taken back (format=flowed, RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    delete = str(part.get_param("delsp", "")).lower() == "yes"
    lines: list[str] = []
    open_line = False
    for line in text.splitlines():
        own = line.removeprefix(" ") if line.startswith(" ") else line
        flows = own.endswith(" ") and own != "-- " and not own.startswith(">")
        words = own[:-1] if flows and delete else own
        if open_line and not own.startswith(">") and own != "-- ":
            lines[-1] += words
        else:
            lines.append(words)
        open_line = flows
    return "\n".join(lines)


def _size(part: Message) -> int:
    content = part.get_payload(decode=True)
    return len(content) if isinstance(content, bytes) else 0


def _name_of(part: Message, otherwise: str) -> str:
    name = " ".join(str(part.get_filename("") or "").split())
    return name[:NAME_CHARACTERS] or otherwise
