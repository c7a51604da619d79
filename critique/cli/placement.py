"""`critique placement`: judge where comments lie in another take, from files alone.

No database and no settings are read, so that others can try it on pairs of their own.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from critique.comments.anchors import LONGEST_MS, Anchor, place
from critique.walkthroughs.words import Word

MOST_BYTES = 100_000_000
MOST_WORDS = 100_000
MOST_ANCHORS = 20_000
# Recognisers let a word begin a little before the one before it ends.
OVERLAP_MS = 200


class BadFile(click.ClickException):
    """What is wrong with which file, as one sentence on standard error; the exit code is 2."""

    exit_code = 2

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")

    def show(self, file: Any = None) -> None:
        """Say it without decoration."""
        click.echo(self.message, err=True, file=file)


@click.command()
@click.argument("old", metavar="FROM.json", type=click.Path(path_type=Path))
@click.argument("new", metavar="TO.json", type=click.Path(path_type=Path))
@click.argument("comments", metavar="ANCHORS.json", type=click.Path(path_type=Path))
def placement(old: Path, new: Path, comments: Path) -> None:
    """Place the anchors of one transcript in another.

    FROM and TO hold {"words": [{"id", "text", "start_ms", "end_ms"}]} as the API gives a
    transcript, ANCHORS [{"id", "start_ms", "end_ms", "words": {"first", "last"} or null}]. Prints
    [{"id", "state", "start_ms", "end_ms", "confidence"}]: exact, moved, uncertain, or removed with
    null for both times. Times are in ms.
    """
    before, numbers = _transcript(old)
    after, _ = _transcript(new)
    asked = _anchors(comments, numbers)
    for path, words in ((old, before), (new, after)):
        if not words:
            click.echo(f"{path}: there are no words in it, so little can be said.", err=True)
    placed = place([anchor for _, anchor in asked], before, after)
    rows = [
        {
            "id": name,
            "state": one.state,
            "start_ms": one.start_ms,
            "end_ms": one.end_ms,
            "confidence": one.confidence,
        }
        for (name, _), one in zip(asked, placed, strict=True)
    ]
    click.echo("[" + ",\n ".join(json.dumps(row) for row in rows) + "]")


def _transcript(path: Path) -> tuple[list[Word], dict[int | str, int]]:
    """The words, and for each id in the file the number it is known by here."""
    told = _read(path)
    if not isinstance(told, dict) or not isinstance(told.get("words"), list):
        raise BadFile(path, 'a transcript is an object with a list of "words".')
    if len(told["words"]) > MOST_WORDS:
        raise BadFile(path, f"more than {MOST_WORDS:,} words are too many.")
    words: list[Word] = []
    numbers: dict[int | str, int] = {}
    for at, row in enumerate(told["words"]):
        what = f"word {at + 1}"
        name = _name(path, row, what)
        if name in numbers:
            raise BadFile(path, f"{what} has the id {name!r}, which another word has already.")
        if not isinstance(row.get("text"), str):
            raise BadFile(path, f'{what} has no "text".')
        start, end = _times(path, row, what)
        if words and start < words[-1].start_ms:
            raise BadFile(path, f"{what} begins before the one before it; sort them by time.")
        if words and start < words[-1].end_ms - OVERLAP_MS:
            raise BadFile(path, f"{what} begins long before the one before it ends.")
        numbers[name] = at
        words.append(Word(at, row["text"], start, end))
    return words, numbers


def _anchors(path: Path, numbers: dict[int | str, int]) -> list[tuple[int | str, Anchor]]:
    told = _read(path)
    if not isinstance(told, list):
        raise BadFile(path, "anchors are a list.")
    if len(told) > MOST_ANCHORS:
        raise BadFile(path, f"more than {MOST_ANCHORS:,} anchors are too many.")
    found: list[tuple[int | str, Anchor]] = []
    for at, row in enumerate(told):
        what = f"anchor {at + 1}"
        name = _name(path, row, what)
        start, end = _times(path, row, what)
        first, last = _words_of(path, row, what, numbers)
        found.append((name, Anchor(start, end, first_word=first, last_word=last)))
    return found


def _words_of(
    path: Path, row: dict[str, Any], what: str, numbers: dict[int | str, int]
) -> tuple[int | None, int | None]:
    """The numbers of the first and the last word, or None for an anchor in time alone."""
    words = row.get("words")
    if words is None:
        return None, None
    if not isinstance(words, dict) or not {"first", "last"} <= words.keys():
        raise BadFile(path, f'the "words" of {what} need "first" and "last", or be null.')
    if words["first"] is None and words["last"] is None:
        return None, None
    for key in ("first", "last"):
        name = words[key]
        if isinstance(name, bool) or not isinstance(name, int | str) or name not in numbers:
            raise BadFile(path, f"{what} names the word {name!r}, which the transcript lacks.")
    first, last = numbers[words["first"]], numbers[words["last"]]
    if last < first:
        raise BadFile(path, f"the last word of {what} comes before its first.")
    return first, last


def _read(path: Path) -> Any:
    """The file's JSON. Raises BadFile."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadFile(path, f"more than {MOST_BYTES // 1_000_000} MB are too much.")
        return json.loads(path.read_bytes(), parse_constant=_no_number)
    except OSError as failure:
        raise BadFile(path, f"it cannot be read ({failure.strerror}).") from None
    except (ValueError, RecursionError) as failure:
        raise BadFile(path, f"this is not JSON ({failure}).") from None


def _no_number(written: str) -> float:
    raise ValueError(f"{written} is no number there")


def _name(path: Path, row: Any, what: str) -> int | str:
    if not isinstance(row, dict):
        raise BadFile(path, f"{what} is not an object.")
    name = row.get("id")
    if isinstance(name, bool) or not isinstance(name, int | str):
        raise BadFile(path, f'{what} needs an "id", a number or a text.')
    return name


def _times(path: Path, row: dict[str, Any], what: str) -> tuple[int, int]:
    """Start and end in ms, in order and within a week."""
    times = []
    for key in ("start_ms", "end_ms"):
        value = row.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadFile(path, f'{what} needs "{key}", a number of milliseconds.')
        if not math.isfinite(value) or not 0 <= value <= LONGEST_MS:
            raise BadFile(path, f"the {key} of {what} does not lie between 0 and seven days.")
        times.append(round(value))
    if times[1] < times[0]:
        raise BadFile(path, f"{what} ends before it begins.")
    return times[0], times[1]


COMMANDS = (placement,)
