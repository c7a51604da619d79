"""Slots: the mask agrees with the clock, and the slot chosen is one that everybody can keep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.pairing.slots import (
    SLOTS_A_WEEK,
    availability,
    choose_slot,
    common,
    has_run,
    minutes_in,
    starts,
    taken,
)
from critique.plumbing.calendar import (
    WorkingHours,
    default_hours,
    week_of,
    week_start,
    working_minutes,
)

# Speed is the bench's matter: a shared machine must not fail a property.
unhurried = settings(deadline=None)

SLOT = timedelta(minutes=10)
# An ordinary week, and weeks in which clocks change in Chicago, London, Lord Howe and Cairo.
WEEKS = ("2026-W48", "2026-W10", "2026-W11", "2026-W13", "2026-W17", "2026-W40", "2026-W43")
ZONES = (
    "America/Chicago",
    "Europe/London",
    "Asia/Singapore",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
)


@st.composite
def _hours(draw: st.DrawFn) -> WorkingHours:
    start = draw(st.integers(0, 200)) * 5
    end = draw(st.integers(start // 5 + 1, 288)) * 5
    days = draw(st.sets(st.integers(0, 6)))
    return WorkingHours(draw(st.sampled_from(ZONES)), dict.fromkeys(days, ((start, end),)))


@unhurried
@given(_hours(), st.sampled_from(WEEKS), st.integers(0, 7 * 1440))
def test_a_slot_counts_when_all_of_it_is_worked(
    hours: WorkingHours, week: str, minutes: int
) -> None:
    opens = week_start(week, "UTC")
    not_before = opens + timedelta(minutes=minutes)
    mask = availability(hours, week, not_before=not_before)
    for slot in range(SLOTS_A_WEEK):
        start = opens + slot * SLOT
        whole = working_minutes(hours, start, start + SLOT) == 10 and start >= not_before
        ends = (start, start + SLOT - timedelta(seconds=1))
        this_week = all(week_of(moment, hours.zone) == week for moment in ends)
        assert bool(mask >> slot & 1) == (whole and this_week)
    assert mask >> SLOTS_A_WEEK == 0


@unhurried
@given(st.sets(st.integers(0, SLOTS_A_WEEK - 1)), st.integers(1, 6))
def test_runs_are_slots_in_a_row(slots: set[int], length: int) -> None:
    mask = sum(1 << slot for slot in slots)
    expected = {s for s in slots if all(s + ahead in slots for ahead in range(length))}
    assert starts(mask, length) == sum(1 << slot for slot in expected)
    assert has_run(mask, length) == bool(expected)
    assert minutes_in(mask) == 10 * len(slots)


@unhurried
@given(
    st.lists(_hours(), min_size=1, max_size=3),
    st.sampled_from(WEEKS),
    st.integers(0, 7 * 1440),
    st.integers(0, (1 << SLOTS_A_WEEK) - 1),
    st.integers(),
)
def test_the_chosen_slot_suits_everybody(
    hours: list[WorkingHours], week: str, minutes: int, busy: int, seed: int
) -> None:
    now = week_start(week, "UTC") + timedelta(minutes=minutes)
    masks = [availability(each, week) for each in hours]
    chosen = choose_slot(masks, hours, week, seed=seed, now=now, busy=[busy])
    again = choose_slot(masks[::-1], hours[::-1], week, seed=seed, now=now, busy=[busy])
    free = [availability(each, week, not_before=now) for each in hours]
    assert chosen == again
    assert (chosen is not None) == has_run(common(free) & ~busy)
    if chosen is not None:
        assert chosen >= now
        assert not taken([(chosen, chosen + 2 * SLOT)], week) & busy
        assert all(working_minutes(each, chosen, chosen + 2 * SLOT) == 20 for each in hours)


def _chosen(hours: list[WorkingHours], week: str = "2026-W48", **more: datetime) -> set[datetime]:
    masks = [availability(each, week) for each in hours]
    now = more.get("now", week_start(week, "UTC"))
    found = {choose_slot(masks, hours, week, seed=seed, now=now) for seed in range(200)}
    assert None not in found
    return {moment for moment in found if moment is not None}


def test_one_site_meets_about_noon_and_spreads_over_the_week() -> None:
    london = default_hours("Europe/London")
    found = _chosen([london, london])
    assert {moment.weekday() for moment in found} == {0, 1, 2, 3, 4}
    assert all(12 <= moment.hour <= 13 for moment in found)
    assert len(found) > 20


def test_two_sites_share_the_burden() -> None:
    days = range(5)
    austin = WorkingHours("America/Chicago", dict.fromkeys(days, ((540, 1080),)))
    london = WorkingHours("Europe/London", dict.fromkeys(days, ((540, 1080),)))
    for moment in _chosen([austin, london]):
        at_home = moment.astimezone(ZoneInfo("America/Chicago"))
        assert (at_home.hour, moment.hour) == (10, 16)


def test_edges_of_the_day_are_taken_when_nothing_else_is_there() -> None:
    early = WorkingHours("UTC", {0: ((480, 560),)})
    late = WorkingHours("UTC", {0: ((540, 1000),)})
    assert _chosen([early, late]) == {datetime(2026, 11, 23, 9, 0, tzinfo=UTC)}


def test_nobody_is_hurried_where_it_can_be_helped() -> None:
    now = datetime(2026, 11, 27, 11, 55, tzinfo=UTC)
    london = default_hours("Europe/London")
    assert min(_chosen([london, london], now=now)) >= now + timedelta(hours=2)
    late = datetime(2026, 11, 27, 16, 31, tzinfo=UTC)
    assert _chosen([london, london], now=late) == {datetime(2026, 11, 27, 16, 40, tzinfo=UTC)}


def test_no_common_time_gives_no_slot() -> None:
    hours = [default_hours("America/Chicago"), default_hours("Asia/Singapore")]
    masks = [availability(each, "2026-W48") for each in hours]
    now = week_start("2026-W48", "UTC")
    assert choose_slot(masks, hours, "2026-W48", seed=1, now=now) is None


def test_a_break_at_noon_is_not_an_edge_but_is_not_booked_either() -> None:
    split = WorkingHours("UTC", {2: ((540, 720), (780, 1020))})
    for moment in _chosen([split, split]):
        assert moment.hour in {11, 13} or (moment.hour, moment.minute) == (12, 0)
        assert not 12 <= moment.hour < 13


@pytest.mark.parametrize(
    ("week", "minutes"),
    [
        ("2026-W48", 180),
        ("2026-W11", 240),  # Chicago has changed its clocks, London not yet
        ("2026-W44", 240),  # London has changed back, Chicago not yet
    ],
)
def test_the_weeks_between_two_clock_changes_have_an_hour_more(week: str, minutes: int) -> None:
    hours = (WorkingHours(zone, {2: ((540, 1080),)}) for zone in ("America/Chicago", ZONES[1]))
    assert minutes_in(common(availability(each, week) for each in hours)) == minutes


def test_next_monday_in_singapore_belongs_to_the_next_draw() -> None:
    early = WorkingHours("Asia/Singapore", {0: ((420, 480),)})
    assert availability(early, "2026-W48") == 0
    noon = WorkingHours("Asia/Singapore", {0: ((720, 780),)})
    assert minutes_in(availability(noon, "2026-W48")) == 60


def test_meetings_take_every_slot_they_touch() -> None:
    start = week_start("2026-W48", "UTC")
    mask = taken([(start + timedelta(minutes=25), start + timedelta(minutes=41))], "2026-W48")
    assert mask == 0b11100
    assert taken([(start - timedelta(days=1), start)], "2026-W48") == 0
    assert taken([(start - timedelta(days=1), start + timedelta(days=9))], "2026-W48") == common([])


def test_naive_moments_and_unknown_weeks_are_refused() -> None:
    london = default_hours("Europe/London")
    with pytest.raises(ValueError, match="time zone"):
        availability(london, "2026-W48", not_before=datetime(2026, 11, 23))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no week"):
        availability(london, "2026-W99")
