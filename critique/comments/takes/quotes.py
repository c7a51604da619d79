"""A quote searched among words, where nothing else knows its place. Pure: rapidfuzz.

As in Hypothes.is (client, match-quote.ts) the quote counts 50 and what stands around it 40, to
choose between places; unlike there the quote itself must be at least 0.7 alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import fuzz

from critique.comments.takes.likeness import spelling
from critique.walkthroughs.words import CONTEXT_CHARS, Word

LEAST_SCORE = 0.7
# Shorter quotes are found everywhere.
LEAST_LETTERS = 12
QUOTE_WEIGHT, CONTEXT_WEIGHT = 50, 40


@dataclass(frozen=True)
class QuoteFound:
    """The words from `first` to `last` (places in the row searched), and a score of 0..1."""

    first: int
    last: int
    score: float


@dataclass(frozen=True)
class Quoted:
    """What is searched: the words and up to 32 characters on either side."""

    quote: str
    before: str = ""
    after: str = ""


def search_quote(wanted: Quoted, words: Sequence[Word]) -> QuoteFound | None:
    """The words most like the quote, or None below a score of 0.7."""
    needle = _plain(wanted.quote)
    if len(needle.replace(" ", "")) < LEAST_LETTERS or not words:
        return None
    texts = [spelling(word.text) for word in words]
    hay = " ".join(texts)
    # Where each word begins in the text.
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found: list[QuoteFound] = []
    for begin, end in _candidates(needle, hay):
        first = bisect_right(starts, begin) - 1
        last = min(max(first, bisect_right(starts, max(begin, end - 1)) - 1), len(texts) - 1)
        score = fuzz.ratio(needle, " ".join(texts[first : last + 1])) / 100
        found.append(QuoteFound(first, last, score))
    best = max(
        found,
        key=lambda one: QUOTE_WEIGHT * one.score + CONTEXT_WEIGHT * _context(wanted, texts, one),
        default=None,
    )
    return best if best is not None and best.score >= LEAST_SCORE else None


def _candidates(needle: str, hay: str) -> list[tuple[int, int]]:
    """The best place by the quote alone, and the best ones before and after that."""
    best = fuzz.partial_ratio_alignment(needle, hay, score_cutoff=100 * LEAST_SCORE)
    if best is None:
        return []
    found = [(best.dest_start, best.dest_end)]
    for part, offset in ((hay[: best.dest_start], 0), (hay[best.dest_end :], best.dest_end)):
        if len(part) >= len(needle):
            other = fuzz.partial_ratio_alignment(needle, part, score_cutoff=100 * LEAST_SCORE)
            if other is not None:
                found.append((offset + other.dest_start, offset + other.dest_end))
    return found


def _context(wanted: Quoted, texts: list[str], found: QuoteFound) -> float:
    """How alike what stands around the words is, 0..1."""
    before = " ".join(texts[max(0, found.first - CONTEXT_CHARS) : found.first])[-CONTEXT_CHARS:]
    after = " ".join(texts[found.last + 1 : found.last + 1 + CONTEXT_CHARS])[:CONTEXT_CHARS]
    sides = [(_plain(wanted.before), before), (_plain(wanted.after), after)]
    known = [fuzz.ratio(ours, theirs) / 100 for ours, theirs in sides if ours]
    return sum(known) / len(known) if known else 0.0


def _plain(text: str) -> str:
    return " ".join(spelling(word) for word in text.split())
