"""How long a review takes: from few samples to many, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.mentoring.estimates import (
    FEWEST,
    LONGEST_MINUTES,
    Estimates,
    Sitting,
    estimates_from,
    spoken_about,
)

SHORT, LONG = 60_000, 8 * 60_000


def sittings(*minutes: int, team: int = 1, stage: str = "early", length: int | None = SHORT):
    return [Sitting(team, stage, length, one) for one in minutes]


def test_the_median_of_its_kind_counts_once_there_are_five():
    found = estimates_from(sittings(3, 5, 9, 30, 200))
    assert found.minutes(1, "early", SHORT) == 9


def test_with_fewer_the_stage_counts_then_the_team_then_every_team_then_a_guess():
    few = sittings(*[4] * (FEWEST - 1))
    assert estimates_from(few).minutes(1, "early", SHORT) == 8
    of_the_stage = [*few, *sittings(6, length=LONG)]
    assert estimates_from(of_the_stage).minutes(1, "early", SHORT) == 4
    of_the_team = [*few, *sittings(6, stage="final")]
    assert estimates_from(of_the_team).minutes(1, "mid", None) == 4
    assert estimates_from(of_the_team).minutes(2, "mid", None) == 4
    assert Estimates().minutes(1, "early", None) == 10
    assert Estimates().minutes(1, "early", LONG) == 18


@given(st.lists(st.integers(-10, 10_000), min_size=FEWEST, max_size=30))
def test_an_estimate_is_a_time_somebody_took_within_reason(minutes):
    found = estimates_from(sittings(*minutes)).minutes(1, "early", SHORT)
    assert 1 <= found <= LONGEST_MINUTES
    assert found in {min(max(one, 1), LONGEST_MINUTES) for one in minutes}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "about 1 min"),
        (9, "about 9 min"),
        (14, "about 14 min"),
        (23, "about 25 min"),
        (59, "about 1 h"),
        (76, "about 1 h 15 min"),
        (120, "about 2 h"),
    ],
)
def test_it_is_said_as_one_says_it(minutes, words):
    assert spoken_about(minutes) == words
