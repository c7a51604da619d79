"""Two takes of one talk for the tests: sentences said at a steady pace, and anchors on them."""

from __future__ import annotations

from collections.abc import Sequence

from critique.comments.anchors import Anchor
from critique.walkthroughs.words import Word

SENTENCES = (
    "Welcome back, this is the second round of the checkout for small bakeries.",
    "Last week several testers could not find the voucher field at all.",
    "So it moved from the drawer into the summary, right above the total.",
    "The orange badge beside it was louder than the price, which nobody wanted.",
    "I took its colour away and kept only a thin outline around the number.",
    "Delivery times were another worry, because mornings sell out quickly.",
    "There is a small calendar now that greys every hour we cannot bake for.",
    "Please look at the keyboard order there, I am unsure about the arrows.",
    "On phones the calendar becomes a plain list with large rows.",
    "Payment stayed as it was apart from one clearer sentence about deposits.",
    "The confirmation shows the pickup code in big letters, readable outdoors.",
    "What I need from you is whether the outline still reads as clickable.",
)
PACE_MS, PAUSE_MS = 320, 700


def said(*sentences: str, start_ms: int = 0, pace_ms: int = PACE_MS) -> list[Word]:
    """Words at an even pace, a pause after each sentence."""
    words: list[Word] = []
    clock = start_ms
    for sentence in sentences:
        for text in sentence.split():
            words.append(Word(len(words) + 1, text, clock, clock + pace_ms - 20))
            clock += pace_ms
        clock += PAUSE_MS
    return words


def on(words: Sequence[Word], quote: str) -> Anchor:
    """The anchor on these words, at their first occurrence."""
    texts, wanted = [word.text for word in words], quote.split()
    at = next(n for n in range(len(texts)) if texts[n : n + len(wanted)] == wanted)
    first, last = words[at], words[at + len(wanted) - 1]
    return Anchor(first.start_ms, last.end_ms, 1, first.id, last.id, quote=quote)


def start_of(words: Sequence[Word], quote: str) -> int:
    """When these words begin, in ms."""
    return on(words, quote).start_ms
