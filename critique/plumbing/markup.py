"""Markdown as people write it here: one grammar for every text, and HTML in which nothing runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = frozenset({
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
})  # fmt: skip
_ATTRIBUTES: Mapping[str, frozenset[str]] = {"a": frozenset({"href"})}


def grammar() -> MarkdownIt:
    """A parser of its own, to which rules may be added: CommonMark, tables, strikethrough.

    Raw HTML stays text.
    """
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    return parser.enable(["table", "strikethrough"])


def without_marks(text: str) -> str:
    """What a reader of the rendered Markdown reads: no marks, no addresses, one line."""
    return " ".join("".join(_read(_plain.parse(text))).split())


def _read(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline", "code_block", "fence", "image"):
            yield token.content
        elif token.children is not None:
            yield from _read(token.children)
            yield " "
        elif token.type in ("softbreak", "hardbreak"):
            yield " "


_plain = grammar()


def harmless(
    html: str,
    *,
    tags: frozenset[str] = TAGS,
    attributes: Mapping[str, frozenset[str]] = _ATTRIBUTES,
) -> str:
    """`html` with nothing but these elements; links open without telling where from."""
    return nh3.clean(
        html,
        tags=set(tags),
        attributes={tag: set(names) for tag, names in attributes.items()},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
