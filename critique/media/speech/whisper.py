"""Whisper by faster-whisper, on the CPU, from a folder that is there already."""

from __future__ import annotations

from pathlib import Path

from faster_whisper import WhisperModel

from critique.media.speech import sound
from critique.media.speech.words import Transcript, Word, ordered

THREADS = 2


def transcribe(wav: Path, model: Path) -> Transcript:
    """Recognise speech in a 16 kHz mono WAV with the CTranslate2 model in the folder `model`.

    Never asks the network: a missing model fails at once instead of waiting for a hub.
    """
    loaded = WhisperModel(
        str(model),
        device="cpu",
        compute_type="int8",
        cpu_threads=THREADS,
        local_files_only=True,
    )
    heard = sound.samples(wav)
    # Earlier text as a prompt makes Whisper repeat itself after a quiet stretch.
    segments, info = loaded.transcribe(
        heard.astype("float32") / 32768,
        word_timestamps=True,
        vad_filter=True,
        condition_on_previous_text=False,
    )
    words = [
        Word(
            word.word,
            round(word.start * 1000),
            round(word.end * 1000),
            round(word.probability, 3),
        )
        for segment in segments
        for word in segment.words or ()
    ]
    kept = ordered(words, sound.length_ms(heard))
    return Transcript(f"whisper-{model.name}", draft=False, language=info.language, words=kept)
