"""What somebody wrote in an answer, without what it quotes and without their signature.

`mailparser_reply` knows how mail programs introduce what they quote, in twelve languages, and how
signatures begin. It cuts generously ("From: 12 px" over "To: 16 px" is a mail's head to it, and a
line that begins with "Thanks," a signature), so each cut has to look like one here: when in doubt
words stay, because a signature too many can be read past and a sentence too few cannot.
"""

from __future__ import annotations

import re
from itertools import groupby

from mailparser_reply.parser import EmailMessage

# Without Polish: there one line "Data: ..." or "Do: ..." is taken for the head of a mail.
INTRODUCTIONS = ["en", "de", "fr", "es", "it", "nl", "da", "sv", "cs", "ja", "ko", "zh", "david"]
SIGNATURES = ["en", "de"]
# Quoted lines count as one, so this is as much as somebody writes; the rest is an unmarked quote.
READ_CHARACTERS = 60_000
LONG_LINE = 400
# What stands for one run of quoted lines.
QUOTED = ">"
_QUOTED_LINE = re.compile(r"[ \t]*>")
# Where a mail says who wrote the one it quotes, it says an address, a time of day or a year.
_SAYS_WHEN_OR_WHO = re.compile(r"@|\d[:.h]\d\d|\b\d{4}|\d{4}年|-{5} ?Original Message")
# Outlook draws one above what it quotes.
_RULER = re.compile(r"^[_-]{20,}\s*\Z", re.MULTILINE)
INTRODUCTION_LINES = 4
SIGNATURE_LINES, SIGNATURE_CHARACTERS, SIGNATURE_TRIES = 14, 700, 20
CLOSING_WORDS = 5


def own_words(text: str) -> str:
    """The new words in the text of an answer, whether they stand above, below or between."""
    shield = _Shield()
    folded = shield.over("\n".join(_folded(text))[:READ_CHARACTERS])
    return shield.off("\n\n".join(filter(None, map(_unsigned, _new_pieces(folded)))))


class _Shield:
    """Long lines out of the way: the library's patterns take the square of a line's length.

    No mail program introduces a quote by a line of 400 characters.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def over(self, text: str) -> str:
        """The text with a short line for each long one."""
        return "\n".join(map(self._shielded, re.sub("[\ue000\ue001]", "", text).split("\n")))

    def off(self, text: str) -> str:
        """The long lines back in their places."""
        return re.sub("\ue000(\\d+)\ue001", lambda found: self.lines[int(found[1])], text)

    def _shielded(self, line: str) -> str:
        if len(line) <= LONG_LINE:
            return line
        self.lines.append(line)
        return f"\ue000{len(self.lines) - 1}\ue001"


def _folded(text: str) -> list[str]:
    """Lines, a run of quoted or empty ones as one: what follows is not linear in their number."""
    lines: list[str] = []
    for kind, run in groupby(text.splitlines(), key=_kind):
        lines += run if kind is None else [kind]
    return lines


def _kind(line: str) -> str | None:
    """What any number of such lines one after another come to; None for lines with words."""
    if not line.strip():
        return ""
    return QUOTED if _QUOTED_LINE.match(line) else None


def _new_pieces(text: str) -> list[str]:
    """Pieces that are the writer's own: up to the first quote whose lines are unmarked."""
    read = EmailMessage(text=text, languages=list(INTRODUCTIONS))
    whole, pieces, start = str(read.text), [], 0
    for introduction in read.HEADER_REGEX.finditer(whole):
        if not _SAYS_WHEN_OR_WHO.search(introduction.group()):
            continue
        pieces.append(_RULER.sub("", whole[start : introduction.start()]))
        start = introduction.end()
        if not whole[start:].lstrip().startswith(QUOTED):
            break
    else:
        pieces.append(whole[start:])
    return _unquoted("\n".join(pieces))


def _unquoted(text: str) -> list[str]:
    """What stands between quoted lines, without the line that introduces them in any language."""
    pieces = re.split(rf"^{QUOTED}$", text, flags=re.MULTILINE)
    return [_unintroduced(piece) for piece in pieces[:-1]] + [pieces[-1].strip()]


def _unintroduced(piece: str) -> str:
    own, _, last = piece.strip().rpartition("\n\n")
    lines = last.splitlines()
    introduces = (
        last.endswith((":", "：")) and len(lines) <= INTRODUCTION_LINES
        and _SAYS_WHEN_OR_WHO.search(last)
    )  # fmt: skip
    return own.strip() if introduces else piece.strip()


def _unsigned(piece: str) -> str:
    signature = EmailMessage(text=piece, languages=SIGNATURES, keep_hyphen_lists=True)
    text, start = str(signature.text), 0
    for _ in range(SIGNATURE_TRIES):
        found = signature.SIGNATURE_REGEX.search(text, start)
        if found is None:
            break
        if _is_signature(found.group().strip()):
            return text[: found.start()].strip()
        start = text.find("\n", found.end() - len(found.group().lstrip()))
        if start < 0:
            break
    return text.strip()


def _is_signature(words: str) -> bool:
    """Whether it is short, and begins as nothing but a closing begins."""
    lines = words.splitlines()
    if not lines or len(lines) > SIGNATURE_LINES or len(words) > SIGNATURE_CHARACTERS:
        return False
    first = re.sub(r"<\S*>", "", lines[0])
    _greeting, _, names = first.partition(",")
    closes = len(first.split()) <= CLOSING_WORDS and not first.endswith((".", "?", ":"))
    return closes and all(not name[0].islower() for name in names.split())
