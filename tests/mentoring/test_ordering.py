"""The order of suggestions: what stands before what, and that nobody is forgotten."""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.mentoring.ordering import (
    EVERY,
    NEVER,
    TIE_MINUTES,
    Cause,
    Group,
    Suggestion,
    Waiting,
    ordered,
)
from critique.mentoring.pace import BEYOND_DAYS, Pace

unhurried = settings(deadline=None, max_examples=150)

DAY = 480
CALM = Pace(DAY)


class Row(NamedTuple):
    id: int
    group: int = Group.FITS
    left: int | None = 600
    waited: int = 60
    about: int = 10
    favoured: bool = False
    team: int = 1


def waiting(rows: list[Row]) -> Waiting:
    return Waiting(
        ids=np.array([row.id for row in rows], np.int64),
        group=np.array([row.group for row in rows], np.int64),
        team=np.array([row.team for row in rows], np.int64),
        due=np.array([NEVER if row.left is None else row.left * 60 for row in rows], np.int64),
        left=np.array([row.left or 0 for row in rows], np.int64),
        waited=np.array([row.waited for row in rows], np.int64),
        about=np.array([row.about for row in rows], np.int64),
        favoured=np.array([row.favoured for row in rows], np.bool_),
    )


def order_of(rows: list[Row], pace: Pace = CALM, suggested: int = 0) -> list[Suggestion]:
    return ordered(waiting(rows), {1: pace, 2: pace}, suggested=suggested)


def ids(found: list[Suggestion]) -> list[int]:
    return [one.id for one in found]


rows = st.lists(
    st.builds(
        Row,
        id=st.integers(1, 10_000),
        group=st.sampled_from(list(Group)),
        left=st.none() | st.integers(-3000, 3000),
        waited=st.integers(0, 4000),
        about=st.integers(1, 120),
        favoured=st.booleans(),
        team=st.sampled_from([1, 2]),
    ),
    unique_by=lambda row: row.id,
    max_size=40,
)
paces = st.builds(Pace, st.just(DAY), st.sampled_from([0.0, 1.0, 12.8, 60.0, 600.0]))


@unhurried
@given(rows, paces, st.integers(0, 7), st.randoms())
def test_everything_has_one_place_and_the_way_it_was_read_does_not_matter(
    given_rows, pace, suggested, chance
):
    found = order_of(given_rows, pace, suggested)
    assert sorted(ids(found)) == sorted(row.id for row in given_rows)
    shuffled = chance.sample(given_rows, len(given_rows))
    assert ids(order_of(shuffled, pace, suggested)) == ids(found)
    assert all(given_rows[one.index].id == one.id for one in found)


@unhurried
@given(rows, paces, st.integers(0, 7))
def test_what_is_better_left_to_others_comes_last(given_rows, pace, suggested):
    groups = {row.id: row.group == Group.OTHERS for row in given_rows}
    found = [groups[one.id] for one in order_of(given_rows, pace, suggested)]
    assert found == sorted(found)


@unhurried
@given(rows, st.integers(0, 7))
def test_every_fourth_suggestion_is_the_oldest_of_the_lost(given_rows, suggested):
    own = [row for row in given_rows if row.group != Group.OTHERS]
    found = order_of(own, CALM, suggested)
    lost = [one for one in found if not one.savable]
    for place, one in enumerate(found):
        ahead = [other for other in found[place:] if not other.savable]
        if (suggested + place) % EVERY == EVERY - 1 and ahead:
            assert not one.savable
            assert one.cause is Cause.OLDEST
    by_deadline = {row.id: DAY * 3 - row.waited if row.left is None else row.left for row in own}
    assert [by_deadline[one.id] for one in lost] == sorted(by_deadline[one.id] for one in lost)


