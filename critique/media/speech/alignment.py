"""Aligning text to sound with pocketsphinx: runs inside the sandboxed child.

First the voice is recognised and both word rows are matched (difflib); words that agree take their
times from there. Each stretch between two such words is then aligned by force, within its bounds,
and shared out by length where that fails. So one odd word costs its own stretch, never the whole.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder

from critique.media.speech import sound, sphinx
from critique.media.speech.align import uploaded
from critique.media.speech.captions import Cue
from critique.media.speech.words import Transcript, Word, ordered, spread

# A lone short word ("the") matches by chance; a pair, or a long word, rarely does.
SURE_RUN = 2
SURE_LETTERS = 5
LONGEST_FORCED_MS = 120_000
MOST_FORCED_WORDS = 400
CUE_MARGIN_MS = 150
MIN_PHONE_MS = 30

# How an unknown name might sound, letter by letter in ARPAbet: rough, and enough to find its
# place between known neighbours.
SOUNDS = {
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass
class Spoken:
    """One word to place: its text as written, the keys the dictionary knows it by, its times."""

    text: str
    keys: list[str]
    start_ms: int = -1
    end_ms: int = -1


def aligned(wav: Path, text: str) -> Transcript:
    """Times for every word of `text`; see the module's note for the method."""
    heard = sound.samples(wav)
    decoder = sphinx.new_decoder()
    known = sphinx.recognise(decoder, heard)
    rows = [Spoken(part, keys_of(part)) for part in text.split()]
    _anchor(rows, known)
    first, last = _voice_bounds(heard, known)
    for run, bounds in _open_runs(rows, first, last):
        _place(decoder, heard, run, bounds)
    return _finished(rows, heard)


def aligned_cues(wav: Path, cues: list[Cue]) -> Transcript:
    """Times for every word of every cue, never outside the cue."""
    heard = sound.samples(wav)
    decoder = sphinx.new_decoder()
    rows: list[Spoken] = []
    for cue in cues:
        run = [Spoken(part, keys_of(part)) for part in cue.text.split()]
        _place(decoder, heard, run, (cue.start_ms, cue.end_ms), CUE_MARGIN_MS)
        for row in run:
            row.start_ms = min(max(row.start_ms, cue.start_ms), cue.end_ms)
            row.end_ms = min(max(row.end_ms, row.start_ms), cue.end_ms)
        rows += run
    return _finished(rows, heard)


def keys_of(text: str) -> list[str]:
    """Lower-case dictionary words inside one written word; digits are spelled out.

    >>> keys_of("(Check-out’s)"), keys_of("16px"), keys_of("—")
    (['check', "out's"], ['one', 'six', 'px'], [])
    """
    plain = text.lower().replace("’", "'")
    keys: list[str] = []
    for part in re.findall(r"[a-z']+|\d", plain):
        key = DIGITS[int(part)] if part.isdigit() else part.strip("'")
        if key:
            keys.append(key)
    return keys


def _anchor(rows: list[Spoken], known: list[Word]) -> None:
    """Give rows the times of heard words they agree with, where the agreement is no chance."""
    keyed = [(row, key) for row in rows for key in row.keys]
    ours, theirs = [key for _, key in keyed], [word.text.lower() for word in known]
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            row, key = keyed[block.a + step]
            word = known[block.b + step]
            if block.size < SURE_RUN and len(key) < SURE_LETTERS:
                continue
            row.start_ms = word.start_ms if row.start_ms < 0 else row.start_ms
            row.end_ms = word.end_ms


def _voice_bounds(heard: np.ndarray, known: list[Word]) -> tuple[int, int]:
    voiced = sound.passages(heard)
    first = min([start for start, _ in voiced[:1]] + [word.start_ms for word in known[:1]] or [0])
    ends = [end for _, end in voiced[-1:]] + [word.end_ms for word in known[-1:]]
    return first, max(ends or [sound.length_ms(heard)])


def _open_runs(
    rows: list[Spoken], first_ms: int, last_ms: int
) -> Iterator[tuple[list[Spoken], tuple[int, int]]]:
    """Stretches of rows without times, each with the bounds its neighbours leave."""
    run: list[Spoken] = []
    floor = first_ms
    for row in rows:
        if row.start_ms < 0:
            run.append(row)
            continue
        if run:
            yield run, (floor, max(floor, row.start_ms))
        run, floor = [], row.end_ms
    if run:
        yield run, (floor, max(floor, last_ms))


def _place(
    decoder: Decoder,
    heard: np.ndarray,
    run: list[Spoken],
    bounds: tuple[int, int],
    margin_ms: int = 0,
) -> None:
    """Set the times of one run: by the voice if that works, by length if not."""
    begin, end = max(0, bounds[0] - margin_ms), bounds[1] + margin_ms
    found = _forced(decoder, sound.piece(heard, begin, end), run, begin)
    if found is None:
        shared = spread([row.text for row in run], *bounds)
        for row, word in zip(run, shared, strict=True):
            row.start_ms, row.end_ms = word.start_ms, word.end_ms
        return
    passed, before = 0, begin
    for row in run:
        own = found[passed : passed + len(row.keys)]
        passed += len(own)
        row.start_ms = own[0].start_ms if own else before
        row.end_ms = before = own[-1].end_ms if own else before


def _forced(
    decoder: Decoder, cut: np.ndarray, run: list[Spoken], offset_ms: int
) -> list[Word] | None:
    """Align all keys of the run to the cut, or None where the decoder cannot."""
    keys = [key for row in run for key in row.keys]
    available = sound.length_ms(cut)
    if not keys or len(keys) > MOST_FORCED_WORDS or available > LONGEST_FORCED_MS:
        return None
    if available < MIN_PHONE_MS * _teach(decoder, keys):
        return None
    try:
        decoder.set_align_text(" ".join(keys))
        found = sphinx.decode(decoder, cut, offset_ms)
    except RuntimeError:
        return None
    return found if [word.text.lower() for word in found] == keys else None


def _teach(decoder: Decoder, keys: list[str]) -> int:
    """Make sure the dictionary has every key; return how many sounds they take together."""
    sounds = 0
    for key in keys:
        phones = decoder.lookup_word(key)
        if phones is None:
            phones = " ".join(SOUNDS[letter] for letter in key if letter in SOUNDS)
            decoder.add_word(key, phones)
        sounds += len(phones.split())
    return sounds


def _finished(rows: list[Spoken], heard: np.ndarray) -> Transcript:
    words = [Word(row.text, row.start_ms, row.end_ms) for row in rows]
    return uploaded(ordered(words, sound.length_ms(heard)))
