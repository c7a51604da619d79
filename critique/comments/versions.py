"""Two versions of a walkthrough as two takes: their words, and the map of time between them.

Aligning takes up to 0.3 s for an hour, so a map is kept in the process, by what it was made from:
words that were corrected have another digest, and an old map is never asked for again.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import sqlalchemy as sa

from critique.comments.models import Comment, Placement
from critique.comments.takes.parallel import Takes
from critique.comments.takes.timemap import TimeMap, time_map
from critique.plumbing.db import db
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import transcript_of
from critique.walkthroughs.words import Word, words_from

MOST_KEPT = 32

_kept: OrderedDict[str, TimeMap] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Pair:
    """Two versions as two takes.

    `digest` (32 hex digits) changes with anything the map is made from. `draft`: a recogniser
    wrote the words of one of them, and many will be wrong.
    """

    takes: Takes
    digest: str
    draft: bool


def pair_of(old: Walkthrough, new: Walkthrough) -> Pair:
    """Two versions laid side by side. Reads two transcripts; aligns what nobody asked for yet.

    The same recording, uploaded twice, runs along with itself whatever its words are.
    """
    first, second = transcript_of(old.id), transcript_of(new.id)
    rows = first.words if first else [], second.words if second else []
    words = words_from(rows[0]), words_from(rows[1])
    lengths = _length(old, words[0]), _length(new, words[1])
    same = old.sha256 is not None and old.sha256 == new.sha256
    digest = _digest(*rows, *lengths, same)
    known = _same_media(lengths) if same else _map(digest, *words)
    return Pair(
        Takes(*words, known, *lengths),
        digest,
        draft=any(transcript is not None and transcript.draft for transcript in (first, second)),
    )


def placements_between(old: Walkthrough, new: Walkthrough) -> dict[int, Placement]:
    """Where comments of either version lie in the other one, by the comment's id: one query."""
    sides = sa.or_(
        *(
            (Comment.walkthrough_id == one.id) & (Placement.walkthrough_id == other.id)
            for one, other in ((old, new), (new, old))
        )
    )
    found = db.session.scalars(
        sa.select(Placement).join(Comment, Comment.id == Placement.comment_id).where(sides)
    )
    return {placement.comment_id: placement for placement in found}


def _length(walkthrough: Walkthrough, words: Sequence[Word]) -> int:
    return max(walkthrough.duration_ms or 0, words[-1].end_ms if words else 0)


def _digest(*parts: Any) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _same_media(lengths: tuple[int, int]) -> TimeMap:
    both = min(lengths)
    return TimeMap((((0, 0), (both, both)),) if both else ())


def _map(digest: str, old: Sequence[Word], new: Sequence[Word]) -> TimeMap:
    with _lock:
        if digest in _kept:
            _kept.move_to_end(digest)
            return _kept[digest]
    made = time_map(old, new) if old and new else TimeMap()
    with _lock:
        _kept[digest] = made
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
