"""A comment's words as HTML: Markdown in which names are marked and moments are links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from markdown_it.token import Token
from markupsafe import Markup, escape

from critique.comments.mentions import Found, Names, add_mentions, composed, named_in
from critique.comments.moments import Recordings, add_moments
from critique.comments.nods import Naming, Tally, tallies
from critique.comments.rows import Answer
from critique.comments.talk import Thread
from critique.plumbing.markup import TAGS, grammar, harmless

_ATTRIBUTES = {
    "a": frozenset({"href", "class", "data-at", "data-version"}),
    "span": frozenset({"class"}),
}


@dataclass(frozen=True)
class Reader:
    """How texts of one room read to one person.

    `names_of` and `recordings_of` (given a version's number) are asked only when a text needs them.
    """

    person_id: int
    names_of: Callable[[], Names]
    recordings_of: Callable[[int | None], Recordings]

    def thread(self, thread: Thread) -> Markup:
        """What a comment says; its moments are of the version that it was said on."""
        return self.html(thread.body, names_for(thread.mentions, None), thread.version)

    def answer(self, answer: Answer, thread: Thread) -> Markup:
        """What a reply in a thread says."""
        return self.html(answer.body, names_for(thread.mentions, answer.id), thread.version)

    def nods(self, thread: Thread, reply_id: int | None = None) -> list[Tally]:
        """Who nodded to a comment, or to a reply in its thread."""
        return tallies(thread.reactions, reply_id, self.person_id) if thread.reactions else []

    def html(self, body: str, named: Iterable[int], version: int | None = None) -> Markup:
        """A text in which the people of the ids `named` are marked; `1:23` is of `version`."""
        marked = frozenset(named)
        recordings = self.recordings_of(version) if ":" in body else None
        if not marked:
            return _kept(body, recordings)
        return _written(
            composed(body),
            {
                "names": self._names,
                "recordings": recordings,
                "marked": marked,
                "viewer": self.person_id,
            },
        )

    def preview(self, body: str, version: int | None) -> tuple[Markup, Found]:
        """A text as it would stand in the talk, and who it would name."""
        found = named_in(body, self._names) if "@" in body else Found()
        return self.html(body, found.ids, version), found

    @cached_property
    def _names(self) -> Names:
        return self.names_of()


def names_for(namings: Iterable[Naming], reply_id: int | None) -> list[int]:
    """Ids of who is named in the comment itself, or in the reply of that id."""
    return [naming.person_id for naming in namings if naming.reply_id == reply_id]


@lru_cache(maxsize=4096)
def _kept(body: str, recordings: Recordings | None) -> Markup:
    return _written(body, {"recordings": recordings})


def _written(body: str, env: dict[str, Any]) -> Markup:
    html = harmless(_parser.render(body, env), tags=TAGS | {"span"}, attributes=_ATTRIBUTES)
    return Markup(html)  # noqa: S704 - it has just been cleaned


def _mention(
    _self: object, tokens: list[Token], at: int, _options: object, env: dict[str, Any]
) -> str:
    token = tokens[at]
    ids = token.meta["ids"] & env["marked"] if len(token.meta["ids"]) == 1 else set()
    if not ids:
        return str(escape(token.content))
    mine = " mention--mine" if env["viewer"] in ids else ""
    return f'<span class="mention{mine}">{escape(token.content)}</span>'


_parser = add_moments(add_mentions(grammar()))
_parser.add_render_rule("mention", _mention)
