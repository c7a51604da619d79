"""Captions in and out: VTT, SRT and plain text from people, VTT and text for players."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from critique.media.errors import Refused
from critique.media.speech.words import Word

MAX_BYTES = 4_000_000
MAX_CUES = 20_000
MAX_WORDS = 100_000
# Far above what is said in one breath, also where nothing stands between words (Chinese, Thai).
MAX_WORD_CHARS = 2_000
# A cue goes back to its writer as it came: two lines of 42 characters are what broadcasters and
# streaming services ask for (Netflix timed text style guide, BBC subtitle guidelines).
LINE_CHARS = 42
CUE_CHARS = 2 * LINE_CHARS
CUE_MS = 6000
PAUSE_MS = 700
PARAGRAPH_PAUSE_MS = 1500
SENTENCE_ENDS = (".", "?", "!", "…")

ARROW = re.compile(r"^\s*[\d:.,]+\s*-->\s*[\d:.,]+", re.MULTILINE)
HINT = "The transcript that was there is kept. Upload WebVTT (.vtt), SubRip (.srt) or plain text."


@dataclass(frozen=True)
class Cue:
    """One caption; times in ms, `text` without markup, on one line."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Captions:
    """What somebody uploaded: cues with times, or (with none) plain text without."""

    cues: list[Cue]
    text: str


def parse(data: bytes) -> Captions:
    """Read an upload, judged by what it holds, not by its name.

    Raises Refused with a sentence when it is no text, too long, or holds no words.
    """
    if len(data) > MAX_BYTES:
        raise Refused(f"This transcript is larger than {MAX_BYTES // 1_000_000} MB. {HINT}")
    text = _decoded(data)
    if text.lstrip().startswith("WEBVTT"):
        cues = _cues(text.lstrip(), "vtt")
    elif ARROW.search(text):
        cues = _cues(text, "srt")
    else:
        cues = []
    timed = text.lstrip().startswith("WEBVTT") or ARROW.search(text)
    plain = " ".join(cue.text for cue in cues) if timed else text.strip()
    words = plain.split()
    if not words:
        raise Refused(f"No words were found in this transcript. {HINT}")
    if len(words) > MAX_WORDS:
        raise Refused(f"This transcript has more than {MAX_WORDS:,} words. {HINT}")
    if max(map(len, words)) > MAX_WORD_CHARS:
        raise Refused(
            f"A word of this transcript is longer than {MAX_WORD_CHARS:,} characters. Put spaces "
            f"or new lines between its words. {HINT}"
        )
    return Captions(cues, plain)


def _decoded(data: bytes) -> str:
    """Text from bytes of unknown make: a byte order mark decides, then UTF-8, then Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise Refused(f"This is not a text file. {HINT}")
    return "".join(char for char in text if char in "\n\r\t" or unicodedata.category(char) != "Cc")


def _cues(text: str, form: str) -> list[Cue]:
    try:
        captions = webvtt.from_buffer(text.splitlines(), format=form)
        cues = [_cue(caption) for caption in captions.captions]
    except (MalformedFileError, MalformedCaptionError, ValueError, OverflowError) as failure:
        raise Refused(f"The times in this transcript cannot be read. {HINT}") from failure
    if len(cues) > MAX_CUES:
        raise Refused(f"This transcript has more than {MAX_CUES:,} captions. {HINT}")
    return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_ms)


def _cue(caption: webvtt.Caption) -> Cue:
    start, end = caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()
    text = " ".join(html.unescape(caption.text).split())
    return Cue(start, max(start, end), text)


def to_text(words: Sequence[Word]) -> str:
    """Plain text, a new paragraph after each pause of 1.5 s or more."""
    parts: list[str] = []
    for index, word in enumerate(words):
        if index:
            pause = word.start_ms - words[index - 1].end_ms
            parts.append("\n\n" if pause >= PARAGRAPH_PAUSE_MS else " ")
        parts.append(word.text)
    return "".join(parts) + "\n" if parts else ""


def to_vtt(words: Sequence[Word]) -> str:
    """WebVTT of at most two lines of 42 characters a cue; markup in words stays text."""
    lines = ["WEBVTT", ""]
    for cue in cues_of(words):
        shown = "\n".join(html.escape(line, quote=False) for line in _wrapped(cue.text))
        lines += [f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}", shown, ""]
    return "\n".join(lines)


def cues_of(words: Sequence[Word]) -> Iterator[Cue]:
    """Group words into cues that end at pauses, ends of sentences, or when full."""
    group: list[Word] = []
    for word in words:
        if group and _complete(group, word):
            yield _joined(group)
            group = []
        group.append(word)
    if group:
        yield _joined(group)


def clock(ms: int) -> str:
    """A WebVTT timestamp, hh:mm:ss.mmm."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{rest:03d}"


def _complete(group: list[Word], coming: Word) -> bool:
    """Whether a cue ends before the coming word."""
    length = sum(len(word.text) + 1 for word in group) - 1
    full = length + 1 + len(coming.text) > CUE_CHARS or coming.end_ms - group[0].start_ms > CUE_MS
    paused = coming.start_ms - group[-1].end_ms > PAUSE_MS
    ended = length > LINE_CHARS // 2 and group[-1].text.endswith(SENTENCE_ENDS)
    return full or paused or ended


def _joined(group: list[Word]) -> Cue:
    # Players never show a cue of no length.
    end = max(group[-1].end_ms, group[0].start_ms + 1)
    return Cue(group[0].start_ms, end, " ".join(word.text for word in group))


def _wrapped(text: str) -> list[str]:
    """Break after the blank nearest to the middle, when one line is not enough."""
    if len(text) <= LINE_CHARS:
        return [text]
    blanks = [index for index, char in enumerate(text) if char == " "]
    if not blanks:
        return [text]
    middle = min(blanks, key=lambda index: abs(index - len(text) // 2))
    return [text[:middle], text[middle + 1 :]]
