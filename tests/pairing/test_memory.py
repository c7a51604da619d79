"""What earlier rounds leave behind: who met, who was only proposed, seats at three, edges."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from critique.pairing.bound import bound_of
from critique.pairing.matching import draw
from critique.pairing.memory import EDGES_COUNT_FOR, TRIOS_COUNT_FOR, Sitting, remembered
from critique.pairing.pool import Seat

DAY = (1 << 48) - 1


def test_a_table_of_three_is_three_pairs_and_the_latest_counts() -> None:
    found = remembered([Sitting(9, (1, 2), (1, 2)), Sitting(4, (1, 2, 3), (1, 2, 3))], 10)
    assert found.met == {(1, 2): 9, (1, 3): 4, (2, 3): 4}
    assert found.proposed == {}
    assert dict(found.trio_seats) == {1: 1, 2: 1, 3: 1}
    assert dict(found.last_trio) == {1: 4, 2: 4, 3: 4}


def test_what_was_given_up_or_did_not_happen_is_proposed_and_not_met() -> None:
    given_up = Sitting(5, (1, 2), (), frozenset({1}))
    one_of_three = Sitting(6, (3, 4, 5), (3, 4), frozenset({4}))
    found = remembered([given_up, one_of_three], 10)
    assert found.met == {(3, 4): 6}
    assert found.proposed == {(1, 2): 5, (3, 5): 6, (4, 5): 6}
    assert dict(found.trio_seats) == {}
    assert dict(found.edges) == {4: 1}


def test_the_future_is_not_remembered_and_old_seats_fade() -> None:
    old = Sitting(1, (1, 2, 3), (1, 2, 3), frozenset({1}))
    found = remembered([old, Sitting(200, (1, 2), (1, 2))], 100)
    assert found.met == {(1, 2): 1, (1, 3): 1, (2, 3): 1}
    assert (dict(found.trio_seats), dict(found.edges)) == ({}, {})
    assert remembered([old], 1 + TRIOS_COUNT_FOR).trio_seats == {1: 1, 2: 1, 3: 1}
    assert remembered([old], 1 + EDGES_COUNT_FOR).edges == {1: 1}


def test_a_pair_that_declined_is_drawn_again_rather_than_two_who_met() -> None:
    seats = [Seat(i, DAY) for i in (1, 2, 3, 4)]
    met = {(1, 3): 9, (2, 4): 9, (1, 4): 9, (2, 3): 9}
    found = draw(seats, met, round_number=10, seed=1, proposed={(1, 2): 9, (3, 4): 9})
    assert [table.people for table in found.tables] == [(1, 2), (3, 4)]
    assert "first time together" in found.tables[0].reason


def test_a_pair_that_declined_is_not_drawn_again_at_once_where_others_are_fresh() -> None:
    seats = [Seat(i, DAY) for i in (1, 2, 3, 4)]
    for seed in range(8):
        found = draw(seats, {}, round_number=10, seed=seed, proposed={(1, 2): 9})
        assert (1, 2) not in [table.people for table in found.tables]


@settings(deadline=None)
@given(st.lists(st.sampled_from([DAY, DAY << 40, DAY << 200, 0]), max_size=9), st.integers(0, 5))
def test_the_bound_is_what_the_one_with_the_fewest_partners_has(
    masks: list[int], rounds: int
) -> None:
    seats = [Seat(i, mask) for i, mask in enumerate(masks)]
    met = {(i, i + 1): 1 for i in range(min(rounds, len(masks) - 1))}
    found = bound_of(seats, met)
    left = {}
    for one in seats:
        could = [
            o.person_id
            for o in seats
            if o is not one and one.availability & o.availability & (one.availability >> 1)
            & (o.availability >> 1)
        ]  # fmt: skip
        if could:
            left[one.person_id] = sum(
                tuple(sorted((one.person_id, other))) not in met for other in could
            )
    assert found.weeks == min(left.values(), default=0)
    assert list(found.tightest) == [i for i, n in left.items() if n == found.weeks]


def test_a_roster_of_twenty_lasts_nineteen_rounds_and_the_draw_nearly_that_long() -> None:
    seats = [Seat(i, DAY) for i in range(20)]
    assert bound_of(seats, {}).weeks == 19
    assert bound_of(seats, {}, forbidden={(0, 1)}).weeks == 18
    met: dict[tuple[int, int], int] = {}
    for number in range(1, 18):
        tables = draw(seats, met, round_number=number, seed=1).tables
        assert not any(table.people in met for table in tables)
        met.update((table.people, number) for table in tables)
        assert bound_of(seats, met).weeks == 19 - number
