"""The draw: everybody sits once or is told why not, and nobody meets again before it must be."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.pairing import matching
from critique.pairing.matching import Draw, Seat, draw
from critique.pairing.slots import common, has_run

# Speed is the bench's matter: a shared machine must not fail a property.
unhurried = settings(deadline=None)

ALL_DAY = (1 << 48) - 1
AUSTIN, LONDON, SINGAPORE = ALL_DAY << 80, ALL_DAY << 50, ALL_DAY << 5

Pair = tuple[int, int]


def _everybody(count: int, availability: int = ALL_DAY) -> list[Seat]:
    return [Seat(person, availability) for person in range(1, count + 1)]


def _draw(seats: list[Seat], history: dict[Pair, int] | None = None, **more: object) -> Draw:
    settled: dict[str, object] = {"round_number": 100, "seed": 1, **more}
    return draw(seats, history or {}, **settled)  # type: ignore[arg-type]


def _pairs(found: Draw) -> list[Pair]:
    return [pair for table in found.tables for pair in combinations(table.people, 2)]


@st.composite
def _pools(draw_from: st.DrawFn) -> tuple[list[Seat], dict[Pair, int], set[Pair]]:
    ids = draw_from(st.lists(st.integers(1, 99), unique=True, max_size=14))
    mask = st.one_of(
        st.sampled_from([0, AUSTIN, LONDON, SINGAPORE, 0b1, 0b1010]), st.integers(0, 4095)
    )
    seats = [
        Seat(
            person,
            draw_from(mask),
            frozenset(draw_from(st.sets(st.integers(1, 3), max_size=2))),
            draw_from(st.sampled_from(["a", "b"])),
            draw_from(st.integers(0, 5)),
            draw_from(st.none() | st.integers(90, 105)),
            draw_from(st.booleans()),
        )
        for person in ids
    ]
    pair = st.tuples(st.integers(1, 99), st.integers(1, 99))
    if len(ids) > 1:
        pair |= st.tuples(st.sampled_from(ids), st.sampled_from(ids))
    history = draw_from(st.dictionaries(pair, st.integers(1, 110), max_size=30))
    return seats, history, draw_from(st.sets(pair, max_size=12))


@unhurried
@given(_pools(), st.integers(0, 9))
def test_everybody_sits_once_where_they_can_or_is_told(
    pool: tuple[list[Seat], dict[Pair, int], set[Pair]], seed: int
) -> None:
    seats, history, forbidden = pool
    found = _draw(seats, history, forbidden=forbidden, seed=seed)
    people = [person for table in found.tables for person in table.people]
    people += [left.person_id for left in found.left]
    assert sorted(people) == sorted(seat.person_id for seat in seats)
    masks = {seat.person_id: seat.availability for seat in seats}
    for table in found.tables:
        assert len(table.people) in {2, 3}
        assert table.people == tuple(sorted(table.people))
        shared = common(masks[person] for person in table.people)
        assert has_run(shared)
        assert table.common_minutes == 10 * shared.bit_count()
    for pair in _pairs(found):
        assert pair not in forbidden
        assert pair[::-1] not in forbidden
    assert all(left.reason for left in found.left)
    _assert_no_table_was_missed(seats, found, forbidden)


def _assert_no_table_was_missed(seats: list[Seat], found: Draw, forbidden: set[Pair]) -> None:
    """Nobody is left who could have sat with another one left, or as the third of a pair."""
    masks = {seat.person_id: seat.availability for seat in seats}
    left = [one.person_id for one in found.left]
    pairs = [table.people for table in found.tables if len(table.people) == 2]
    possible = [*combinations(left, 2), *((one, *pair) for one in left for pair in pairs)]
    for people in possible:
        blocked = any(pair in forbidden for pair in permutations(people, 2))
        assert blocked or not has_run(common(masks[person] for person in people))


@unhurried
@given(_pools(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_same_pool_and_seed_give_the_same_draw_in_any_order(
    pool: tuple[list[Seat], dict[Pair, int], set[Pair]], seed: int, chance: Random
) -> None:
    seats, history, forbidden = pool
    first = _draw(seats, history, forbidden=forbidden, seed=seed)
    shuffled = chance.sample(seats, len(seats))
    turned = dict(chance.sample(list(history.items()), len(history)))
    blocks = {(b, a) for a, b in forbidden}
    assert _draw(shuffled, turned, forbidden=blocks, seed=seed) == first


def test_a_large_pool_replays_too() -> None:
    seats = [Seat(i, Random(i).choice([AUSTIN, LONDON, SINGAPORE])) for i in range(421)]
    first = _draw(seats)
    assert _draw(seats[::-1]) == first
    assert _draw(seats, seed=2).tables != first.tables
    assert _draw(seats, seed=2).pool_digest == first.pool_digest
    assert _draw(seats[1:]).pool_digest != first.pool_digest
    assert not first.left


def _rounds(
    count: int, rounds: int, seed: int = 1, teams: int = 3
) -> tuple[int | None, Counter[int]]:
    """Play rounds with everybody in; return the first with a repeat and the seats at three."""
    history: dict[Pair, int] = {}
    threes: Counter[int] = Counter(dict.fromkeys(range(1, count + 1), 0))
    last: dict[int, int] = {}
    first_repeat = None
    for number in range(1, rounds + 1):
        seats = [
            Seat(i, ALL_DAY, frozenset({i % teams}), "", n, last.get(i)) for i, n in threes.items()
        ]
        found = draw(seats, history, round_number=number, seed=seed)
        assert not found.left
        if first_repeat is None and any(pair in history for pair in _pairs(found)):
            first_repeat = number
        history.update(dict.fromkeys(_pairs(found), number))
        for table in found.tables:
            if len(table.people) == 3:
                threes.update(table.people)
                last.update(dict.fromkeys(table.people, number))
    return first_repeat, threes


@pytest.mark.parametrize("count", [4, 6, 8, 10, 16, 20, 30])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_even_roster_does_not_repeat_for_half_its_number_of_rounds(
    count: int, seed: int
) -> None:
    first_repeat, threes = _rounds(count, count, seed)
    assert first_repeat is not None
    assert first_repeat > count / 2
    assert not any(threes.values())


def test_twenty_people_nearly_all_meet_before_any_meet_again() -> None:
    assert sorted(_rounds(20, 20, seed, 1)[0] or 99 for seed in range(5))[2] >= 18


@pytest.mark.parametrize("count", [5, 9, 21])
def test_sitting_at_three_comes_round_fairly(count: int) -> None:
    _, threes = _rounds(count, 40)
    assert sum(threes.values()) == 120
    assert max(threes.values()) - min(threes.values()) <= 5


def test_nobody_and_one_person() -> None:
    nobody = _draw([])
    assert (nobody.tables, nobody.left) == ((), ())
    alone = _draw(_everybody(1))
    assert [left.reason for left in alone.left] == ["nobody else is in"]


def test_two_and_three_people_share_a_table() -> None:
    assert [table.people for table in _draw(_everybody(2)).tables] == [(1, 2)]
    three = _draw(_everybody(3)).tables
    assert [table.people for table in three] == [(1, 2, 3)]
    assert three[0].reason == (
        "a table of three, as it does not come out even, first time together, 8 hours in common"
    )


def test_disjoint_zones_leave_everybody_with_the_honest_reason() -> None:
    found = _draw([Seat(1, AUSTIN), Seat(2, SINGAPORE), Seat(3, 0)])
    assert not found.tables
    assert [left.reason for left in found.left] == [
        "no common 20 minutes with anybody who is in this week",
        "no common 20 minutes with anybody who is in this week",
        "no 20 working minutes of yours are left this week",
    ]


def test_ten_common_minutes_are_not_twenty() -> None:
    assert not _draw([Seat(1, 0b0101), Seat(2, 0b0111)]).tables
    assert _draw([Seat(1, 0b0110), Seat(2, 0b0111)]).tables


def test_two_odd_clusters_each_make_a_trio() -> None:
    seats = [Seat(i, AUSTIN if i < 6 else SINGAPORE) for i in range(1, 13)]
    found = _draw(seats)
    assert not found.left
    assert sorted(len(table.people) for table in found.tables) == [2, 2, 2, 3, 3]


def test_the_one_in_the_middle_is_not_taken_away_as_the_third() -> None:
    seats = [Seat(1, AUSTIN), Seat(2, AUSTIN | SINGAPORE, trio_seats=0), Seat(3, SINGAPORE)]
    found = _draw([seats[0], seats[1], Seat(3, SINGAPORE, trio_seats=9)])
    assert len(found.tables) == 1
    assert 2 in found.tables[0].people
    assert len(found.left) == 1


def test_somebody_moves_so_that_all_three_can_sit() -> None:
    # 1 shares time with 2 only and never with a third: 2 must leave 3 for 1.
    seats = [Seat(1, 0b11), Seat(2, 0b11 | LONDON), Seat(3, LONDON), Seat(4, LONDON)]
    found = _draw([*seats, Seat(5, LONDON)], {(1, 2): 99})
    assert [table.people for table in found.tables] == [(1, 2), (3, 4, 5)]


def test_who_was_left_last_time_sits_this_time() -> None:
    only = [0b11 | LONDON, LONDON, 0b11]
    forbidden = {(2, 3)}
    for priority in (2, 3):
        seats = [Seat(i, only[i - 1], priority=i == priority) for i in (1, 2, 3)]
        found = _draw(seats, {(1, 2): 99, (1, 3): 98}, forbidden=forbidden)
        assert [table.people for table in found.tables] == [(1, priority)]


def test_a_forbidden_pair_never_meets_and_nobody_is_told_why() -> None:
    found = _draw(_everybody(2), forbidden={(2, 1)})
    assert not found.tables
    assert {left.reason for left in found.left} == {
        "no table of two or three works out for you this week"
    }
    assert _draw(_everybody(2), forbidden={(1, 1), (2, 2)}).tables


def test_history_from_the_future_is_ignored() -> None:
    history = {(1, 2): 100, (1, 3): 101, (2, 1): 250}
    assert _draw(_everybody(2), history).tables[0].reasons[0] == "first time together"
    assert _draw(_everybody(4), history) == _draw(_everybody(4))


def test_the_longest_ago_meet_again_first() -> None:
    history = {(1, 2): 99, (3, 4): 99, (1, 3): 95, (2, 4): 95, (1, 4): 60, (2, 3): 60}
    found = _draw(_everybody(4), history)
    assert [table.people for table in found.tables] == [(1, 4), (2, 3)]
    assert found.tables[0].reasons[0] == "last together 40 weeks ago"
    assert _draw(_everybody(2), {(1, 2): 99}).tables[0].reasons[0] == "last together last week"


def test_other_teams_come_first_but_not_before_new_faces() -> None:
    seats = [Seat(i, ALL_DAY, frozenset({i % 2})) for i in range(1, 5)]
    found = _draw(seats)
    assert all(sum(table.people) % 2 for table in found.tables)
    assert found.tables[0].reasons == (
        "first time together",
        "different teams",
        "8 hours in common",
    )
    met = {(1, 2): 50, (3, 4): 50, (1, 4): 40, (2, 3): 40}
    again = _draw(seats, met)
    assert [table.people for table in again.tables] == [(1, 3), (2, 4)]
    assert again.tables[0].reasons[1] == "same team"


def test_a_person_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        _draw([Seat(1, ALL_DAY), Seat(1, ALL_DAY)])


def test_thousands_in_blocks_sit_all_and_nobody_repeats() -> None:
    seats = [
        Seat(i, Random(i).choice([AUSTIN, AUSTIN | LONDON, LONDON, LONDON | SINGAPORE]))
        for i in range(1201)
    ]
    history: dict[Pair, int] = {}
    for number in (1, 2):
        found = draw(seats[:: 1 if number == 1 else -1], history, round_number=number, seed=4)
        assert not found.left
        assert sorted(len(t.people) for t in found.tables)[-2:] == [2, 3]
        assert not set(_pairs(found)) & set(history)
        history.update(dict.fromkeys(_pairs(found), number))


@pytest.mark.parametrize("count", [3, 4, 5, 7, 12, 20])
def test_tables_of_three_leave_nobody_alone(count: int) -> None:
    found = _draw(_everybody(count), size=3)
    sizes = sorted(len(table.people) for table in found.tables)
    assert not found.left
    assert sizes == sorted([2] * (-count % 3) + [3] * ((count - 2 * (-count % 3)) // 3))


@unhurried
@given(_pools(), st.integers(0, 9))
def test_tables_of_three_keep_every_rule(
    pool: tuple[list[Seat], dict[Pair, int], set[Pair]], seed: int
) -> None:
    seats, history, forbidden = pool
    found = _draw(seats, history, forbidden=forbidden, seed=seed, size=3)
    people = [person for table in found.tables for person in table.people]
    people += [left.person_id for left in found.left]
    assert sorted(people) == sorted(seat.person_id for seat in seats)
    masks = {seat.person_id: seat.availability for seat in seats}
    for table in found.tables:
        assert has_run(common(masks[person] for person in table.people))
    for pair in _pairs(found):
        assert pair not in forbidden
        assert pair[::-1] not in forbidden
    assert _draw(seats[::-1], history, forbidden=forbidden, seed=seed, size=3) == found


def test_who_just_met_does_not_meet_again_for_the_sake_of_a_table_of_three() -> None:
    history: dict[Pair, int] = {}
    for number in range(1, 8):
        found = draw(_everybody(21), history, round_number=number, seed=2)
        assert not set(_pairs(found)) & set(history)
        history.update(dict.fromkeys(_pairs(found), number))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(20, "20 minutes"), (165, "2.5 hours"), (120, "2 hours"), (1680, "28 hours")],
)
def test_long_times_in_common_are_told_in_hours(minutes: int, words: str) -> None:
    assert matching._spoken(minutes) == words
