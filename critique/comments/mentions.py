"""Who a text names: `@Name`, decided against the people who may see it, and never inside code.

A person is called by their whole name, their address, or the first word of a longer name. The
longest spelling that fits wins; at the same length an address wins over a whole name and that over
a first word. What still fits several people names nobody and is told to the writer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from critique.plumbing.markup import grammar

# What stands before or behind makes it a part of something else: an address, a link, a longer word.
_BEFORE = re.compile(r"[^\W_]|[@/.+-]")
_BEHIND = r"(?![^\W_]|_\w|[@/]|[.+-][\w@])"
_ADDRESS, _WHOLE, _FIRST = range(3)


@dataclass(frozen=True, slots=True)
class Nameable:
    """Somebody who may be named here."""

    id: int
    name: str
    email: str


@dataclass(slots=True)
class Found:
    """Ids of who is named, in their order, and the spellings that fit several people."""

    ids: list[int] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


class Names:
    """Everything that a circle of people can be called by, ready to be looked for."""

    def __init__(self, people: Iterable[Nameable]) -> None:
        self._meant: dict[str, dict[int, set[int]]] = {}
        spellings: dict[str, set[str]] = {}
        for person in people:
            for rank, spelling in _spellings(person):
                key = _key(spelling)
                self._meant.setdefault(key, {}).setdefault(rank, set()).add(person.id)
                spellings.setdefault(key[:1], set()).add(spelling)
        # By first letter, so that a text full of @ costs little in a team of hundreds.
        self._patterns = {letter: _pattern(found) for letter, found in spellings.items()}

    def at(self, text: str, position: int) -> tuple[str, set[int]] | None:
        """The spelling that follows the `@` at `position`, and who is meant (perhaps several)."""
        if _BEFORE.match(text[max(0, position - 1) : position]):
            return None
        pattern = self._patterns.get(_key(text[position + 1 : position + 2]))
        match = pattern.match(text, position + 1) if pattern else None
        ranks = self._meant.get(_key(match[0])) if match else None
        return (match[0], ranks[min(ranks)]) if match and ranks else None

    def way_to_name(self, person: Nameable) -> str:
        """What to write behind the `@` so that exactly this person is meant."""
        name = " ".join(composed(person.name).split())
        found = self.at(f"@{name}", 0)
        clear = found is not None and found[1] == {person.id} and _key(found[0]) == _key(name)
        return name if clear else person.email


def named_in(text: str, names: Names) -> Found:
    """Who a Markdown text names. Code, links and addresses of mail name nobody."""
    found = Found()
    if "@" not in text:
        return found
    for block in _parser.parse(composed(text), {"names": names}):
        for token in block.children or ():
            if token.type != "mention":
                continue
            ids, spelling = token.meta["ids"], token.content[1:]
            if len(ids) == 1:
                found.ids.extend(ids.difference(found.ids))
            elif spelling not in found.unclear:
                found.unclear.append(spelling)
    return found


def composed(text: str) -> str:
    """Text in which each accented letter is one character, however it was typed."""
    return unicodedata.normalize("NFC", text)


def add_mentions(parser: MarkdownIt) -> MarkdownIt:
    """Teach a parser mentions: where `env["names"]` is given they become tokens of their own."""
    parser.inline.ruler.before("link", "mention", _mention)
    return parser


def _mention(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    names = state.env.get("names")
    if names is None or state.linkLevel or state.src[state.pos] != "@":
        return False
    found = names.at(state.src[: state.posMax], state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content, token.meta = f"@{found[0]}", {"ids": found[1]}
    state.pos += len(found[0]) + 1
    return True


def _spellings(person: Nameable) -> list[tuple[int, str]]:
    name = composed(person.name).split()
    found = [(_ADDRESS, composed(person.email)), (_WHOLE, " ".join(name))]
    if len(name) > 1 and len(name[0]) > 1:
        found.append((_FIRST, name[0]))
    return [(rank, spelling) for rank, spelling in found if spelling]


def _pattern(spellings: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    each = (r"[ \u00a0]+".join(map(re.escape, one.split(" "))) for one in longest_first)
    return re.compile(f"(?:{'|'.join(each)}){_BEHIND}", re.IGNORECASE)


def _key(spelling: str) -> str:
    return " ".join(spelling.split()).casefold()


_parser = add_mentions(grammar())
