"""Give a known text the times of the voice that speaks it. The work runs in a child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from critique.media.speech.captions import Captions, Cue
from critique.media.speech.engines import DRAFT_PACE, in_child
from critique.media.speech.words import Transcript, Word, ordered, spread


def uploaded(words: list[Word]) -> Transcript:
    """A transcript a person wrote: no draft, in whatever language."""
    return Transcript("uploaded", draft=False, language=None, words=words)


def align(wav: Path | None, captions: Captions, duration_ms: int) -> Transcript:
    """Times for an uploaded transcript.

    By the voice where there is one (`wav`), else by the cues' own times, or, with neither, spread
    evenly over `duration_ms`.
    """
    if captions.cues:
        return align_cues(wav, captions.cues) if wav else untimed(captions.cues)
    if wav:
        return align_text(wav, captions.text)
    words = spread(captions.text.split(), 0, duration_ms)
    return uploaded(words)


def align_text(wav: Path, text: str) -> Transcript:
    """Times for each word of `text` as spoken in a 16 kHz mono WAV; the words stay as written.

    Raises MediaError subclasses as `transcribe` does.
    """
    request = {"task": "align", "wav": str(wav.absolute()), "text": text}
    return in_child(request, wav, pace=2 * DRAFT_PACE)


def align_cues(wav: Path, cues: Sequence[Cue]) -> Transcript:
    """Times for each word inside its cue's own times, refined by the voice where it is heard."""
    request = {
        "task": "align_cues",
        "wav": str(wav.absolute()),
        "cues": [asdict(cue) for cue in cues],
    }
    return in_child(request, wav, pace=2 * DRAFT_PACE)


def untimed(cues: Sequence[Cue]) -> Transcript:
    """Words spread over their cues by length, without listening."""
    words = [word for cue in cues for word in spread(cue.text.split(), cue.start_ms, cue.end_ms)]
    return uploaded(ordered(words))
