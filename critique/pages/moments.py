"""Moments found by a search: a passage of somebody's words, and where in the work it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import joinedload, lazyload

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.comments.models import Comment, Reply
from critique.plumbing.db import db
from critique.plumbing.markup import without_marks
from critique.plumbing.search import SearchEntry, fold, found_entries
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

AROUND = 90
LONGEST_QUERY = 200
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Replied:
    """The recorded reply that words were said in, and where its comment begins (ms)."""

    id: int
    version: int | None
    start_ms: int


@dataclass(frozen=True)
class Moment:
    """A result: `source` is review, transcript or comment; times are ms of that version.

    Words of a recorded reply are a transcript too: `reply` leads to its thread.
    `quote` is plain text around the first word found; `marked` is the same, safe as HTML, with
    the words in <mark>.
    """

    review: Review
    source: str
    source_id: int
    version: int | None
    walkthrough_id: int | None
    start_ms: int | None
    end_ms: int | None
    quote: str
    marked: Markup
    reply: Replied | None = None

    @property
    def path(self) -> str:
        """The room at that moment."""
        anchor = f"comment-{self.source_id}" if self.source == "comment" else None
        at_ms = self.start_ms
        if self.reply is not None:
            # Its own times are of the recording, which plays in the thread.
            anchor, at_ms = f"reply-{self.reply.id}", self.reply.start_ms
        return url_for(
            "pages.room",
            review_id=self.review.id,
            v=self.version,
            t=at_ms,
            _anchor=anchor,
        )


def moments_for(person: Person, query: str, limit: int = 50) -> list[Moment]:
    """What a person finds, newest first; only in requests they may read."""
    query = query[:LONGEST_QUERY]
    entries = found_entries(query, team_ids=team_ids_of(person), limit=limit)
    reviews = _readable(person, {entry.review_id for entry in entries})
    versions = _versions({e.walkthrough_id for e in entries if e.walkthrough_id is not None})
    replies = _replies({id_ for id_, version in versions.items() if version is None})
    terms = [fold(word) for word in _WORD.findall(query)]
    return [
        _moment(entry, reviews[entry.review_id], versions, replies, terms)
        for entry in entries
        if entry.review_id in reviews
    ]


def excerpt(text: str, terms: Sequence[str]) -> tuple[str, Markup]:
    """The part of `text` around the first term, plain and with every term marked.

    A term counts where a word begins with it, in the folding of the search.
    """
    plain = " ".join(text.split())
    hits = [
        (found.start(), found.end())
        for found in _WORD.finditer(plain)
        if any(fold(found[0]).startswith(term) for term in terms)
    ]
    first = hits[0][0] if hits else 0
    start = _edge(plain, first - AROUND)
    end = _edge(plain, first + 2 * AROUND)
    quote = f"{'… ' if start else ''}{plain[start:end].strip()}{' …' if end < len(plain) else ''}"
    marked, at = Markup(""), start
    for opens, closes in hits:
        if start <= opens and closes <= end:
            marked += escape(plain[at:opens]) + Markup("<mark>{}</mark>").format(
                plain[opens:closes]
            )
            at = closes
    marked += escape(plain[at:end])
    return quote, Markup("{}{}{}").format(
        "… " if start else "", marked.strip(), " …" if end < len(plain) else ""
    )


def _edge(text: str, at: int) -> int:
    """The nearest space before `at`, so that no word is cut; the ends of the text stay."""
    if at <= 0:
        return 0
    if at >= len(text):
        return len(text)
    return max(text.rfind(" ", 0, at), 0) or at


def _readable(person: Person, ids: set[int]) -> dict[int, Review]:
    chosen = (
        visible_reviews(person)
        .where(Review.id.in_(ids))
        .options(
            joinedload(Review.author).options(lazyload(Person.skills)), joinedload(Review.project)
        )
    )
    return {review.id: review for review in db.session.scalars(chosen)}


def _replies(ids: set[int]) -> dict[int, Replied]:
    if not ids:
        return {}
    rows = db.session.execute(
        sa.select(Reply.recording_id, Reply.id, Walkthrough.version, Comment.start_ms)
        .join(Comment, Comment.id == Reply.comment_id)
        .join(Walkthrough, Walkthrough.id == Comment.walkthrough_id)
        .where(Reply.recording_id.in_(ids))
    )
    return {row[0]: Replied(row[1], row[2], row[3]) for row in rows if row[0] is not None}


def _versions(ids: set[int]) -> dict[int, int | None]:
    rows = db.session.execute(
        sa.select(Walkthrough.id, Walkthrough.version).where(Walkthrough.id.in_(ids))
    )
    return {row.id: row.version for row in rows}


def _moment(
    entry: SearchEntry,
    review: Review,
    versions: dict[int, int | None],
    replies: dict[int, Replied],
    terms: Sequence[str],
) -> Moment:
    # Words of a recording were heard, not written: an asterisk in them means nothing.
    text = entry.text if entry.source == "transcript" else without_marks(entry.text)
    quote, marked = excerpt(text, terms)
    walkthrough_id = entry.walkthrough_id
    version = versions.get(walkthrough_id) if walkthrough_id is not None else None
    reply = replies.get(walkthrough_id) if walkthrough_id is not None else None
    return Moment(
        review=review,
        source=entry.source,
        source_id=entry.source_id,
        version=reply.version if reply else version,
        walkthrough_id=walkthrough_id,
        start_ms=entry.start_ms,
        end_ms=entry.end_ms,
        quote=quote,
        marked=marked,
        reply=reply,
    )
