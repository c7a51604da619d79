"""Where comments lie in the next take: how often right, wrong, honestly gone; and how fast.

Run `python -m bench placement`. Talks of 1,500 words are made by seeds that nothing was tuned on,
taken twice, and both takes heard with errors of their own, 5 to 8 % of the words or, as a draft
engine errs, 25 to 40 %. Rivals: keeping the same time, and searching the quote as Hypothes.is does.
`PAIRS=/folder` adds recorded pairs (see bench/placement_recorded.py), else they are not given.
"""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np

from bench.placement_cases import (
    Case,
    Comment,
    case,
    free_talk,
    mixed,
    reframed,
    reworded,
    set_talk,
    swapped,
    trimmed,
)  # fmt: skip
from bench.placement_recorded import recorded
from bench.placement_rivals import quote_search, same_time
from critique.comments.anchors import Anchor, FrameHashes, Placed, place
from critique.comments.takes.timemap import time_map
from critique.media.pictures import hash_of
from critique.walkthroughs.words import Word

Placer = Callable[[Sequence[Anchor], Sequence[Word], Sequence[Word]], list[Placed]]
PLACERS: dict[str, Placer] = {"same time": same_time, "quote": quote_search, "alignment": place}
FIRST_SEED, TALKS = 10_000, 40
CLEAN, DRAFT = (0.05, 0.08), (0.25, 0.40)
KINDS = {
    "trims and inserts": (trimmed, free_talk),
    "26 % of words changed": (reworded(0.26), free_talk),
    "60 % of words changed": (reworded(0.60), free_talk),
    "sections swapped": (swapped, free_talk),
    "all of it": (mixed, free_talk),
    "set talk, trims and inserts": (trimmed, set_talk),
    "set talk, 26 % changed": (reworded(0.26), set_talk),
    "set talk, 60 % reframed": (reframed(0.60), set_talk),
    "set talk, swapped": (swapped, set_talk),
    "set talk, all of it": (mixed, set_talk),
}
BUCKETS = (0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 1.01)


@dataclass
class Tally:
    """How the answers to many comments turned out."""

    there: int = 0
    placed: int = 0
    wrong: int = 0
    claimed_wrong: int = 0
    gone: int = 0
    called_gone: int = 0
    claimed_gone: int = 0
    answers: list[tuple[Placed, bool]] = field(default_factory=list)

    def note(self, cases: Iterable[Case], placer: Placer) -> None:
        for one in cases:
            anchors = [comment.anchor for comment in one.comments]
            for comment, placed in zip(
                one.comments, placer(anchors, one.old, one.new), strict=True
            ):
                right = comment.right(placed.start_ms)
                claimed = placed.state in ("exact", "moved")
                self.answers.append((placed, right))
                if comment.start_ms is None:
                    self.gone += 1
                    self.called_gone += placed.state == "removed"
                    self.claimed_gone += claimed
                else:
                    self.there += 1
                    self.placed += right
                    self.wrong += placed.start_ms is not None and not right
                    self.claimed_wrong += claimed and not right

    def cells(self) -> list[str]:
        return [
            str(self.there),
            _percent(self.placed, self.there),
            _percent(self.wrong, self.there),
            _percent(self.claimed_wrong, self.there),
            _percent(self.called_gone, self.gone),
            _percent(self.claimed_gone, self.gone),
        ]


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _line(*cells: object) -> None:
    widths = (30, 10, 6, 9, 8, 9, 9, 9)
    print(" ".join(f"{cell!s:>{w}}" for cell, w in zip(cells, widths, strict=False)))


def _head(title: str) -> None:
    print(f"\n{title}")
    _line("", "", "asked", "<= 1.5 s", "wrong", "claimed", "removed", "placed")
    _line("", "", "", "", "", "wrong", "called so", "anyway")


def print_cases(errors: tuple[float, float], talks: int) -> Tally:
    _head(f"{talks} talks a case, {_misheard(errors)}")
    every = Tally()
    for name, (edit, talk) in KINDS.items():
        cases = [
            case(seed, edit, talk=talk, errors=errors)
            for seed in range(FIRST_SEED, FIRST_SEED + talks)
        ]
        wrongs = {}
        for rival, placer in PLACERS.items():
            tally = Tally()
            tally.note(cases, placer)
            _line(name if rival == "same time" else "", rival, *tally.cells())
            wrongs[rival] = 1 - tally.placed / tally.there
        every.answers += tally.answers
        ratio = wrongs["alignment"] / wrongs["quote"] if wrongs["quote"] else float("nan")
        print(f"{'':>31}not placed right, alignment to quote: {ratio:.2f}")
    return every


def _misheard(errors: tuple[float, float]) -> str:
    return f"{100 * errors[0]:.0f} to {100 * errors[1]:.0f} % of the words misheard in each take"


def print_reliability(title: str, every: Tally) -> None:
    print(f"\nWhat a confidence is worth, {title}: share right of the answers with it")
    for states in (("exact", "moved"), ("uncertain",), ("removed",)):
        cells = []
        for low, high in pairwise(BUCKETS):
            rights = [
                r for p, r in every.answers if p.state in states and low <= p.confidence < high
            ]
            if rights:
                cells.append(f"{low:.2f}+ {np.mean(rights):.2f} ({len(rights)})")
        print(f"{' or '.join(states):>16}: " + ", ".join(cells))


