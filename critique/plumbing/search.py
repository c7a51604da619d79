"""Full text over everything that can be found: one table of entries, FTS5 or tsvector behind it.

Entries hold text folded for comparison (NFKD, no accents, lower case, words only), so that both
engines find alike: PostgreSQL's parser takes "a/b" for a file and skips what looks like a script.
Who may see an entry is decided by the caller, who scopes by team.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from critique.plumbing.db import Record, db, dialect

_WORD = re.compile(r"\w+")


class SearchEntry(Record):
    """A piece of text with the moment it belongs to."""

    __tablename__ = "search_entries"
    __table_args__ = (sa.Index("ix_search_entries_source", "source", "source_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(index=True)
    review_id: Mapped[int] = mapped_column(index=True)
    walkthrough_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(sa.String(20))
    source_id: Mapped[int]
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.Text)
    folded: Mapped[str] = mapped_column(sa.Text)


@dataclass(frozen=True)
class Passage:
    """Text to be found, and where it is; times in integer ms of its walkthrough."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None


# The words of the index itself, made by the migration beside the table.
SQLITE_INDEX = (
    """CREATE VIRTUAL TABLE search_index
       USING fts5(folded, content='search_entries', content_rowid='id')""",
    """CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN
       INSERT INTO search_index(rowid, folded) VALUES (new.id, new.folded); END""",
    """CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN
       INSERT INTO search_index(search_index, rowid, folded)
       VALUES ('delete', old.id, old.folded); END""",
)
POSTGRES_INDEX = (
    "CREATE INDEX search_index ON search_entries USING gin (to_tsvector('simple', folded))",
)


def fold(text: str) -> str:
    """Text as it is compared: accents off, lower case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def replace_entries(
    *,
    team_id: int,
    review_id: int,
    source: str,
    source_id: int,
    passages: Sequence[Passage],
    walkthrough_id: int | None = None,
) -> None:
    """Make `passages` all that can be found of one source; an empty list removes it."""
    db.session.execute(
        sa.delete(SearchEntry).where(
            SearchEntry.source == source, SearchEntry.source_id == source_id
        )
    )
    rows = [
        {
            "team_id": team_id,
            "review_id": review_id,
            "walkthrough_id": walkthrough_id,
            "source": source,
            "source_id": source_id,
            "start_ms": passage.start_ms,
            "end_ms": passage.end_ms,
            "text": passage.text,
            "folded": " ".join(_WORD.findall(fold(passage.text))),
        }
        for passage in passages
        if passage.text.strip()
    ]
    if rows:
        db.session.execute(sa.insert(SearchEntry), rows)


def found_entries(query: str, *, team_ids: Sequence[int], limit: int = 50) -> list[SearchEntry]:
    """Entries of these teams that hold every word of `query` (the last one may be a beginning).

    Newest first; at most `limit`. An empty or wordless query finds nothing.
    """
    words = _WORD.findall(fold(query))[:12]
    if not words or not team_ids:
        return []
    chosen = sa.select(SearchEntry).where(SearchEntry.team_id.in_(team_ids))
    if dialect() == "sqlite":
        terms = " ".join(f'"{word}"' for word in words) + "*"
        chosen = chosen.where(
            sa.text("search_entries.id IN (SELECT rowid FROM search_index WHERE folded MATCH :q)")
        ).params(q=terms)
    else:
        terms = " & ".join(words) + ":*"
        chosen = chosen.where(
            sa.func.to_tsvector("simple", SearchEntry.folded).bool_op("@@")(
                sa.func.to_tsquery("simple", terms)
            )
        )
    return list(db.session.scalars(chosen.order_by(SearchEntry.id.desc()).limit(limit)))
