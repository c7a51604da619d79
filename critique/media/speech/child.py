"""Runs as its own program inside the sandbox: hear or align words, print them as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from critique.media.speech.words import Transcript


def answer(request: dict[str, Any]) -> Transcript:
    """Do what `request` asks. Engines are imported only when needed: they are slow to load."""
    wav = Path(request["wav"])
    if request["task"] == "align":
        from critique.media.speech import alignment

        return alignment.aligned(wav, request["text"])
    if request["task"] == "align_cues":
        from critique.media.speech import alignment
        from critique.media.speech.captions import Cue

        return alignment.aligned_cues(wav, [Cue(**cue) for cue in request["cues"]])
    if request["model"] is None:
        from critique.media.speech import sphinx

        return sphinx.transcribe(wav)
    from critique.media.speech import whisper

    return whisper.transcribe(wav, Path(request["model"]))


def main() -> None:
    """Read the request named on the command line; libraries may not write into the answer."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        json.dump(answer(request).to_dict(), out)


if __name__ == "__main__":
    main()
