"""Slots: the mask agrees with the clock, and the slot chosen is one that everybody can keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.pairing.slots import (
    NOTICE,
    SLOTS_A_WEEK,
    Choice,
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
    working_spans,
)

# Speed is the bench's matter: a shared machine must not fail a property.
unhurried = settings(deadline=None)

SLOT = timedelta(minutes=10)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
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
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
)
def test_the_chosen_slot_is_the_earliest_of_the_fairest(
    hours: list[WorkingHours], week: str, minutes: int, busy: int, owed: list[int]
) -> None:
    """As somebody would find it who tries every ten minutes of the week."""
    opens = week_start(week, "UTC")
    not_before = opens + timedelta(minutes=minutes)
    masks, debts = [availability(each, week) for each in hours], owed[: len(hours)]
    chosen = choose_slot(masks, hours, week, not_before=not_before, owed=debts, busy=[busy])
    ranked = []
    for slot in range(SLOTS_A_WEEK - 1):
        start, end = opens + slot * SLOT, opens + (slot + 2) * SLOT
        worked = all(working_minutes(each, start, end) == 20 for each in hours)
        mine = all(week_of(start, each.zone) == week for each in hours)
        if start < not_before or not worked or not mine or busy >> slot & 3:
            continue
        if not all(has_run(mask & 3 << slot) for mask in masks):
            continue
        edges = [at for at, each in enumerate(hours) if _at_edge(each, start, end)]
        noon = any(_over_noon(each.zone, start, end) for each in hours)
        ranked.append((noon, len(edges), sum(debts[at] for at in edges), start))
    assert (chosen and chosen.starts_at) == (min(ranked)[3] if ranked else None)


def _at_edge(hours: WorkingHours, start: datetime, end: datetime) -> bool:
    """Whether half an hour before or after all of it nothing of that day is worked any more."""
    zone, half = ZoneInfo(hours.zone), timedelta(minutes=30)
    spans = working_spans(hours, start - timedelta(days=1), end + timedelta(days=1))
    today = [s for s in spans if s[0].astimezone(zone).date() == _day_of(spans, start, zone)]
    first, last = -(-(today[0][0] - EPOCH) // SLOT), (today[-1][1] - EPOCH) // SLOT
    return (start - EPOCH) // SLOT < first + half // SLOT or (end - EPOCH) // SLOT > last - 3


def _day_of(spans: list[tuple[datetime, datetime]], moment: datetime, zone: ZoneInfo) -> date:
    return next(a for a, b in spans if a <= moment < b).astimezone(zone).date()


def _over_noon(zone: str, start: datetime, end: datetime) -> bool:
    noon = WorkingHours(zone, dict.fromkeys(range(7), ((720, 780),)))
    return bool(working_spans(noon, start, end))


LONDON, AUSTIN = "Europe/London", "America/Chicago"


def _chosen(
    hours: list[WorkingHours],
    week: str = "2026-W48",
    *,
    owed: list[int] | None = None,
    not_before: datetime | None = None,
) -> Choice | None:
    masks = [availability(each, week) for each in hours]
    moment = not_before or week_start(week, "UTC")
    return choose_slot(masks, hours, week, not_before=moment, owed=owed)


def test_one_site_meets_at_once_but_not_in_the_first_half_hour() -> None:
    london = default_hours(LONDON)
    found = _chosen([london, london])
    assert found == Choice(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


def test_what_is_drawn_on_monday_is_on_tuesday() -> None:
    drawn = datetime(2026, 11, 23, 7, tzinfo=UTC)
    london = default_hours(LONDON)
    found = _chosen([london, london], not_before=drawn + NOTICE)
    assert found == Choice(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))


def test_an_edge_of_the_day_falls_to_who_had_fewer_of_them() -> None:
    early = WorkingHours("UTC", {0: ((480, 600),)})
    late = WorkingHours("UTC", {0: ((540, 1000),)})
    nine, half_past = (datetime(2026, 11, 23, 9, minute, tzinfo=UTC) for minute in (0, 30))
    assert _chosen([early, late], owed=[1, 0]) == Choice(nine, (1,))
    assert _chosen([early, late], owed=[0, 1]) == Choice(half_past, (0,))
    assert _chosen([early, late]) == Choice(nine, (1,))


def test_where_only_edges_are_left_they_are_taken() -> None:
    early = WorkingHours("UTC", {0: ((480, 560),)})
    late = WorkingHours("UTC", {0: ((540, 1000),)})
    nine = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert _chosen([early, late], owed=[9, 9]) == Choice(nine, (0, 1))


def test_lunch_is_booked_only_when_nothing_else_is_left() -> None:
    noon = WorkingHours(LONDON, {2: ((700, 790),)})
    assert _chosen([noon, noon]) == Choice(datetime(2026, 11, 25, 11, 40, tzinfo=UTC), (0, 1))
    only = WorkingHours(LONDON, {2: ((690, 810),)})
    after = datetime(2026, 11, 25, 11, 50, tzinfo=UTC)
    found = _chosen([only, only], not_before=after)
    assert found == Choice(datetime(2026, 11, 25, 13, 0, tzinfo=UTC), (0, 1))
    shorter = WorkingHours(LONDON, {2: ((690, 790),)})
    found = _chosen([shorter, shorter], not_before=after)
    assert found == Choice(after + SLOT, over_lunch=True)


def test_holidays_days_away_and_deep_work_are_not_booked() -> None:
    days = dict.fromkeys(range(5), ((540, 1020),))
    off = WorkingHours(
        AUSTIN,
        days,
        holidays="US",
        away=((date(2026, 11, 23), date(2026, 11, 25)),),
        deep_work={4: ((540, 900),)},
    )
    # Thursday is Thanksgiving, and Friday is free from three in the afternoon on.
    assert minutes_in(availability(off, "2026-W48")) == 120


@pytest.mark.parametrize("week", ["2026-W10", "2026-W11", "2026-W13", "2026-W44", "2026-W45"])
def test_no_meeting_at_an_hour_that_clocks_jump_over(week: str) -> None:
    """Night workers in zones whose clocks change at night: each time exists, and once."""
    for zone in (AUSTIN, LONDON, "Africa/Cairo", "Australia/Lord_Howe"):
        night = WorkingHours(zone, dict.fromkeys(range(7), ((0, 300),)))
        for minutes in range(0, 7 * 1440, 180):
            found = _chosen(
                [night, night],
                week,
                not_before=week_start(week, "UTC") + timedelta(minutes=minutes),
            )
            if found is not None:
                wall = found.starts_at.astimezone(ZoneInfo(zone))
                assert wall.astimezone(UTC) == found.starts_at
                assert wall.hour < 5


def test_no_common_time_gives_no_slot() -> None:
    assert _chosen([default_hours(AUSTIN), default_hours("Asia/Singapore")]) is None


def test_a_break_at_noon_is_not_an_edge_but_is_not_booked_either() -> None:
    split = WorkingHours("UTC", {2: ((540, 600), (780, 840))})
    found = _chosen([split, split], not_before=datetime(2026, 11, 25, 9, 30, tzinfo=UTC))
    assert found == Choice(datetime(2026, 11, 25, 9, 30, tzinfo=UTC))
    found = _chosen([split, split], not_before=datetime(2026, 11, 25, 9, 50, tzinfo=UTC))
    assert found == Choice(datetime(2026, 11, 25, 13, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("week", "minutes"),
    [
        ("2026-W48", 180),
        ("2026-W11", 240),  # Chicago has changed its clocks, London not yet
        ("2026-W44", 240),  # London has changed back, Chicago not yet
    ],
)
def test_the_weeks_between_two_clock_changes_have_an_hour_more(week: str, minutes: int) -> None:
    hours = (WorkingHours(zone, {2: ((540, 1080),)}) for zone in (AUSTIN, LONDON))
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
