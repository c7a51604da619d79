"""What feedback keeps coming back to: words said more often to one person than to the others.

Words are ranked by the log-odds ratio with an informative prior (Monroe, Colaresi and Quinn,
"Fightin' Words", Political Analysis 16:4, 2008), counted once a comment, so that one long comment
is not a theme and no list of stop words is needed: what everybody hears alike scores nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]{4,}")
# Said in fewer comments than this a word is chance.
FEWEST_COMMENTS = 3
# Two standard deviations: seldom chance.
SURE = 1.96
# How many words the prior weighs: enough that a rare one needs more than chance.
PRIOR = 10


@dataclass(frozen=True, slots=True)
class Theme:
    """A word, in how many comments to this person it stands, and which of them (by position)."""

    word: str
    comments: int
    where: tuple[int, ...]


def themes_of(mine: Sequence[str], others: Iterable[str], most: int = 5) -> list[Theme]:
    """The words that set `mine` (bodies of comments) apart from `others`, surest first."""
    said = [set(_words(body)) for body in mine]
    here = Counter(word for words in said for word in words)
    there = Counter(word for body in others for word in set(_words(body)))
    prior = here + there
    all_here, all_there, all_prior = (max(1, c.total()) for c in (here, there, prior))
    scored = []
    for word, count in here.items():
        if count < FEWEST_COMMENTS:
            continue
        a = prior[word] / all_prior * PRIOR
        mine_odds = _log_odds(count + a, all_here + PRIOR)
        other_odds = _log_odds(there[word] + a, all_there + PRIOR)
        score = (mine_odds - other_odds) / math.sqrt(1 / (count + a) + 1 / (there[word] + a))
        if score > SURE or not there.total():
            scored.append((score, count, word))
    scored.sort(key=lambda entry: (-entry[0], -entry[1], entry[2]))
    return [
        Theme(word, count, tuple(at for at, words in enumerate(said) if word in words))
        for _, count, word in scored[:most]
    ]


def _log_odds(part: float, whole: float) -> float:
    # Where one word is all that was said its odds are without bound; half a word is left over.
    return math.log(part / max(whole - part, 0.5))


def _words(body: str) -> list[str]:
    return _WORD.findall(body.casefold())
