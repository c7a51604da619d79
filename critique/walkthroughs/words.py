"""Words of a transcript: their identity, their quotes, their passages. Knows nothing but words.

A word keeps its id when a correction leaves it as it was, so that what was pinned to it stays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CONTEXT_CHARS = 32
# A passage of the search is about what one caption shows: found, it is read at a glance.
PASSAGE_WORDS = 24
PAUSE_MS = 1200
SENTENCE_ENDS = (".", "?", "!", "…")
# Four hours of speech. Comparing takes a bit for each pair of words, here 200 MB; beyond it, words
# that are not at the unchanged ends get new ids.
MOST_COMPARED = 40_000


@dataclass(frozen=True)
class Word:
    """One word; times in integer ms, `confidence` 0..1 or None where nobody knows."""

    id: int
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True)
class Quote:
    """The exact words between two ids, up to 32 characters on either side, and their times (ms)."""

    text: str
    before: str
    after: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Stretch:
    """A stretch of words to be found by the search; times in ms."""

    text: str
    start_ms: int
    end_ms: int


class Spoken(Protocol):
    """A word that has no id yet."""

    @property
    def text(self) -> str:
        """As written."""

    @property
    def start_ms(self) -> int:
        """Begin in ms."""

    @property
    def end_ms(self) -> int:
        """End in ms."""

    @property
    def confidence(self) -> float | None:
        """0..1, or None."""


def words_from(rows: Iterable[Sequence[Any]]) -> list[Word]:
    """Words from what a transcript stores: `[id, text, start_ms, end_ms, confidence]`."""
    return [Word(*row) for row in rows]


def rows_from(words: Iterable[Word]) -> list[list[Any]]:
    """What a transcript stores of these words."""
    return [[w.id, w.text, w.start_ms, w.end_ms, w.confidence] for w in words]


def quote_of(words: Sequence[Word], first: int, last: int) -> Quote:
    """The quote from the word with id `first` to the one with id `last`, both included.

    Raises ValueError when one of them is not there, or they stand the wrong way round.
    """
    places = {word.id: index for index, word in enumerate(words)}
    if first not in places or last not in places:
        raise ValueError("These words are not in the transcript (any more).")
    begin, end = places[first], places[last]
    if begin > end:
        raise ValueError("The last word stands before the first one.")
    chosen = words[begin : end + 1]
    return Quote(
        text=_joined(chosen),
        before=_before(words[:begin]),
        after=_after(words[end + 1 :]),
        start_ms=min(word.start_ms for word in chosen),
        end_ms=max(word.end_ms for word in chosen),
    )


def numbered(spoken: Sequence[Spoken], old: Sequence[Word], next_id: int) -> tuple[list[Word], int]:
    """Give ids to `spoken`: those of `old` where the words match, new ones from `next_id` on.

    Returns the words and the next free id. As many words as possible keep theirs, in order,
    compared without case, accents and punctuation.
    """
    kept = dict(_matches([plain(w.text) for w in old], [plain(w.text) for w in spoken]))
    made: list[Word] = []
    for index, word in enumerate(spoken):
        if index in kept:
            number = old[kept[index]].id
        else:
            number, next_id = next_id, next_id + 1
        made.append(Word(number, word.text, word.start_ms, word.end_ms, word.confidence))
    return made, next_id


def plain(text: str) -> str:
    """A word as it is compared: no case, accents or punctuation; punctuation alone stays."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in decomposed if char.isalnum())
    return letters or text


def passages(words: Sequence[Word]) -> list[Stretch]:
    """Stretches for the search: cut at pauses, at ends of sentences when long, and at 24 words."""
    return [
        Stretch(_joined(group), group[0].start_ms, max(word.end_ms for word in group))
        for group in _groups(words)
    ]


def _groups(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    begin = 0
    for index in range(1, len(words)):
        length = index - begin
        last = words[index - 1]
        paused = words[index].start_ms - last.end_ms > PAUSE_MS
        ended = length >= PASSAGE_WORDS // 2 and last.text.endswith(SENTENCE_ENDS)
        if length >= PASSAGE_WORDS or paused or ended:
            yield words[begin:index]
            begin = index
    if words:
        yield words[begin:]


def _matches(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs (index in new, index in old) of equal words, in the order of both.

    Both ends are matched first: a correction of one word can then never move its neighbours.
    """
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    yield from ((n, n) for n in range(head))
    middle = _longest(old[head : len(old) - tail], new[head : len(new) - tail])
    yield from ((head + at_new, head + at_old) for at_new, at_old in middle)
    yield from ((len(new) - 1 - n, len(old) - 1 - n) for n in range(tail))


def _longest(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs (index in new, index in old) of a longest common subsequence, last pair first.

    Bit-parallel (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): one integer a word
    of `new`, one bit a word of `old`, 0 where the subsequence grows. difflib took a minute for 30
    minutes of speech with one word in seven corrected; this takes 30 ms.
    """
    if max(len(old), len(new)) > MOST_COMPARED:
        return
    places: dict[str, int] = {}
    for index, text in enumerate(old):
        places[text] = places.get(text, 0) | 1 << index
    full = (1 << len(old)) - 1
    rows = [full]
    for text in new:
        row = rows[-1]
        met = row & places.get(text, 0)
        rows.append(((row + met) | (row - met)) & full)
    at_old, at_new = len(old), len(new)
    while at_old and at_new:
        bit = 1 << (at_old - 1)
        if rows[at_new] & bit:
            at_old -= 1
            continue
        at_new -= 1
        if rows[at_new] & bit:
            at_old -= 1
            yield at_new, at_old


def _joined(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _before(words: Sequence[Word]) -> str:
    # Every word has at least one character and one blank, so half as many words are enough.
    text = _joined(words[-CONTEXT_CHARS:])
    return text[-CONTEXT_CHARS:]


def _after(words: Sequence[Word]) -> str:
    return _joined(words[:CONTEXT_CHARS])[:CONTEXT_CHARS]