def print_recorded(folder: Path) -> None:
    for spoken in (False, True):
        how = "as pocketsphinx hears them" if spoken else "with their true words"
        _head(f"Recorded pairs, {how}; a reworded sentence is right anywhere in it")
        every = Tally()
        for kind, one in recorded(folder, heard=spoken):
            for rival, placer in PLACERS.items():
                tally = Tally()
                tally.note([one], placer)
                _line(kind if rival == "same time" else "", rival, *tally.cells())
            every.answers += tally.answers
        print_reliability(how, every)


def print_times() -> None:
    print(
        "\nOne pair: the map of time and 24 comments, beside difflib's matching alone (best of 5)"
    )
    for words, errors in ((1500, CLEAN), (9000, CLEAN), (9000, DRAFT)):
        one = case(FIRST_SEED, mixed, length=words, errors=errors)
        anchors = [comment.anchor for comment in one.comments]
        texts = [word.text for word in one.old], [word.text for word in one.new]
        ours = _best(lambda: place(anchors, one.old, one.new))  # noqa: B023
        mapped = _best(lambda: time_map(one.old, one.new))  # noqa: B023
        theirs = _best(
            lambda: difflib.SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks()  # noqa: B023
        )
        print(
            f"{words:>7} words, {_misheard(errors)}: map {mapped:.0f} ms, "
            f"comments {ours:.0f} ms; difflib {theirs:.0f} ms ({ours / theirs:.1f} times)"
        )


def _best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


def print_pictures() -> None:
    """How far apart hashes of alike and of other pictures are, and silent takes placed by them."""
    chance = np.random.default_rng(FIRST_SEED)
    screens = [_screen(chance) for _ in range(200)]
    bits = [int(hash_of(screen), 16) for screen in screens]
    alike = [
        (one ^ int(hash_of(_again(screen, chance)), 16)).bit_count()
        for one, screen in zip(bits, screens, strict=True)
    ]
    other = [(a ^ b).bit_count() for at, a in enumerate(bits) for b in bits[at + 1 :]]
    print("\nHashes of drawn screens, bits of 64 that differ")
    print(f"{'the same, noisy, lighter, with another cursor':>48}: {_spread(alike)}")
    print(f"{'another screen':>48}: {_spread(other)}")
    tally = Tally()
    for seed in range(FIRST_SEED, FIRST_SEED + 40):
        one, frames = _silent(Random(seed), chance)
        tally.note([one], lambda a, old, new, shown=frames: place(a, old, new, frames=shown))
    _head("Takes without a word, sections swapped and cut, placed by their pictures")
    _line("", "pictures", *tally.cells())
    print_reliability("by pictures", tally)


def _screen(chance: np.random.Generator) -> np.ndarray:
    """A page in 32 x 32 grey: areas, lines of text, a picture or two."""
    page = np.full((32, 32), float(chance.integers(200, 255)))
    for _ in range(chance.integers(4, 12)):
        x, y = chance.integers(0, 28, 2)
        wide, high = chance.integers(2, 18), chance.integers(1, 10)
        page[y : y + high, x : x + wide] = chance.integers(0, 255)
    return page.astype(np.uint8)


def _again(screen: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    shown = screen * chance.uniform(0.92, 1.0) + chance.normal(0, 4, screen.shape)
    x, y = chance.integers(0, 31, 2)
    shown[y : y + 1, x : x + 1] = 0
    return np.clip(shown, 0, 255).astype(np.uint8)


def _silent(chance: Random, pictures: np.random.Generator) -> tuple[Case, FrameHashes]:
    """Forty screens shown for 2 to 15 s; the second take swaps two sections and drops a tenth."""
    screens = [(_screen(pictures), chance.randint(2, 15)) for _ in range(40)]
    numbers = list(range(40))
    kept = [n for n in numbers[14:28] + numbers[:14] + numbers[28:] if chance.random() > 0.1]
    first, begins = _shown(screens, numbers, pictures)
    second, places = _shown(screens, kept, pictures)
    made = Case([], [])
    for _ in range(24):
        number = chance.choice(numbers)
        within = chance.randrange(screens[number][1] * 1000)
        start = begins[number] + within
        there = places[number] + within if number in places else None
        made.comments.append(Comment(Anchor(start, start), there))
    return made, FrameHashes(first, second)


def _shown(
    screens: list[tuple[np.ndarray, int]], order: list[int], chance: np.random.Generator
) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """Two hashes a second, and when each screen comes up."""
    hashes: list[tuple[int, int]] = []
    begins = {}
    for number in order:
        screen, seconds = screens[number]
        begins[number] = 500 * len(hashes)
        for _ in range(2 * seconds):
            hashes.append((500 * len(hashes), int(hash_of(_again(screen, chance)), 16)))
    return hashes, begins


def _spread(bits: list[int]) -> str:
    return ", ".join(f"{p} % within {np.percentile(bits, p):.0f}" for p in (1, 50, 99))


def main() -> None:
    began = time.perf_counter()
    print_times()
    print_reliability("5 to 8 % misheard", print_cases(CLEAN, TALKS))
    print_reliability("25 to 40 % misheard", print_cases(DRAFT, TALKS // 2))
    folder = os.environ.get("PAIRS")
    if folder:
        print_recorded(Path(folder))
    else:
        print("\nRecorded pairs: not given (make bench PAIRS=/folder)")
    print_pictures()
    print(f"bench.placement took {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
