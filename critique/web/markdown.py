"""Markdown in templates, for what is neither a comment nor a reply (those are `comments.prose`)."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from critique.plumbing.markup import grammar, harmless

_grammar = grammar()


@lru_cache(maxsize=4096)
def markdown(text: str | None) -> Markup:
    """Markdown as safe HTML: raw HTML stays text, links open without telling where from."""
    return Markup(harmless(_grammar.render(text or "")))  # noqa: S704 - it has just been cleaned
