"""Words with times, and the one rule they keep: time never runs backwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Word:
    """One spoken word; times in ms from the start of the recording, `confidence` 0..1 or None."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True)
class Transcript:
    """What was said.

    `draft` means good enough to find a passage, not to be read as written; `language` is an ISO
    639-1 code or None where nobody knows it.
    """

    engine: str
    draft: bool
    language: str | None
    words: list[Word]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Transcript:
        """Read what `to_dict` wrote."""
        words = [Word(**word) for word in told["words"]]
        return cls(told["engine"], told["draft"], told["language"], words)


def ordered(words: Iterable[Word], until_ms: int | None = None) -> list[Word]:
    """Return the words with times that never run backwards, all in 0..`until_ms`.

    Starts never decrease, no end is before its start; words of blanks are left out.
    """
    kept: list[Word] = []
    floor = 0
    for word in words:
        text = word.text.strip()
        if not text:
            continue
        start, end = max(floor, word.start_ms), word.end_ms
        if until_ms is not None:
            start, end = min(start, until_ms), min(end, until_ms)
        kept.append(replace(word, text=text, start_ms=start, end_ms=max(start, end)))
        floor = start
    return kept


def spread(texts: list[str], start_ms: int, end_ms: int) -> list[Word]:
    """Give each text a share of start..end by its length: the best guess without the voice."""
    total = sum(len(text) + 1 for text in texts)
    words: list[Word] = []
    passed = 0
    for text in texts:
        begin = start_ms + (end_ms - start_ms) * passed // total
        passed += len(text) + 1
        words.append(Word(text, begin, start_ms + (end_ms - start_ms) * passed // total))
    return words
