"""How alike the words of two takes are, and how little a match may mean. Pure: numpy, rapidfuzz.

Both takes were heard by a recogniser that errs, so words that are spelled alike count too. And
people repeat themselves: that "the next question is" comes again proves nothing where every second
sentence begins so. What a match is worth is therefore measured against how well the word could be
guessed from the two before it, counted in the rest of the same talk.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from critique.walkthroughs.words import SENTENCE_ENDS, Word

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# The share of words a recogniser, or the speaker, has changed; half of those sound alike.
CHANGED = 0.25
LEAST_ALIKE = 0.55
LEAST_LETTERS = 3
# Four million comparisons take 50 ms.
MOST_SPELLINGS = 2_000
# Of Witten and Bell's kind: so many sightings weigh as much as the shorter context.
TRUST = 15.0
# However rare a word: recognisers mishear two words as the same one, too.
LEAST_CHANCE = 0.0005
PAUSE_MS = 160
MOST_PAUSES = 0.2


@dataclass(frozen=True)
class Talk:
    """One take as numbers: a spelling's number and a break or none before each word."""

    spellings: list[str]
    words: Ints
    breaks: NDArray[np.bool_]

    @cached_property
    def chances(self) -> Floats:
        """How probable each word is after the two before it, judged by the rest of the talk.

        Interpolated trigrams, each word counted without itself (Jelinek and Mercer 1980; leaving
        one out as in Kneser and Ney 1995).
        """
        kinds = len(self.spellings) + 1
        before = np.concatenate([[kinds - 1], self.words[:-1]])[: len(self.words)]
        earlier = np.concatenate([[kinds - 1], before[:-1]])[: len(self.words)]
        pair = before * kinds + self.words
        context = earlier * kinds + before
        triple = np.unique(context, return_inverse=True)[1] * kinds + self.words
        chance = (_others(self.words) + 0.5) / (len(self.words) + 0.5 * kinds)
        for seen, ground in ((pair, before), (triple, context)):
            chance = (_others(seen) + TRUST * chance) / (_others(ground) + TRUST)
        return np.maximum(chance, LEAST_CHANCE).astype(np.float32)


def talk_of(words: Sequence[Word]) -> Talk:
    """Number the spellings of a take, without case and punctuation."""
    known: dict[str, int] = {}
    texts = [word.text for word in words]
    written = {text: known.setdefault(spelling(text), len(known)) for text in dict.fromkeys(texts)}
    numbers = np.array([written[text] for text in texts], dtype=np.int64)
    return Talk(list(known), numbers, _breaks(words))


def spelling(text: str) -> str:
    """A word as it is compared: no case, no punctuation; marks of Indic scripts stay.

    >>> spelling("Check-out,"), spelling("Größe"), spelling("—")
    ('checkout', 'größe', '—')
    """
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():
        return folded
    kept = "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M")
    return kept or folded


@dataclass(frozen=True)
class Likeness:
    """How probably words of the new take came out as words of the old one.

    `same` names for each old word its spelling's number in the new take, or -1. `near` is for other
    spellings: row and column 0 are for words like no other, `rows` and `columns` tell for each word
    of either take which is its own.
    """

    same: Ints
    near: Floats
    rows: Ints
    columns: Ints


def likeness(old: Talk, new: Talk) -> Likeness:
    """Compare the spellings of two takes."""
    place = {text: number for number, text in enumerate(new.spellings)}
    same = np.array([place.get(text, -1) for text in old.spellings], dtype=np.int64)
    known = set(old.spellings) & set(place)
    ours, theirs = _comparable(old.spellings, known), _comparable(new.spellings, known)
    near = np.zeros((len(ours) + 1, len(theirs) + 1), dtype=np.float32)
    if ours and theirs:
        ratio = process.cdist(
            [old.spellings[number] for number in ours],
            [new.spellings[number] for number in theirs],
            scorer=Indel.normalized_similarity,
            score_cutoff=LEAST_ALIKE,
            dtype=np.float32,
        )
        ratio[ratio == 1] = 0
        near[1:, 1:] = np.square(np.maximum(2 * ratio - 1, 0))
    near *= CHANGED / 2 / np.maximum(near.sum(axis=0), 1)
    rows, columns = np.zeros(len(same), np.int64), np.zeros(len(place), np.int64)
    rows[ours], columns[theirs] = np.arange(1, len(near)), np.arange(1, near.shape[1])
    return Likeness(same[old.words], near, rows[old.words], columns[new.words])


def _comparable(spellings: list[str], known: set[str]) -> list[int]:
    """Spellings to compare letter by letter; of too many, those the other take lacks."""
    found = [number for number, text in enumerate(spellings) if len(text) >= LEAST_LETTERS]
    if len(found) > MOST_SPELLINGS:
        found = [number for number in found if spellings[number] not in known]
    return found[:MOST_SPELLINGS]


def _others(keys: Ints) -> NDArray[np.float64]:
    """How often each key occurs besides here."""
    _, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    return count[place].astype(np.float64) - 1


def _breaks(words: Sequence[Word]) -> NDArray[np.bool_]:
    """Where a sentence may begin: after its mark, or after a pause that is long for this talk."""
    if not words:
        return np.zeros(0, dtype=np.bool_)
    starts = np.array([word.start_ms for word in words])
    ends = np.array([word.end_ms for word in words])
    pauses = np.concatenate([[0], starts[1:] - ends[:-1]])
    long = (pauses >= PAUSE_MS) & (pauses > np.quantile(pauses, 1 - MOST_PAUSES))
    marks = np.array([True] + [word.text.endswith(SENTENCE_ENDS) for word in words[:-1]])
    found: NDArray[np.bool_] = long | marks
    return found
