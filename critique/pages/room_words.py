"""What the room says in words: the transcript in passages, kinds and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from critique.walkthroughs.words import Word

KIND_WORDS = (
    ("suggestion", "Suggestion"),
    ("question", "Question"),
    ("problem", "Problem"),
    ("praise", "Praise"),
)
WEIGHT_WORDS = (("take_it_or_leave_it", "Take it or leave it"), ("must_fix", "Must fix"))

# A new passage begins after a silence this long, or with the sentence after this many words.
SILENCE_MS = 1100
FULL_PASSAGE = 45
LONGEST_PASSAGE = 90


@dataclass(frozen=True)
class Passage:
    """Words said in one breath; `first` is the position of the first in the whole transcript."""

    first: int
    start_ms: int
    words: Sequence[Word]


def passages_of(words: Sequence[Word]) -> list[Passage]:
    """Cut a transcript where the voice pauses, or a sentence ends after enough words."""
    found: list[Passage] = []
    begin = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or _breaks(words, begin, at):
            found.append(Passage(begin, words[begin].start_ms, words[begin:at]))
            begin = at
    return found


def _breaks(words: Sequence[Word], begin: int, at: int) -> bool:
    silence = words[at].start_ms - words[at - 1].end_ms
    length = at - begin
    ended = words[at - 1].text.endswith((".", "?", "!", "…"))
    return silence >= SILENCE_MS or length >= LONGEST_PASSAGE or (length >= FULL_PASSAGE and ended)
