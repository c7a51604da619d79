"""What a comment is about: a stretch of time, perhaps the words spoken in it. Pure: no framework.

Where it lies in another take is `place`; how, is in `placing` and below it.

The shape follows the W3C Web Annotation selectors (TextQuoteSelector with prefix and suffix, and a
media fragment for the time), and the 32 characters of context follow Hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from critique.comments.takes.placing import FrameHashes, Placed, place
from critique.walkthroughs.words import Word, quote_of

__all__ = [
    "LONGEST_MS",
    "SLACK_MS",
    "Anchor",
    "BadAnchor",
    "FrameHashes",
    "Placed",
    "anchor_on_words",
    "place",
    "stretch",
]

# Players report the end of a file up to some frames after the length its header tells.
SLACK_MS = 1000
# Longer than any recording that may be uploaded, and small enough for a database integer.
LONGEST_MS = 7 * 24 * 60 * 60 * 1000


class BadAnchor(ValueError):
    """An anchor that points nowhere; `field` names the input that is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Anchor:
    """Where a comment points to: integer ms of its walkthrough and, for words, the exact quote.

    The names are those of the columns it is kept in.
    """

    start_ms: int
    end_ms: int
    transcript_id: int | None = None
    first_word: int | None = None
    last_word: int | None = None
    quote: str = ""
    quote_before: str = ""
    quote_after: str = ""


def stretch(start_ms: int | None, end_ms: int | None, duration_ms: int | None) -> tuple[int, int]:
    """Start and end in ms, inside the recording; an end that is not given is the start.

    Up to `SLACK_MS` beyond the end counts as the end. Raises BadAnchor.
    """
    if start_ms is None:
        raise BadAnchor("start_ms", "Say which moment it is about: pause the video there.")
    end = start_ms if end_ms is None else end_ms
    if start_ms < 0:
        raise BadAnchor("start_ms", "A moment cannot lie before the beginning.")
    if end < start_ms:
        raise BadAnchor("end_ms", "The range ends before it begins.")
    for field, value in (("start_ms", start_ms), ("end_ms", end)):
        if value > (LONGEST_MS if duration_ms is None else duration_ms + SLACK_MS):
            raise BadAnchor(field, "This moment lies after the end of the recording.")
    if duration_ms is None:
        return start_ms, end
    return min(start_ms, duration_ms), min(end, duration_ms)


def anchor_on_words(words: Sequence[Word], first: int, last: int, *, transcript_id: int) -> Anchor:
    """The anchor of the words from id `first` to id `last` of one transcript. Raises BadAnchor."""
    ids = {word.id for word in words}
    for field, word_id in (("first_word", first), ("last_word", last)):
        if word_id not in ids:
            raise BadAnchor(field, "This word is not in the transcript (any more). Select again.")
    try:
        quote = quote_of(words, first, last)
    except ValueError:
        raise BadAnchor("last_word", "The last word comes before the first one.") from None
    return Anchor(
        start_ms=quote.start_ms,
        end_ms=quote.end_ms,
        transcript_id=transcript_id,
        first_word=first,
        last_word=last,
        quote=quote.text,
        quote_before=quote.before,
        quote_after=quote.after,
    )
