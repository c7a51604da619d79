"""Two takes played side by side: what runs along with what. Pure.

The map of time knows only what was said in both. To play two takes together it is bridged where
people said the same thing in other words or drew breath; where a passage stands in one take
alone, nothing runs along with it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from critique.comments.takes.timemap import Knot, TimeMap
from critique.walkthroughs.words import SENTENCE_ENDS, Word

# A sentence ends at its full stop, at a silence of this length, or after this many words.
SILENCE_MS = 800
LONGEST_SENTENCE = 40
# Recognisers write no full stops: there a breath ends the sentence.
BREATH_MS = 350
LONGEST_BREATH = 24
# What was reworded takes about as long as before; a longer stretch against a shorter one than
# this was rather taken out.
MOST_STRETCHED = 3
# Gaps up to here are a word more or less, not a passage.
SHORT_GAP_MS = 900
# Knots are left out where a straight line is nearer to them than this: a third of a frame.
SLACK_MS = 10


@dataclass(frozen=True)
class Takes:
    """The words of two takes and the map between them; lengths in ms."""

    old: Sequence[Word]
    new: Sequence[Word]
    known: TimeMap
    old_length_ms: int
    new_length_ms: int

    @cached_property
    def along(self) -> TimeMap:
        """The map of time, bridged where both takes go on together."""
        return TimeMap(tuple(_bridged(self)))


def sentences_of(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Where sentences begin and end, as places of words (the end is not included)."""
    stops = sum(word.text.endswith(SENTENCE_ENDS) for word in words)
    written = stops * LONGEST_SENTENCE >= len(words)
    silence, longest = (SILENCE_MS, LONGEST_SENTENCE) if written else (BREATH_MS, LONGEST_BREATH)
    found, begin = [], 0
    for at in range(1, len(words) + 1):
        if (
            at == len(words)
            or words[at - 1].text.endswith(SENTENCE_ENDS)
            or words[at].start_ms - words[at - 1].end_ms >= silence
            or at - begin >= longest
        ):
            found.append((begin, at))
            begin = at
    return found


def by_the_clock(old_length_ms: int, new_length_ms: int) -> TimeMap:
    """The map for takes without common words: the same time on both clocks, in ms."""
    both = min(old_length_ms, new_length_ms)
    return TimeMap((((0, 0), (both, both)),) if both else ())


def straightened(run: Sequence[Knot], slack_ms: int = SLACK_MS) -> list[Knot]:
    """A run with the knots left out that a straight line passes within `slack_ms`.

    The widening cone of Sklansky and Gonzalez, "Fast polygonal approximation of digitized
    curves" (Pattern Recognition 12, 1980), with the knots themselves as corners.
    """
    kept = [run[0]]
    low, high = float("-inf"), float("inf")
    for before, knot in pairwise(run[1:]):
        if kept[-1][0] in (before[0], knot[0]):
            # Words that were put in: the other take jumps here, and no line may cut the corner.
            kept.append(before)
            low, high = float("-inf"), float("inf")
            continue
        low, high = _narrowed(kept[-1], before, slack_ms, low, high)
        slope = (knot[1] - kept[-1][1]) / (knot[0] - kept[-1][0])
        if not low <= slope <= high:
            kept.append(before)
            low, high = float("-inf"), float("inf")
    return [*kept, run[-1]] if len(run) > 1 else kept


def _narrowed(
    corner: Knot, knot: Knot, slack_ms: int, low: float, high: float
) -> tuple[float, float]:
    over = knot[0] - corner[0]
    rise = knot[1] - corner[1]
    return max(low, (rise - slack_ms) / over), min(high, (rise + slack_ms) / over)


def _bridged(takes: Takes) -> Iterator[tuple[Knot, ...]]:
    runs = [list(run) for run in takes.known.runs if run]
    if not runs:
        return
    old, new = Spoken(takes.old), Spoken(takes.new)
    _to_the_ends(runs, old, new)
    by_new = sorted(range(len(runs)), key=lambda at: runs[at][0][1])
    follows = dict(pairwise(by_new))
    if by_new[0] == 0:
        _lead_in(runs[0], old, new)
    if by_new[-1] == len(runs) - 1:
        _lead_out(runs[-1], old, new, takes)
    open_run = runs[0]
    for at, run in enumerate(runs[1:], 1):
        if follows.get(at - 1) == at and _go_on(open_run[-1], run[0], old, new):
            open_run.extend(run if run[0] != open_run[-1] else run[1:])
        else:
            yield tuple(open_run)
            open_run = run
    yield tuple(open_run)


