"""The draft engine: pocketsphinx, whose US English model comes in its wheel."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder

from critique.media.speech import sound
from critique.media.speech.words import Transcript, Word, ordered

FRAME_MS = 10
VARIANT = re.compile(r"\(\d+\)$")
FILLERS = ("<", "[", "+")


def new_decoder() -> Decoder:
    """Load the bundled model; takes about half a second."""
    return Decoder(samprate=sound.RATE, loglevel="FATAL")


def transcribe(wav: Path) -> Transcript:
    """Recognise US English speech in a 16 kHz mono WAV; always a draft."""
    heard = sound.samples(wav)
    words = ordered(recognise(new_decoder(), heard), sound.length_ms(heard))
    return Transcript("pocketsphinx", draft=True, language="en", words=words)


def recognise(decoder: Decoder, heard: np.ndarray) -> list[Word]:
    """Words of every passage with a voice, in order."""
    decoder.activate_search()
    words: list[Word] = []
    for start_ms, end_ms in sound.passages(heard):
        words += decode(decoder, sound.piece(heard, start_ms, end_ms), start_ms)
    return words


def decode(decoder: Decoder, heard: np.ndarray, offset_ms: int) -> list[Word]:
    """Run the decoder's current search over one passage; times count from `offset_ms`."""
    decoder.start_utt()
    decoder.process_raw(heard.tobytes(), full_utt=True)
    decoder.end_utt()
    return [
        Word(
            _written(segment.word),
            offset_ms + segment.start_frame * FRAME_MS,
            offset_ms + (segment.end_frame + 1) * FRAME_MS,
            round(min(1.0, segment.prob), 3),
        )
        for segment in decoder.seg() or ()
        if not segment.word.startswith(FILLERS)
    ]


def _written(word: str) -> str:
    """The word without its pronunciation variant, "been(2)", and with "I" as people write it."""
    plain: str = VARIANT.sub("", word)
    return plain.capitalize() if plain == "i" or plain.startswith("i'") else plain
