"""The recorded pairs: two takes read aloud, with every sentence's true times in both.

A folder holds KIND.json (`kind`, and under `v1` and `v2` sentences with id, text, start_ms, end_ms;
the same id is the same sentence, null is new) beside KIND-v1.opus and KIND-v2.opus.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench.placement_cases import Case, Comment
from critique.comments.anchors import Anchor
from critique.media.binary import ffmpeg_path
from critique.media.speech import engine_for, transcribe
from critique.media.speech.words import spread
from critique.walkthroughs.words import Word

Sentence = dict[str, Any]
RUNS_A_SENTENCE = 12
EDGE_MS = 100


def recorded(folder: Path, *, heard: bool) -> Iterator[tuple[str, Case]]:
    """Each pair as a case: as pocketsphinx hears it, or the true text spread over its times."""
    for path in sorted(folder.glob("*.json")):
        pair = json.loads(path.read_text())
        if heard:
            words = [_heard(path.with_name(f"{path.stem}-{take}.opus")) for take in ("v1", "v2")]
        else:
            words = [_spoken(pair[take]) for take in ("v1", "v2")]
        yield pair["kind"], _case(pair["v1"], pair["v2"], *words)


def _case(first: list[Sentence], second: list[Sentence], old: list[Word], new: list[Word]) -> Case:
    """Comments on every sentence, and on runs of one to eight of its words."""
    chance = Random(len(old))
    there = {sentence["id"]: sentence for sentence in second if sentence["id"] is not None}
    made = Case(old, new)
    for sentence in first:
        rows = [
            row
            for row, word in enumerate(old)
            if sentence["start_ms"] - EDGE_MS <= word.start_ms
            and word.end_ms <= sentence["end_ms"] + EDGE_MS
        ]
        for wanted in [len(rows)] + [chance.randint(1, 8) for _ in range(RUNS_A_SENTENCE)]:
            length = min(wanted, len(rows))
            if length:
                begin = rows[chance.randrange(len(rows) - length + 1)]
                words = old[begin : begin + length]
                made.comments.append(_comment(words, sentence, there.get(sentence["id"])))
    return made


def _comment(words: list[Word], here: Sentence, there: Sentence | None) -> Comment:
    """Its place is the same share of the sentence; of one reworded, any place in it is right."""
    anchor = Anchor(words[0].start_ms, words[-1].end_ms, 1, words[0].id, words[-1].id)
    if there is None:
        return Comment(anchor, None)
    pace = (there["end_ms"] - there["start_ms"]) / (here["end_ms"] - here["start_ms"])
    start = there["start_ms"] + round((anchor.start_ms - here["start_ms"]) * pace)
    extent = (there["start_ms"], there["end_ms"])
    return Comment(anchor, start, 0, None if here["text"] == there["text"] else extent)


def _spoken(sentences: list[Sentence]) -> list[Word]:
    rows = [w for s in sentences for w in spread(s["text"].split(), s["start_ms"], s["end_ms"])]
    return [Word(at, row.text, row.start_ms, row.end_ms) for at, row in enumerate(rows)]


def _heard(sound: Path) -> list[Word]:
    """What the draft engine hears, kept in the folder TRANSCRIPTS names, if it names one."""
    kept = os.environ.get("TRANSCRIPTS")
    file = Path(kept) / f"{sound.stem}.json" if kept else None
    if file is not None and file.exists():
        return [Word(*row) for row in json.loads(file.read_text())]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "voice.wav"
        command = [ffmpeg_path(), "-v", "error", "-i", sound, "-ac", "1", "-ar", "16000", wav]
        subprocess.run(command, check=True)
        found = transcribe(wav, engine_for(Path(folder))).words
    words = [Word(at, row.text, row.start_ms, row.end_ms) for at, row in enumerate(found)]
    if file is not None:
        rows = [[w.id, w.text, w.start_ms, w.end_ms] for w in words]
        file.write_text(json.dumps(rows))
    return words
