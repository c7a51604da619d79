"""Loops in figures: what counts, what does not, and what is never shown."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from critique.mentoring.loops import (
    FEWEST_FOR_A_SPREAD,
    Loop,
    Window,
    figures_of,
    load_gini,
    spread,
)
from critique.mentoring.plots import HEIGHT, WIDTH, plotted
from critique.mentoring.themes import themes_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
minutes = st.integers(0, 10_000)


@given(st.lists(minutes, min_size=1))
def test_at_least_half_took_at_most_the_median_and_it_is_a_case(values):
    found = spread(values)
    assert found.p50 in values
    assert found.p90 in values
    assert sum(value <= found.p50 for value in values) * 2 >= len(values)
    assert sum(value <= found.p90 for value in values) * 10 >= len(values) * 9
    below = [value for value in values if value < found.p50]
    assert len(below) * 2 <= len(values)


@given(st.dictionaries(st.integers(1, 99), st.integers(1, 500), max_size=30))
def test_the_spread_of_load_is_a_share_and_says_nothing_of_a_few(loads):
    found = load_gini(Counter(loads))
    if len(loads) < FEWEST_FOR_A_SPREAD:
        assert found is None
    else:
        assert found is not None
        assert -1e-9 <= found < 1


def test_even_load_is_zero_and_one_person_doing_it_all_is_near_one():
    assert abs(load_gini(Counter(dict.fromkeys(range(5), 7))) or 0.0) < 1e-9
    assert (load_gini(Counter({0: 10_000, 1: 1, 2: 1, 3: 1, 4: 1})) or 0.0) > 0.79


def test_what_nobody_answered_waits_and_improves_no_median():
    def loop(answered: int | None, ended: int | None = None) -> Loop:
        def at(hours: int | None) -> datetime | None:
            return None if hours is None else NOON + timedelta(hours=hours)

        return Loop(
            1, 1, 1, NOON, at(answered), 2, at(ended),
            None if answered is None else answered * 60, None if ended is None else ended * 60,
        )  # fmt: skip

    found = figures_of(
        [loop(2), loop(4, 8), loop(None), loop(None, 3)],
        [
            Window(1, NOON, NOON),
            Window(2, NOON, NOON + timedelta(minutes=1)),
            Window(3, NOON, None),
        ],
    )
    assert (found.loops, found.answers, found.waiting) == (4, 2, 1)
    assert (found.answer_working.p50, found.answer_wall.p90) == (120, 240)
    assert (found.length_working.count, found.length_wall.p50) == (2, 180)
    assert found.kept == 1 / 3


def test_nothing_counted_is_nothing_shown():
    found = figures_of([], [])
    assert (found.kept, found.answer_wall.p50, found.load_gini) == (None, None, None)


@given(st.lists(st.none() | st.floats(0, 1e5), min_size=1, max_size=60))
def test_every_mark_of_a_plot_stands_inside_it(values):
    weeks = [str(at) for at in range(len(values))]
    (line,) = plotted(weeks, [("p50", values)]).lines
    assert [mark.label for mark in line.marks] == [
        week for week, value in zip(weeks, values, strict=True) if value is not None
    ]
    for mark in line.marks:
        assert 0 <= mark.x <= WIDTH
        assert -0.1 <= mark.y <= HEIGHT
    gaps = sum(
        value is not None and (at == 0 or values[at - 1] is None) for at, value in enumerate(values)
    )
    assert line.path.count("M") == gaps


def test_themes_are_what_this_person_hears_more_than_others():
    mine = [
        "The contrast of the button is too low.",
        "Contrast again: the gray on gray cannot be read.",
        "Nice rhythm in the list.",
        "Check the contrast of links, too.",
    ]
    others = ["The button is too low on the page.", "Nice list, the rhythm is good."] * 10
    (first, *_) = themes_of(mine, others)
    assert (first.word, first.comments, first.where) == ("contrast", 3, (0, 1, 3))


def test_what_everybody_hears_alike_is_no_theme():
    said = ["The button is too heavy here.", "This button again, heavy.", "Heavy button."]
    assert themes_of(said, said * 20) == []


@example(["AAß"] * 3, [])
@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.text(max_size=60), max_size=12))
def test_any_words_may_be_said(mine, others):
    for theme in themes_of(mine, others):
        assert theme.comments >= 3
        assert all(theme.word in mine[at].casefold() for at in theme.where)
