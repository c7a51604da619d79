"""Which word of a new take each word of the old one became. Pure: numpy.

A hidden Markov model reads the old take word by word (HMM alignment: Vogel, Ney and Tillmann 1996).
Behind each word stands a position in the new take and one of four states: the word was SAID again
there, LOST (a word or two), CUT (with its passage), or TOLD in other words, position moving along.
Now and then it jumps, which is how passages change places. The forward and backward sums give, for
every word, how probable each position is: no threshold is needed to choose between two near twins,
and what is doubtful is known to be doubtful.

Both sums run over many stretches of the talk at once, each with a margin in which they forget where
they began, and over the positions `neighbourhoods` names; an hour takes a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from critique.comments.takes.likeness import Floats, Ints
from critique.comments.takes.neighbourhoods import BIN
from critique.comments.takes.transitions import CUT, LOST, SAID, TOLD, Step, Transitions

# Stretches that are summed side by side, in bins, and the margin on either side of each.
MARGIN = 2
LEAST_STRETCH, MOST_STRETCH = 10, 20
SIDE_BY_SIDE = 64
SCALE_EVERY = 4


@dataclass(frozen=True)
class Alignment:
    """For each old word (a row) what is known about its place in the new take.

    `positions` are those looked at (a row for each bin of words; some beyond the take), `here` how
    probable each is, `said` how probably the very word was said there again; `cut` that its passage
    is gone, `lost` that the word alone is.
    """

    positions: Ints
    here: Floats
    said: Floats
    cut: Floats
    lost: Floats


def align(model: Transitions, positions: Ints, length: int) -> Alignment:
    """The probability of every position for every word of the model's old take."""
    found = Alignment(
        positions,
        np.zeros((length, positions.shape[1]), np.float32),
        np.zeros((length, positions.shape[1]), np.float32),
        np.zeros(length, np.float32),
        np.zeros(length, np.float32),
    )
    _sum_all(model, found, np.arange(length))
    return found


def align_again(model: Transitions, found: Alignment, rows: Ints, owners: Ints) -> None:
    """Look for other places for these words, most positions being claimed by better `owners`.

    `owners` holds for each position of the new take the first and the last old word it is for.
    """
    model.owners = owners
    _sum_all(model, found, rows)


def _sum_all(model: Transitions, found: Alignment, rows: Ints) -> None:
    bins = len(found.positions)
    core = min(max(LEAST_STRETCH, -(-bins // SIDE_BY_SIDE)), MOST_STRETCH)
    starts = np.unique(rows // BIN // core) * core
    for group in np.array_split(starts, -(-len(starts) // SIDE_BY_SIDE)):
        _sum_up(model, group, core, found)


def _sum_up(model: Transitions, starts: Ints, core: int, found: Alignment) -> None:
    """Both sums over the stretches of `core` bins that begin at `starts`."""
    bins = len(found.positions)
    wide = min(core + 2 * MARGIN, bins)
    firsts = np.clip(starts - MARGIN, 0, bins - wide)
    steps = [model.at(firsts + n) for n in range(wide)]
    forward = _forward(model, steps, firsts)
    after = np.ones_like(forward[0])
    for n in range(wide - 1, -1, -1):
        at = firsts + n
        own = np.flatnonzero((at >= starts) & (at < starts + core))
        for word in range(BIN - 1, -1, -1):
            rows = at * BIN + word
            after[rows >= len(found.cut)] = 1
            _note(found, rows[own], forward[n * BIN + word, own] * after[own])
            after = steps[n].back(after, word)
            if word % SCALE_EVERY == 0:
                after /= after.max(axis=(1, 2), keepdims=True)
        if n:
            after = model.moved_back(after, at)


def _forward(model: Transitions, steps: list[Step], firsts: Ints) -> Floats:
    """The forward sums (word, stretch, state, column), scaled anew every few words."""
    state = model.beginning(firsts)
    kept = np.empty((len(steps) * BIN, *state.shape), np.float32)
    for n, step in enumerate(steps):
        if n:
            state = model.moved_on(state, firsts + n)
        for word in range(BIN):
            state = step.on(state, word)
            if word % SCALE_EVERY == 0:
                state /= state.sum(axis=(1, 2), keepdims=True)
            kept[n * BIN + word] = state
    return kept


def _note(found: Alignment, rows: Ints, both: Floats) -> None:
    """Keep what is known about these words; rows behind the last word are filling."""
    real = rows < len(found.cut)
    rows, both = rows[real], both[real]
    both /= both.sum(axis=(1, 2), keepdims=True)
    found.said[rows] = both[:, SAID]
    found.here[rows] = both[:, SAID] + both[:, TOLD] + both[:, LOST]
    found.cut[rows] = both[:, CUT].sum(axis=1)
    found.lost[rows] = both[:, LOST].sum(axis=1)
