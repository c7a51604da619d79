"""What others do with a comment when a new take comes: keep the time, or search the quote."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from critique.comments.anchors import Anchor, Placed
from critique.walkthroughs.words import Word, quote_of

# Hypothes.is, client, match-quote.ts: at most half of the quote wrong; quote, prefix, suffix and
# position weigh 50, 20, 20 and 2. There is no least score.
QUOTE, PREFIX, SUFFIX, POSITION = 50, 20, 20, 2


def same_time(anchors: Sequence[Anchor], _: Sequence[Word], new: Sequence[Word]) -> list[Placed]:
    """Veeva Vault's "bring forward": the same moment, while the recording has it."""
    end = new[-1].end_ms
    return [
        Placed("exact", a.start_ms, a.end_ms, 1.0, "none")
        if a.start_ms <= end
        else Placed("removed", None, None, 1.0, "none")
        for a in anchors
    ]


def quote_search(
    anchors: Sequence[Anchor], old: Sequence[Word], new: Sequence[Word]
) -> list[Placed]:
    """The best place for the quote with its context, anywhere."""
    found = _Windows([word.text.casefold() for word in new])
    return [_searched(anchor, old, new, found) for anchor in anchors]


class _Windows:
    """The new take cut at every word into stretches of a length, with what stands around them."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.known: dict[int, tuple[list[str], list[str], list[str]]] = {}

    def of(self, length: int) -> tuple[list[str], list[str], list[str]]:
        if length not in self.known:
            texts, starts = self.texts, range(max(1, len(self.texts) - length + 1))
            self.known[length] = (
                [" ".join(texts[at : at + length]) for at in starts],
                [" ".join(texts[max(0, at - 12) : at])[-32:] for at in starts],
                [" ".join(texts[at + length : at + length + 12])[:32] for at in starts],
            )
        return self.known[length]


def _searched(anchor: Anchor, old: Sequence[Word], new: Sequence[Word], found: _Windows) -> Placed:
    assert anchor.first_word is not None
    assert anchor.last_word is not None
    quote = quote_of(old, anchor.first_word, anchor.last_word)
    length = anchor.last_word - anchor.first_word + 1
    windows, before, after = found.of(length)
    alike = _ratios(quote.text, windows)
    score = QUOTE * alike + PREFIX * _ratios(quote.before, before)
    score += SUFFIX * _ratios(quote.after, after)
    place = anchor.first_word / len(old)
    score += POSITION * (1 - np.abs(np.arange(len(windows)) / len(windows) - place))
    score[alike < 0.5] = -1
    best = int(score.argmax())
    if score[best] < 0:
        return Placed("removed", None, None, 0.5, "none")
    last = min(best + length, len(new)) - 1
    return Placed("moved", new[best].start_ms, new[last].end_ms, 0.5, "quote")


def _ratios(wanted: str, texts: list[str]) -> np.ndarray:
    return process.cdist([wanted.casefold()], texts, scorer=fuzz.ratio, dtype=np.float32)[0] / 100
