"""Two takes read side by side: sentence beside sentence, with the words that changed. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import LCSseq

from critique.comments.takes.parallel import Spoken, Takes, sentences_of
from critique.walkthroughs.words import Word, plain

Kind = Literal["same", "reworded", "removed", "added"]

# Letters of a word that says little by itself.
SHORT_WORD = 3


@dataclass(frozen=True)
class Part:
    """Some words of a sentence; `changed` ones have no counterpart in the other take."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Said:
    """What one take says there, its times in ms."""

    start_ms: int
    end_ms: int
    parts: Sequence[Part]


@dataclass(frozen=True)
class Row:
    """A sentence beside its counterpart; one side is empty where it stands in one take alone.

    `moved`: it changed places with others.
    """

    kind: Kind
    moved: bool
    old: Said | None
    new: Said | None


@dataclass
class _Group:
    """Sentences that belong together, by their places in either take."""

    olds: list[int]
    news: list[int]


def rows_of(takes: Takes) -> list[Row]:
    """Sentence beside sentence, in the order of the new take.

    What was taken out stands behind what it followed.
    """
    old, new = sentences_of(takes.old), sentences_of(takes.new)
    groups = _in_order(_groups(_links(takes, old, new), len(old), len(new)))
    moved = _moved(groups)
    rows = []
    for at, group in enumerate(groups):
        left = [takes.old[place] for one in group.olds for place in range(*old[one])]
        right = [takes.new[place] for one in group.news for place in range(*new[one])]
        kept = _kept(left, right)
        said = _said(left, {at for at, _ in kept}), _said(right, {at for _, at in kept})
        rows.append(Row(_kind(*said), at in moved, *said))
    return rows


def _links(
    takes: Takes, old: Sequence[tuple[int, int]], new: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Sentences of which more than half run along with the other one."""
    said = Spoken(takes.new)
    begins = [begin for begin, _ in new]
    counts: Counter[tuple[int, int]] = Counter()
    for at, (begin, end) in enumerate(old):
        for word in takes.old[begin:end]:
            moment = takes.along.at((word.start_ms + word.end_ms) // 2)
            place = None if moment is None else said.place(moment)
            if place is not None:
                counts[at, bisect_right(begins, place) - 1] += 1
    for (one, other), count in counts.items():
        shorter = min(old[one][1] - old[one][0], new[other][1] - new[other][0])
        if 2 * count > shorter:
            yield one, other


def _groups(links: Iterable[tuple[int, int]], olds: int, news: int) -> list[_Group]:
    """Every sentence in exactly one group, those that are linked in the same."""
    of_old: dict[int, _Group] = {}
    of_new: dict[int, _Group] = {}
    for one, other in links:
        left, right = of_old.get(one), of_new.get(other)
        group = left or right or _Group([], [])
        if left and right and left is not right:
            left.olds += right.olds
            left.news += right.news
            of_old.update(dict.fromkeys(right.olds, left))
            of_new.update(dict.fromkeys(right.news, left))
        if one not in of_old:
            group.olds.append(one)
            of_old[one] = group
        if other not in of_new:
            group.news.append(other)
            of_new[other] = group
    found = list({id(group): group for group in of_old.values()}.values())
    found += [_Group([at], []) for at in range(olds) if at not in of_old]
    found += [_Group([], [at]) for at in range(news) if at not in of_new]
    return found


def _in_order(groups: Sequence[_Group]) -> list[_Group]:
    """By the new take, what was taken out behind what it followed in the old one."""
    for group in groups:
        group.olds.sort()
        group.news.sort()
    behind: dict[int, _Group] = {}
    first: list[_Group] = []
    home = {at: group for group in groups for at in group.olds}
    for group in sorted((g for g in groups if not g.news), key=lambda g: g.olds[0]):
        if group.olds[0] == 0:
            first.append(group)
        else:
            behind[id(home[group.olds[0] - 1])] = group
    ordered = []
    chains = first + sorted((g for g in groups if g.news), key=lambda g: g.news[0])
    for group in chains:
        follower: _Group | None = group
        while follower is not None:
            ordered.append(follower)
            follower = behind.get(id(follower))
    return ordered


def _moved(groups: Sequence[_Group]) -> set[int]:
    """Places of the fewest groups without which the rest stands in the old order."""
    both = [(at, group.olds[0]) for at, group in enumerate(groups) if group.olds and group.news]
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    olds = dict(both)
    for at, old in both:
        rank = bisect_left(tails, old)
        before[at] = ends[rank - 1] if rank else None
        tails[rank : rank + 1] = [old]
        ends[rank : rank + 1] = [at]
    staying: set[int] = set()
    at_end: int | None = ends[-1] if ends else None
    while at_end is not None:
        staying.add(at_end)
        at_end = before[at_end]
    return set(olds) - staying


def _kept(old: Sequence[Word], new: Sequence[Word]) -> list[tuple[int, int]]:
    """Places of the words that stayed, in both.

    A short word alone among changed ones only looks as if it had stayed.
    """
    texts = [plain(word.text) for word in old], [plain(word.text) for word in new]
    found = []
    for code in LCSseq.opcodes(*texts):
        if code.tag != "equal":
            continue
        length = code.src_end - code.src_start
        inside = code.src_start > 0 and code.src_end < len(old)
        if length == 1 and inside and len(texts[0][code.src_start]) <= SHORT_WORD:
            continue
        found += [(code.src_start + step, code.dest_start + step) for step in range(length)]
    return found


def _said(words: Sequence[Word], kept: Container[int]) -> Said | None:
    if not words:
        return None
    parts = [
        Part(" ".join(words[place].text for place in run), changed)
        for changed, run in groupby(range(len(words)), key=lambda place: place not in kept)
    ]
    start, end = min(word.start_ms for word in words), max(word.end_ms for word in words)
    return Said(start, end, parts)


def _kind(left: Said | None, right: Said | None) -> Kind:
    if left is None:
        return "added"
    if right is None:
        return "removed"
    changed = any(part.changed for said in (left, right) for part in said.parts)
    return "reworded" if changed else "same"