@unhurried
@given(rows)
def test_apart_from_those_the_savable_stand_before_the_lost_and_mine_before_the_rest(given_rows):
    own = [row for row in given_rows if row.group != Group.OTHERS]
    found = [one for one in order_of(own) if one.cause is not Cause.OLDEST]
    saved = [one.savable for one in found]
    assert saved == sorted(saved, reverse=True)
    groups = {row.id: row.group for row in own}
    savable = [
        (groups[one.id], one.slack // TIE_MINUTES, one.cause is not Cause.FAVOURED)
        for one in found
        if one.savable
    ]
    assert savable == sorted(savable)


@unhurried
@given(rows, paces)
def test_slack_is_what_is_left_without_the_review_itself(given_rows, pace):
    by_id = {row.id: row for row in given_rows}
    for one in order_of(given_rows, pace):
        row = by_id[one.id]
        left = 3 * DAY - row.waited if row.left is None else row.left
        assert one.slack == left - row.about
        assert one.savable == (one.slack >= 0)


def test_among_equals_a_first_request_goes_first_but_not_before_what_is_more_urgent():
    found = order_of([Row(1, left=101), Row(2, left=102, favoured=True), Row(3, left=60)])
    assert ids(found) == [3, 2, 1]
    assert [one.cause for one in found] == [Cause.SAVABLE, Cause.FAVOURED, Cause.SAVABLE]


def test_a_request_without_a_deadline_counts_as_due_in_three_working_days():
    found = order_of([Row(1, left=None, waited=2 * DAY), Row(2, left=2 * DAY), Row(3, left=100)])
    assert ids(found) == [3, 1, 2]


def test_where_somebody_would_wait_too_long_only_those_who_asked_before_are_suggested():
    pace = Pace(DAY, per_answer=30)
    # Twenty asked two and a half days ago and are lost; what is new has a near deadline.
    old = [Row(n, left=-300, waited=5 * DAY // 2 + n) for n in range(20)]
    fresh = Row(99, left=45, waited=5)
    calm, pressed = order_of([*old, fresh]), order_of([*old, fresh], pace)
    assert calm[0].id == 99
    # The fifth of them could not be answered in time any more.
    assert ids(pressed)[:6] == [15, 16, 17, 18, 19, 99]
    assert {one.cause for one in pressed[:5]} == {Cause.WAITED}
    assert {one.cause for one in pressed[6:]} == {Cause.LOST}


def test_what_was_forgotten_for_days_takes_every_fourth_place_and_stops_nobody():
    pace = Pace(DAY, per_answer=30)
    forgotten = Row(1, left=-9000, waited=(3 + BEYOND_DAYS) * DAY + 1)
    fresh = [Row(10 + n, left=100 + 20 * n, waited=n) for n in range(6)]
    found = order_of([forgotten, *fresh], pace)
    assert ids(found) == [10, 11, 12, 1, 13, 14, 15]


def test_when_no_order_can_keep_the_promise_the_savable_are_saved_and_every_fourth_is_old():
    pace = Pace(DAY, per_answer=30)
    everything = int(4 * DAY / 30) + 1
    old = [Row(n, left=-300 - n, waited=5 * DAY // 2 + n) for n in range(everything)]
    found = order_of([*old, Row(999, left=45, waited=5)], pace)
    assert found[0].id == 999
    assert found[3].cause is Cause.OLDEST


def test_a_busy_team_does_not_press_the_other_one():
    paces = {1: Pace(DAY, per_answer=30), 2: Pace(DAY, per_answer=30)}
    old = [Row(n, left=-300, waited=5 * DAY // 2 + n, team=1) for n in range(20)]
    quiet = Row(99, left=45, waited=5, team=2)
    assert ordered(waiting([*old, quiet]), paces)[0].id == 99


def test_an_empty_queue_and_a_team_that_nobody_staffs_have_an_order_too():
    assert order_of([]) == []
    nobody = Pace(0)
    found = order_of([Row(1, left=0, waited=0), Row(2, left=None, waited=0)], nobody)
    assert not any(one.savable for one in found)


def test_only_as_many_as_are_wanted_are_told_of():
    given_rows = [Row(n, left=100 + n) for n in range(10)]
    some = ordered(waiting(given_rows), {1: CALM}, wanted=3)
    assert ids(some) == ids(order_of(given_rows))[:3]


def test_every_array_has_a_place_for_every_request():
    made = waiting([Row(1), Row(2)])
    assert {len(getattr(made, one.name)) for one in fields(made)} == {2}