def _to_the_ends(runs: Sequence[list[Knot]], old: Spoken, new: Spoken) -> None:
    """Take along the rest of a sentence whose end, or whose beginning, was reworded.

    Sentences do not overlap, so neither does what is taken along.
    """
    begins = [sorted(run[0][side] for run in runs) for side in (0, 1)]
    ends = [sorted(run[-1][side] for run in runs) for side in (0, 1)]
    for run in runs:
        first, last = run[0], run[-1]
        end = old.sentence_at(last[0] - 1)[1], new.sentence_at(last[1] - 1)[1]
        if _free(begins, last, end) and _alike(last, end, old, new):
            run.append(end)
        begin = old.sentence_at(first[0])[0], new.sentence_at(first[1])[0]
        if _free(ends, begin, first) and _alike(begin, first, old, new):
            run.insert(0, begin)


def _free(edges: Sequence[Sequence[int]], begin: Knot, end: Knot) -> bool:
    """Whether no run has its edge between the two, in either take."""
    return all(
        bisect_right(edges[side], begin[side]) == bisect_left(edges[side], end[side])
        for side in (0, 1)
    )


def _alike(begin: Knot, end: Knot, old: Spoken, new: Spoken) -> bool:
    """Whether both takes say something there, for about as long."""
    gaps = end[0] - begin[0], end[1] - begin[1]
    return (
        min(gaps) > 0
        and max(gaps) <= MOST_STRETCHED * min(gaps)
        and old.between(begin[0], end[0])
        and new.between(begin[1], end[1])
    )


def _go_on(end: Knot, begin: Knot, old: Spoken, new: Spoken) -> bool:
    """Whether both takes simply go on from `end` to `begin`."""
    gaps = begin[0] - end[0], begin[1] - end[1]
    if min(gaps) < 0:
        return False
    if max(gaps) <= SHORT_GAP_MS:
        return True
    spoken = old.between(end[0], begin[0]), new.between(end[1], begin[1])
    if any(spoken) and not all(spoken):
        return False
    return max(gaps) <= MOST_STRETCHED * max(1, min(gaps))


def _lead_in(run: list[Knot], old: Spoken, new: Spoken) -> None:
    (at_old, at_new), *_ = run
    both = min(at_old, at_new)
    if both and not old.between(-1, at_old) and not new.between(-1, at_new):
        run.insert(0, (at_old - both, at_new - both))


def _lead_out(run: list[Knot], old: Spoken, new: Spoken, takes: Takes) -> None:
    at_old, at_new = run[-1]
    both = min(takes.old_length_ms - at_old, takes.new_length_ms - at_new)
    silent = not old.between(at_old, takes.old_length_ms + 1)
    if both > 0 and silent and not new.between(at_new, takes.new_length_ms + 1):
        run.append((at_old + both, at_new + both))


class Spoken:
    """The words of a take, to be asked by time."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.middles = [(word.start_ms + word.end_ms) // 2 for word in words]
        self.sentences = [
            (words[begin].start_ms, words[end - 1].end_ms) for begin, end in sentences_of(words)
        ]

    def between(self, start_ms: int, end_ms: int) -> bool:
        """Whether a word is said there (ms)."""
        return bisect_right(self.middles, start_ms) < bisect_left(self.middles, end_ms)

    def place(self, ms: int) -> int | None:
        """The place of the word said at that moment (ms), or else of the one before it."""
        if not self.words:
            return None
        return max(0, bisect_right(self.words, ms, key=lambda word: word.start_ms) - 1)

    def sentence_at(self, ms: int) -> tuple[int, int]:
        """Begin and end of the sentence said at that moment (ms), or else of the one before it."""
        place = bisect_right(self.sentences, ms, key=lambda sentence: sentence[0]) - 1
        return self.sentences[max(0, place)] if self.sentences else (ms, ms)
