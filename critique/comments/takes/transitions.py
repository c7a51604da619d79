"""The model of what a speaker does between two takes, as sums over positions. Pure: numpy.

One step of the sums of `alignment`: from a word of the old take to the next one, or back, for many
stretches of the talk at once. Arrays are (stretch, state, column); columns come in bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from critique.comments.takes.likeness import CHANGED, Floats, Ints, Likeness, Talk
from critique.comments.takes.neighbourhoods import BIN, Neighbourhoods

SAID, TOLD, LOST, CUT = range(4)
_PUT_IN, _ANYWHERE = 2, 3

# What follows a word, by its state. Set by hand and by trial on seeds that no figure is drawn
# from; a factor of two in any of them changes little.
SAID_LOST, SAID_CUT, SAID_TOLD = 0.03, 0.006, 0.15
LOST_LOST, LOST_CUT = 0.35, 0.02
TOLD_TOLD, TOLD_CUT = 0.76, 0.01
CUT_CUT = 0.95
# Staying, onto the next position, over one new word; for words said again and told otherwise.
STEPS = np.array([[0.0, 0.93, 0.07], [0.16, 0.66, 0.18]], np.float32)
# Over a passage that was put in, of up to so many bins, or anywhere: after a word, after a cut.
PUT_IN_BINS = 5
PUT_IN, PUT_IN_AFTER_CUT = 0.01, 0.35
ANYWHERE, ANYWHERE_AFTER_CUT = 0.0001, 0.05
# Cuts begin and end, and jumps land, rather where a sentence does.
AT_BREAK, ELSEWHERE = 8.0, 0.5
# What is left of a likeness where another passage has the better claim.
CLAIMED = 0.02
# How much likelier a stretch begins on the best way through than at any other position.
ON_THE_WAY = 30.0
Number = TypeVar("Number", np.float32, np.int64)
_LATER = np.triu(np.ones((BIN, BIN), np.float32), 1)


class Transitions:
    """The model for one pair of takes: tables by bin of the old take."""

    def __init__(self, old: Talk, new: Talk, alike: Likeness, where: Neighbourhoods) -> None:
        positions = where.positions
        inside = np.clip(positions, 0, len(new.words) - 1)
        self.bins = where.bins
        self.likely = np.repeat(where.likely, BIN, axis=1)
        self.there = ((positions >= 0) & (positions < len(new.words))).astype(np.float32)
        self.landing = _by_break(new.breaks)[inside] * self.there
        self.spellings = new.words[inside]
        self.columns = alike.columns[inside]
        self.rows = _in_bins(alike.rows, len(where.bins), 0)
        self.same = _in_bins(alike.same, len(where.bins), -1)
        self.chances = _in_bins(old.chances, len(where.bins), 1)
        self.breaks = _in_bins(old.breaks.astype(np.int64), len(where.bins), 0)
        self.near = alike.near
        self.moves = np.stack([_moves(each, len(new.words)) for each in _weights(old.breaks)])
        self.inside = inside
        self.owners: Ints | None = None

    def beginning(self, at: Ints) -> Floats:
        """Before the first word of a stretch: at the start of the take, or somewhere likely."""
        state = np.zeros((len(at), 4, self.there.shape[1]), np.float32)
        state[:, SAID] = self.there[at] * np.where(self.likely[at], ON_THE_WAY, 1)
        state[at == 0] = 0
        state[at == 0, SAID, BIN - 1] = 1
        scaled: Floats = state / state.sum(axis=(1, 2), keepdims=True)
        return scaled

    def at(self, at: Ints) -> Step:
        """All that is needed for the words of the bins `at`, one for each stretch."""
        bins = self.bins[at]
        apart = bins[:, :, None] - bins[:, None, :]
        heard = self.near[self.rows[at][:, :, None], self.columns[at][:, None, :]]
        heard[self.same[at][:, :, None] == self.spellings[at][:, None, :]] += 1 - CHANGED
        heard /= self.chances[at][:, :, None]
        heard += CHANGED / 4
        heard *= self.there[at][:, None, :]
        if self.owners is not None:
            first, last = self.owners[:, self.inside[at]]
            rows = at[:, None] * BIN + np.arange(BIN)
            other = (rows[:, :, None] < first[:, None]) | (rows[:, :, None] > last[:, None])
            heard[other] *= CLAIMED
        return Step(
            heard=heard,
            moves=self.moves[self.breaks[at]],
            landing=self.landing[at],
            ahead=((apart > 0) & (apart <= PUT_IN_BINS)).astype(np.float32),
            steps=_steps(bins),
        )

    def moved_on(self, state: Floats, at: Ints) -> Floats:
        """The same state on the columns of the bins `at`, each after the one it is on."""
        same, last = self._onto(at)
        parts = state.reshape(*state.shape[:2], -1, BIN)
        moved = same[:, None] @ parts
        moved[..., -1] += (last[:, None] @ parts.sum(axis=3, keepdims=True))[..., 0]
        return moved.reshape(state.shape)

    def moved_back(self, after: Floats, at: Ints) -> Floats:
        """The transpose of `moved_on`: from the columns of the bins `at` to the ones before."""
        same, last = self._onto(at)
        parts = after.reshape(*after.shape[:2], -1, BIN)
        moved = same.transpose(0, 2, 1)[:, None] @ parts
        moved += last.transpose(0, 2, 1)[:, None] @ parts[..., -1:]
        return moved.reshape(after.shape)

    def _onto(self, at: Ints) -> tuple[Floats, Floats]:
        """Which bin (columns) becomes which (rows); and of those left out, which lies before."""
        now, before = self.bins[at], self.bins[at - 1]
        same = now[:, :, None] == before[:, None, :]
        nearest = (now[:, :, None] <= before[:, None, :]).sum(axis=1) - 1
        left_out = ~same.any(axis=1)
        last = (np.arange(now.shape[1])[:, None] == nearest[:, None, :]) & left_out[:, None, :]
        return same.astype(np.float32), last.astype(np.float32)


@dataclass(frozen=True)
class Step:
    """The sums over the words of one bin, for each stretch one."""

    heard: Floats
    moves: Floats
    landing: Floats
    ahead: Floats
    steps: list[Floats]

    def on(self, state: Floats, word: int) -> Floats:
        """Forward to the word of that number in the bin."""
        ways = self.moves[:, word] @ state
        result = np.concatenate([ways[:, :2] * STEPS[:, :1], ways[:, 4:]], axis=1)
        for n, share in enumerate(self.steps, 1):
            result[:, :2, n:] += ways[:, :2, :-n] * share
        put_in = self._binned(ways[:, _PUT_IN])
        jumped = (self.ahead @ put_in.sum(axis=2, keepdims=True)) + ways[:, _ANYWHERE].sum(axis=1)[
            :, None, None
        ]
        landed = (put_in.reshape(-1, BIN) @ _LATER).reshape(put_in.shape)
        landed += jumped
        said = result[:, SAID]
        said += landed.reshape(said.shape) * self.landing
        said *= self.heard[:, word]
        return result

    def back(self, after: Floats, word: int) -> Floats:
        """What the words from that one on say about the state before them: the transpose."""
        said = after[:, SAID] * self.heard[:, word]
        landed = self._binned(said * self.landing)
        total = landed.sum(axis=2, keepdims=True)
        put_in = (landed.reshape(-1, BIN) @ _LATER.T).reshape(landed.shape)
        put_in += self.ahead.transpose(0, 2, 1) @ total
        ways = np.empty((len(after), 6, after.shape[2]), np.float32)
        onto = np.stack([said, after[:, TOLD]], axis=1)
        ways[:, :2] = onto * STEPS[:, :1]
        for n, share in enumerate(self.steps, 1):
            ways[:, :2, :-n] += onto[:, :, n:] * share
        ways[:, _PUT_IN] = put_in.reshape(said.shape)
        ways[:, _ANYWHERE] = total.sum(axis=1)
        ways[:, 4:] = after[:, 2:]
        return self.moves[:, word].transpose(0, 2, 1) @ ways

    def _binned(self, mass: Floats) -> Floats:
        return mass.reshape(len(mass), -1, BIN)


def _steps(bins: Ints) -> list[Floats]:
    """The shares of steps by one and two where the position before is the one it should be."""
    positions = (bins[:, :, None] * BIN + np.arange(BIN)).reshape(len(bins), 1, -1)
    return [
        (positions[..., n:] - positions[..., :-n] == n) * STEPS[:, n : n + 1]
        for n in range(1, STEPS.shape[1])
    ]


def _moves(weight: float, length: int) -> Floats:
    """How the mass of each state (columns) parts into ways on (rows); `weight` at this word."""
    leave = (1 - CUT_CUT) * weight
    moves = np.zeros((6, 4))
    for state, told, lost, cut in (
        (SAID, SAID_TOLD, SAID_LOST, SAID_CUT * weight),
        (TOLD, TOLD_TOLD, 0.0, TOLD_CUT * weight),
        (LOST, 0.0, LOST_LOST, LOST_CUT * weight),
        (CUT, 0.0, 0.0, 1 - leave),
    ):
        put_in = PUT_IN_AFTER_CUT if state == CUT else PUT_IN * weight
        anywhere = ANYWHERE_AFTER_CUT if state == CUT else ANYWHERE * weight
        left = 1 - lost - cut - told
        moves[:, state] = (
            left * (1 - put_in - anywhere),
            told,
            left * put_in / (PUT_IN_BINS * BIN),
            left * anywhere / length,
            lost,
            cut,
        )
    return moves.astype(np.float32)


def _weights(breaks: NDArray[np.bool_]) -> tuple[float, float]:
    """What a word within a sentence and a break weigh, so that words weigh 1 on average."""
    share = float(breaks.mean())
    mean = share * AT_BREAK + (1 - share) * ELSEWHERE
    return ELSEWHERE / mean, AT_BREAK / mean


def _by_break(breaks: NDArray[np.bool_]) -> Floats:
    within, at_break = _weights(breaks)
    return np.where(breaks, at_break, within).astype(np.float32)


def _in_bins(values: NDArray[Number], bins: int, fill: int) -> NDArray[Number]:
    filled = np.full(bins * BIN, fill, dtype=values.dtype)
    filled[: len(values)] = values
    return filled.reshape(bins, BIN)
