"""Markdown as people write it here: one grammar for every text, and HTML in which nothing runs."""

from __future__ import annotations

from collections.abc import Mapping

import nh3
from markdown_it import MarkdownIt

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
