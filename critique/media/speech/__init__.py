"""The words of a recording, with times: recognised, uploaded or aligned to the voice."""

from critique.media.speech.engines import Engine, engine_for, transcribe
from critique.media.speech.words import Transcript, Word

__all__ = ["Engine", "Transcript", "Word", "engine_for", "transcribe"]
