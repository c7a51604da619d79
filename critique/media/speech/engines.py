"""Choosing a speech engine, and running it where it can harm nothing."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from critique.media import sandbox
from critique.media.errors import Broken, Unready
from critique.media.speech.words import Transcript

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
BEST_FIRST = ("large-v3", "large-v3-turbo", "turbo", "large-v2", "medium", "small", "base", "tiny")
MODEL_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")
MAX_ANSWER_BYTES = 200_000_000
DRAFT_PACE, WHISPER_PACE = 5, 20
START_S = 300

UNHEARD = (
    "The voice in this recording could not be turned into words. The recording plays as before. "
    "Try again, or upload a transcript (VTT, SRT or plain text) instead."
)


@dataclass(frozen=True)
class Engine:
    """A way to hear words: `name` as shown, the model's folder (None: pocketsphinx), `draft`."""

    name: str
    model: Path | None
    draft: bool


POCKETSPHINX = Engine("pocketsphinx", None, draft=True)


def engine_for(models_folder: Path, model: str | None = None) -> Engine:
    """Whisper when `model` (or, with None, any model) lies in `models_folder`, else pocketsphinx.

    Looks at the folder only; nothing is ever fetched here.
    """
    names = [model] if model else [*BEST_FIRST, *_present(models_folder)]
    for name in names:
        folder = models_folder / name
        if MODEL_NAME.fullmatch(name) and is_model(folder):
            return Engine(f"whisper-{name}", folder, draft=False)
    return POCKETSPHINX


def is_model(folder: Path) -> bool:
    """Whether `folder` holds a whole Whisper model in CTranslate2 format."""
    return all((folder / name).is_file() for name in MODEL_FILES)


def _present(models_folder: Path) -> list[str]:
    if not models_folder.is_dir():
        return []
    return sorted(entry.name for entry in models_folder.iterdir() if entry.is_dir())


def transcribe(wav: Path, engine: Engine) -> Transcript:
    """Hear the words of a 16 kHz mono WAV in a child with limits on time and memory.

    Raises Unready when the model does not work, Broken when the sound cannot be used, and
    Exhausted at a limit.
    """
    request = {"task": "transcribe", "wav": str(wav.absolute()), "model": None}
    if engine.model is None:
        return in_child(request, wav, pace=DRAFT_PACE)
    request["model"] = str(engine.model.absolute())
    weights = (engine.model / "model.bin").stat().st_size
    return in_child(
        request, wav, pace=WHISPER_PACE, memory_bytes=4 * sandbox.GIGABYTE + 3 * weights
    )


def in_child(
    request: dict[str, Any],
    wav: Path,
    *,
    pace: int,
    memory_bytes: int = 3 * sandbox.GIGABYTE,
) -> Transcript:
    """Ask `critique.media.speech.child`; allowed `pace` seconds for each second of sound."""
    allowed_s = START_S + pace * _seconds(wav)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as asked:
        json.dump(request, asked)
        asked.flush()
        try:
            answer = sandbox.run(
                [sys.executable, "-P", "-m", "critique.media.speech.child", asked.name],
                timeout_s=allowed_s,
                max_output_bytes=MAX_ANSWER_BYTES,
                memory_bytes=memory_bytes,
            )
        except Broken as failure:
            raise Unready(UNHEARD) from failure
    return Transcript.from_dict(json.loads(answer))


def _seconds(wav: Path) -> float:
    try:
        with wave.open(str(wav), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError) as failure:
        raise Broken(UNHEARD) from failure
