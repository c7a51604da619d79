"""Moments in a text: `1:23`, `0:05.4`, `1:02:03` and `v2 1:23` become links that play from there.

Seconds, and minutes behind an hour, have two digits, so that `16:9` stays a ratio. Text stays what
runs on (`10:30:00Z`, `1:234`, `4:30pm`, `10.0.0.1:50`), what lies beyond the recording, and what
stands in code or in a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_MOMENT = re.compile(
    r"(?<![\w:./\\@#])"
    r"(?:(?P<version>[vV]\d{1,3})(?P<gap>[ \u00a0]{1,2}))?"
    r"(?:(?P<hours>\d{1,2}):(?P<of_hour>[0-5]\d)|(?P<minutes>\d{1,3})):(?P<seconds>[0-5]\d)"
    r"(?:[.](?P<fraction>\d{1,3}))?"
    r"(?![\w:/]|[.]\d|[ \u00a0]?(?i:[ap][.]?m\b|uhr\b|o[’']clock))"
)


@dataclass(frozen=True, slots=True)
class Recordings:
    """The room's path, the version that a bare time means, and lengths in ms by version."""

    path: str
    here: int | None
    lengths: tuple[tuple[int, int], ...]

    def address(self, match: re.Match[str]) -> tuple[int, int, str] | None:
        """Version, ms and address of a moment; None where no recording has it."""
        version = int(match["version"][1:]) if match["version"] else self.here
        ms = milliseconds(match)
        length = next((ms for number, ms in self.lengths if number == version), None)
        if version is None or length is None or ms > length:
            return None
        return version, ms, f"{self.path}?v={version}&t={ms}"


def milliseconds(match: re.Match[str]) -> int:
    """The moment a match names, in ms."""
    hours = int(match["hours"] or 0)
    minutes = int(match["of_hour"] or match["minutes"])
    fraction = (match["fraction"] or "").ljust(3, "0")
    return ((hours * 60 + minutes) * 60 + int(match["seconds"])) * 1000 + int(fraction)


def add_moments(parser: MarkdownIt) -> MarkdownIt:
    """Teach a parser moments: where `env["recordings"]` is given they become links."""
    parser.core.ruler.push("moments", _moments)
    return parser


def _moments(state: StateCore) -> None:
    recordings = state.env.get("recordings")
    if recordings is None:
        return
    for block in state.tokens:
        if block.type == "inline" and block.children and ":" in block.content:
            block.children = list(_linked(block.children, recordings))


def _linked(tokens: list[Token], recordings: Recordings) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside:
            yield from _cut(token, recordings)
        else:
            yield token


def _cut(token: Token, recordings: Recordings) -> Iterator[Token]:
    begin = 0
    for match in _MOMENT.finditer(token.content):
        found = recordings.address(match)
        if found is None:
            continue
        version, ms, address = found
        yield _text(token.content[begin : match.start()])
        attrs: dict[str, str | int | float] = {
            "class": "moment", "href": address, "data-at": str(ms), "data-version": str(version),
        }  # fmt: skip
        yield Token("link_open", "a", 1, attrs=attrs)
        yield _text(match[0])
        yield Token("link_close", "a", -1)
        begin = match.end()
    yield _text(token.content[begin:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
