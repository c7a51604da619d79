"""Writes walkthrough.json and walkthrough_2.json: the scripts' words with the times of the voice.

Run as `python -m critique.demo.words` after the walkthroughs were made again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from critique.media.render import voice
from critique.media.speech.align import align_text

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Align the scripts to their voices."""
    for name in ("walkthrough", "walkthrough_2"):
        write(name)


def write(name: str) -> None:
    """Align one script and write `[id, text, start_ms, end_ms, confidence]` rows."""
    with tempfile.TemporaryDirectory() as scratch:
        heard = voice(HERE / f"{name}.mp4", Path(scratch) / "voice.wav")
        assert heard is not None
        words = align_text(heard, (HERE / f"{name}.txt").read_text()).words
    rows = [
        [number, word.text, word.start_ms, word.end_ms, word.confidence]
        for number, word in enumerate(words, start=1)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
