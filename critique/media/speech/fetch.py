"""Fetching a Whisper model: only when a person asks for it, and whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from critique.media.errors import Refused, Unready
from critique.media.speech.engines import is_model

KEPT = "Nothing was changed; transcripts go on as drafts."


def known_models() -> list[str]:
    """Names `fetch` accepts, as faster-whisper lists them (small, medium, large-v3, ...)."""
    from faster_whisper import available_models

    return list(available_models())


def fetch(model: str, folder: Path) -> Path:
    """Put the model into `folder/model` and return that; does nothing when it is there already.

    Raises Refused for an unknown name and Unready when it cannot be had now.
    """
    from faster_whisper import download_model

    if model not in known_models():
        raise Refused(f"There is no Whisper model {model!r}. Known: {', '.join(known_models())}.")
    target = folder / model
    if is_model(target):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{model}.", dir=folder))
    try:
        download_model(model, output_dir=str(partial))
        if not is_model(partial):
            raise Unready(f"What came for the model {model} was not complete. {KEPT} Try again.")
        shutil.rmtree(partial / ".cache", ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        partial.chmod(0o755)
        partial.replace(target)
    except (OSError, RuntimeError, ValueError) as failure:
        raise Unready(
            f"The model {model} could not be fetched: the model hub cannot be reached from here. "
            f"{KEPT} Check the connection and run this again, or copy the model's folder to "
            f"{target} yourself."
        ) from failure
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target
