"""Where a comment lies in another take of the walkthrough. Pure: words, times, picture hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from critique.comments.takes.frames import FrameHashes, seen_again
from critique.comments.takes.quotes import Quoted, search_quote
from critique.comments.takes.whereabouts import RIGHT_MS, Guess, Whereabouts
from critique.walkthroughs.words import Word

State = Literal["exact", "moved", "uncertain", "removed"]
How = Literal["same media", "words", "picture", "quote", "none"]

# With less of its words' probability left an anchor is called removed.
LEAST_LEFT = 0.3
# From here on a place is claimed: 98 of 100 such are right (python -m bench placement).
LEAST_SURE = 0.8
# What a probability turned out to be worth, on seeds 400 to 700 of bench/placement_cases.py: places
# are righter than the model thinks, and cuts less sure, as words misheard twice look like one.
WORTH_OF_PLACE = (
    (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0),
    (0.05, 0.45, 0.6, 0.8, 0.9, 0.95, 0.97, 0.985, 0.997),
)
WORTH_OF_CUT = ((0.5, 0.6, 0.8, 0.9, 0.97, 1.0), (0.15, 0.22, 0.45, 0.6, 0.78, 0.93))
# What is left where words say nothing: a quote at its score, the same moment, a picture not seen.
BY_QUOTE, BY_CLOCK, NOT_SEEN, UNKNOWN = 0.85, 0.1, 0.85, 0.5
# Words of one part follow each other this closely in the new take.
BACK_MS, STRETCHED, ROOM_MS = 500, 3, 3_000
FOREVER_MS = 1 << 53

__all__ = ["Anchored", "FrameHashes", "How", "Placed", "State", "place"]


class Anchored(Protocol):
    """What is placed: `anchors.Anchor`, a comment, or anything with these fields (times in ms)."""

    @property
    def start_ms(self) -> int:
        """Begin in the old take."""

    @property
    def end_ms(self) -> int:
        """End in the old take, not before the start."""

    @property
    def first_word(self) -> int | None:
        """Id of the first word, where it is about words."""

    @property
    def last_word(self) -> int | None:
        """Id of the last word."""

    @property
    def quote(self) -> str:
        """The words as they were read, or nothing."""

    @property
    def quote_before(self) -> str:
        """Up to 32 characters before them."""

    @property
    def quote_after(self) -> str:
        """Up to 32 characters after them."""


@dataclass(frozen=True)
class Placed:
    """Where an anchor lies in the new take, and how sure that is.

    `exact` is the same media or the very same time, `moved` another time, `uncertain` a place with
    little behind it, `removed` none. Times in ms, None where removed. `confidence` (0..1) is the
    share of such answers that are right.
    """

    state: State
    start_ms: int | None
    end_ms: int | None
    confidence: float
    how: How


def place(
    anchors: Sequence[Anchored],
    old_words: Sequence[Word],
    new_words: Sequence[Word],
    *,
    same_media: bool = False,
    frames: FrameHashes | None = None,
    new_length_ms: int | None = None,
) -> list[Placed]:
    """Place every anchor in the new take, in the order given.

    `new_length_ms` is the length of the new recording, where it is known: nothing is placed behind
    it. Words carry the times (ms) of their own take.
    """
    if same_media:
        return [Placed("exact", a.start_ms, a.end_ms, 1.0, "same media") for a in anchors]
    placer = _Placer(
        Whereabouts(old_words, new_words), frames or FrameHashes(), _end(new_words, new_length_ms)
    )
    return [placer.place(anchor) for anchor in anchors]


def _end(words: Sequence[Word], length_ms: int | None) -> int | None:
    """The last moment (ms) anything may be placed at."""
    if length_ms is not None:
        return length_ms
    return max((word.end_ms for word in words), default=None)


class _Placer:
    """One pair of takes: what is asked, and in which order."""

    def __init__(self, where: Whereabouts, frames: FrameHashes, end_ms: int | None) -> None:
        self.where, self.frames, self.end_ms = where, frames, end_ms

    def place(self, anchor: Anchored) -> Placed:
        """The best that can be said about one anchor."""
        where = self.where
        if not where.passages.runs:
            return self._without_words(anchor)
        rows = where.rows(anchor.start_ms, anchor.end_ms, anchor.first_word, anchor.last_word)
        placed = self._by_words(anchor, rows) if rows else self._in_pause(anchor)
        if placed.state == "uncertain" or (placed.state == "removed" and not rows):
            placed = self._by_picture(anchor, placed)
        return placed

    def _by_words(self, anchor: Anchored, rows: range) -> Placed:
        guesses = [self.where.guess(row) for row in rows]
        there = sum(guess.there for guess in guesses) / len(guesses)
        part = self._together(guesses)
        if there < LEAST_LEFT or not part:
            return self._elsewhere(anchor, rows, there)
        first, last = part[0], part[-1]
        start, end = first.ms, last.ms + self._length(last)
        if first.row == rows[0]:
            start += anchor.start_ms - self.where.old[first.row].start_ms
        if last.row == rows[-1]:
            end = last.ms + anchor.end_ms - self.where.old[last.row].start_ms
        sure = sum(guess.sure for guess in part) / len(part)
        return self._placed(anchor, start, end, _worth(sure, WORTH_OF_PLACE), "words")

    def _together(self, guesses: list[Guess]) -> list[Guess]:
        """The weightiest of the parts an anchor fell into: words that still follow each other."""
        parts: list[list[Guess]] = [[]]
        for guess in guesses:
            if guess.there < LEAST_LEFT:
                continue
            if parts[-1]:
                before = parts[-1][-1]
                over = self.where.old[guess.row].start_ms - self.where.old[before.row].start_ms
                if not -BACK_MS <= guess.ms - before.ms <= STRETCHED * over + ROOM_MS:
                    parts.append([])
            parts[-1].append(guess)
        return max(parts, key=lambda part: sum(guess.there for guess in part))

    def _length(self, guess: Guess) -> int:
        word = self.where.old[guess.row]
        return word.end_ms - word.start_ms

    def _elsewhere(self, anchor: Anchored, rows: range, there: float) -> Placed:
        found = self.where.quoted_elsewhere(rows)
        if found is not None:
            first, last, score = found
            return self._placed(anchor, first.start_ms, last.end_ms, score * BY_QUOTE, "quote")
        return _removed(_worth(1 - there, WORTH_OF_CUT))

    def _in_pause(self, anchor: Anchored) -> Placed:
        """Nobody speaks there: between the words around it, at the same share of the pause."""
        before, after = self.where.around(anchor.start_ms)
        length = anchor.end_ms - anchor.start_ms
        if before is None and after is None:
            return _removed(UNKNOWN)
        if before is not None and after is not None:
            left, right = before.ms + self._length(before), after.ms
            old_left = self.where.old[before.row].end_ms
            old_pause = max(1, self.where.old[after.row].start_ms - old_left)
            pause = right - left
            start = left + (anchor.start_ms - old_left) * max(0, pause) / old_pause
            # A pause that was cut short, or one into which something was put.
            alike = max(0.0, 1 - abs(pause - old_pause) / max(old_pause, RIGHT_MS))
            sure = min(before.sure, after.sure) * alike
        else:
            one = before or after
            assert one is not None
            start = one.ms + anchor.start_ms - self.where.old[one.row].start_ms
            away = abs(start - one.ms)
            sure = one.sure * RIGHT_MS / max(RIGHT_MS, away)
        sure = _worth(sure, WORTH_OF_PLACE)
        return self._placed(anchor, start, start + length, sure, "words")

    def _by_picture(self, anchor: Anchored, otherwise: Placed) -> Placed:
        """What the picture says, where it is surer than the words."""
        expected = otherwise.start_ms if otherwise.start_ms is not None else anchor.start_ms
        seen = seen_again(self.frames, anchor.start_ms, self._bounds(anchor), expected)
        if seen is None or seen.sure <= otherwise.confidence * (otherwise.state == "uncertain"):
            return otherwise
        length = anchor.end_ms - anchor.start_ms
        return self._placed(anchor, seen.ms, seen.ms + length, seen.sure, "picture")

    def _bounds(self, anchor: Anchored) -> tuple[int, int]:
        """Between which moments of the new take to look: the next known words on either side."""
        before, after = self.where.known_beside(anchor.start_ms, anchor.end_ms)
        if before is None or after is None or after < before:
            return 0, FOREVER_MS
        return before, after

    def _without_words(self, anchor: Anchored) -> Placed:
        """Nothing is said in both takes: the picture, the quote kept with the anchor, or none.

        Where the old take has no words nothing says that a passage is gone: the same moment is
        given.
        """
        found = self._by_picture(anchor, _removed(NOT_SEEN if self.frames else UNKNOWN))
        if found.how == "picture" or self.frames:
            return found
        if self.where.new and anchor.quote:
            wanted = Quoted(anchor.quote, anchor.quote_before, anchor.quote_after)
            quote = search_quote(wanted, self.where.new)
            if quote is None:
                return _removed(UNKNOWN)
            first, last = self.where.new[quote.first], self.where.new[quote.last]
            return self._placed(
                anchor, first.start_ms, last.end_ms, quote.score * BY_QUOTE, "quote"
            )
        if self.where.old:
            return _removed(UNKNOWN)
        return self._placed(anchor, anchor.start_ms, anchor.end_ms, BY_CLOCK, "none")

    def _placed(self, anchor: Anchored, start: float, end: float, sure: float, how: How) -> Placed:
        limit = self.end_ms if self.end_ms is not None else max(round(start), round(end), 0)
        begin = min(max(0, round(start)), limit)
        finish = min(max(begin, round(end)), limit)
        state: State = "uncertain"
        if sure >= LEAST_SURE:
            same = (begin, finish) == (anchor.start_ms, anchor.end_ms)
            state = "exact" if same else "moved"
        return Placed(state, begin, finish, round(sure, 3), how)


def _worth(probability: float, measured: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    return float(np.interp(probability, *measured))


def _removed(sure: float) -> Placed:
    return Placed("removed", None, None, round(sure, 3), "none")
