"""Whom to ask and to whom to hand over: preferences that never leave nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from critique.mentoring.handing import Colleague, Need, hand_off_due, hand_off_to, proposals
from critique.plumbing.hours import WorkingHours

unhurried = settings(deadline=None, max_examples=60)

WEEK = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
# A Wednesday, 20:00 in London, 14:00 in Austin, 04:00 on Thursday in Singapore.
NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)
AUSTIN = WorkingHours("America/Chicago", WEEK)
LONDON = WorkingHours("Europe/London", WEEK)
SINGAPORE = WorkingHours("Asia/Singapore", WEEK)
NEVER = WorkingHours("Europe/London", {})


def away(hours: WorkingHours) -> WorkingHours:
    return WorkingHours(hours.zone, WEEK, away=((date(2026, 11, 20), date(2026, 12, 4)),))


def need(hours: float | None = 4, about: int = 10) -> Need:
    return Need(NOW, None if hours is None else NOW + timedelta(hours=hours), about)


def first(*colleagues: Colleague, asked: Need | None = None) -> int:
    return proposals(colleagues, asked or need())[0].id


def test_the_skill_goes_before_everything_else():
    assert first(Colleague(1, AUSTIN, skilled=False), Colleague(2, LONDON, open=9)) == 2


def test_who_is_away_full_or_without_time_before_the_deadline_comes_after_who_is_not():
    free = Colleague(9, AUSTIN, open=2)
    assert first(Colleague(1, away(AUSTIN)), free) == 9
    assert first(Colleague(1, AUSTIN, open=1, most=1), free) == 9
    assert first(Colleague(1, LONDON), free) == 9


def test_then_the_fewest_open_then_the_fewest_in_a_month_then_who_comes_first():
    later = need(72)
    assert first(Colleague(1, AUSTIN, open=2), Colleague(2, LONDON, open=1), asked=later) == 2
    assert first(Colleague(1, AUSTIN, recent=5), Colleague(2, LONDON, recent=4), asked=later) == 2
    assert first(Colleague(1, LONDON), Colleague(2, SINGAPORE), asked=later) == 2


def test_a_quarter_of_the_time_before_the_deadline_has_to_hold_what_is_there_already():
    # Three hours of Austin's day are left: 45 minutes for reviews.
    asked = need(4, about=15)
    assert first(Colleague(1, AUSTIN, open=2), Colleague(2, LONDON), asked=asked) == 1
    assert first(Colleague(1, AUSTIN, open=3), Colleague(2, LONDON), asked=asked) == 2


def test_nobody_skilled_and_nobody_there_still_proposes_everybody_and_says_so():
    found = proposals([Colleague(1, away(LONDON), skilled=False), Colleague(2, NEVER)], need())
    assert [one.id for one in found] == [2, 1]
    alone = proposals([Colleague(1, away(LONDON), skilled=False)], need())
    assert alone[0].reason == (
        "nobody here has the skill, away today, 0 open, little room before the deadline"
    )
    assert proposals([], need()) == []


def test_the_reason_says_what_was_weighed():
    asked = [
        Colleague(1, AUSTIN, open=1),
        Colleague(2, SINGAPORE, open=3, most=3),
        Colleague(3, NEVER, skilled=False),
    ]
    reasons = {one.id: one.reason for one in proposals(asked, need(None))}
    assert reasons == {
        1: "has the skill, on shift now, 1 open",
        2: "has the skill, on shift in 5 h, 3 open, at capacity",
        3: "not the skill asked for, no hours in the coming weeks, 0 open",
    }


def test_a_hand_off_is_due_once_half_the_time_is_gone_and_the_owner_went_home():
    half = NOW - timedelta(minutes=1)
    assert hand_off_due(half, NOW, on_shift=False)
    assert not hand_off_due(half, NOW, on_shift=True)
    assert not hand_off_due(NOW + timedelta(minutes=1), NOW, on_shift=False)
    assert not hand_off_due(None, NOW, on_shift=False)


def test_it_goes_to_who_is_on_shift_or_comes_soonest_however_full():
    owner = Colleague(1, LONDON)
    found = hand_off_to(
        owner, [owner, Colleague(2, SINGAPORE), Colleague(3, AUSTIN, open=8)], need()
    )
    assert found is not None
    assert found.id == 3
    night = Need(NOW + timedelta(hours=3), None, 10)
    found = hand_off_to(owner, [Colleague(2, SINGAPORE, open=8), Colleague(3, AUSTIN)], night)
    assert found is not None
    assert found.id == 2


def test_it_stays_where_it_is_when_nobody_comes_before_the_owner_does():
    owner = Colleague(1, SINGAPORE)
    others = [Colleague(2, LONDON), Colleague(3, away(AUSTIN)), Colleague(4, NEVER)]
    assert hand_off_to(owner, [owner, *others], need()) is None


colleagues = st.lists(
    st.builds(
        Colleague,
        id=st.integers(1, 99),
        hours=st.sampled_from([AUSTIN, LONDON, SINGAPORE, NEVER, away(AUSTIN), away(LONDON)]),
        skilled=st.booleans(),
        open=st.integers(0, 5),
        recent=st.integers(0, 20),
        most=st.none() | st.integers(0, 5),
    ),
    unique_by=lambda one: one.id,
    min_size=1,
    max_size=8,
)
moments = st.integers(0, 14 * 24 * 4).map(
    lambda quarters: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)


@unhurried
@given(colleagues, moments, st.none() | st.integers(-48, 96))
def test_no_wish_leaves_anybody_out_and_an_owner_never_gets_their_own_back(team, now, hours):
    asked = Need(now, None if hours is None else now + timedelta(hours=hours), 10)
    found = proposals(team, asked)
    assert sorted(one.id for one in found) == sorted(one.id for one in team)
    assert all(one.reason for one in found)
    assert proposals(team, asked, wanted=1) == found[:1]
    handed = hand_off_to(team[0], team, asked)
    assert handed is None or handed.id in {one.id for one in team[1:]}
