"""Quiet hours and mornings: pure, in any zone, over midnight and over changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.activity.mornings import is_due, morning_of
from critique.activity.quiet import quiet_week, typed_week, undisturbed
from critique.activity.reach import may_ask_at
from critique.mentoring.clock import can_be_reached, next_reachable
from critique.plumbing.calendar import is_inside
from critique.plumbing.hours import WorkingHours, default_hours

ZONES = ("Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "UTC")
MINUTES = st.integers(0, 1439)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(st.sampled_from(ZONES), MINUTES, MINUTES, MOMENTS)
def test_nobody_is_reached_inside_quiet_hours_and_everybody_outside(zone, start, end, moment):
    if start == end:
        return
    hours = WorkingHours(zone, dict.fromkeys(range(7), ((0, 1440),)))
    quiet = quiet_week(dict.fromkeys(range(7), f"{clock(start)}-{clock(end)}"))
    wall = moment.astimezone(hours_zone(zone))
    minute = wall.hour * 60 + wall.minute
    inside = start <= minute < end if start < end else minute >= start or minute < end
    assert can_be_reached(undisturbed(hours, quiet), moment) is not inside
    # Quiet hours are not free time: they are worked like any other.
    assert is_inside(undisturbed(hours, quiet), moment)


def hours_zone(zone):
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def test_spans_over_midnight_go_on_on_the_next_weekday_and_overlaps_become_one():
    week = quiet_week({6: "22:00-07:00, 21:00-23:00", 0: "06:30-08:00"})
    assert week == {0: ((0, 480),), 6: ((1260, 1440),)}
    assert quiet_week({2: "20:00-00:00"}) == {2: ((1200, 1440),)}
    assert quiet_week({2: "  "}) == {}


@pytest.mark.parametrize("wrong", ["late", "25:00-26:00", "9-10", "10:00-10:00", "09:00"])
def test_what_cannot_be_read_says_so(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        quiet_week({0: wrong})


def test_only_what_was_typed_is_read_back():
    assert typed_week({"0": "22:00-07:00", "3": "", "9": "x"}) == {0: "22:00-07:00"}
    assert typed_week(None) == {}


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_morning_is_the_first_reachable_moment_of_its_day(zone, moment):
    hours = default_hours(zone)
    morning = morning_of(hours, moment)
    local = moment.astimezone(hours_zone(zone))
    if local.weekday() > 4:
        assert morning is None
        return
    assert morning.day == local.date()
    assert morning.starts_at.astimezone(hours_zone(zone)).strftime("%H:%M") == "09:00"
    assert is_due(morning, moment) == (9 <= local.hour < 17)


def test_holidays_days_away_deep_work_and_quiet_hours_move_the_morning():
    day = datetime(2026, 11, 26, 3, tzinfo=UTC)
    week = dict.fromkeys(range(7), ((540, 1020),))
    plain = WorkingHours("UTC", week)
    assert morning_of(WorkingHours("UTC", week, holidays="US"), day) is None
    away = ((date(2026, 11, 26), date(2026, 11, 27)),)
    assert morning_of(WorkingHours("UTC", week, away=away), day) is None
    busy = WorkingHours("UTC", week, deep_work={3: ((540, 660),)})
    assert morning_of(busy, day).starts_at.hour == 11
    assert morning_of(undisturbed(busy, quiet_week({3: "08:00-12:00"})), day).starts_at.hour == 12
    assert morning_of(undisturbed(plain, quiet_week({3: "00:00-24:00"})), day) is None


@given(MOMENTS, st.integers(0, 180), st.integers(-300, 600))
def test_an_ask_waits_for_hours_and_for_an_hour_but_not_when_it_is_due(moment, ago, due_in):
    hours = default_hours("Europe/Berlin")
    asked_at = moment - timedelta(minutes=ago)
    when = may_ask_at(hours, moment, asked_at=asked_at)
    assert when >= moment
    assert when >= asked_at + timedelta(hours=1)
    assert can_be_reached(hours, when)
    assert next_reachable(hours, max(moment, asked_at + timedelta(hours=1))) == when
    deadline = moment + timedelta(minutes=due_in)
    urgent = may_ask_at(hours, moment, asked_at=asked_at, deadlines=[deadline])
    assert asked_at + timedelta(hours=1) <= urgent <= when
    if timedelta(hours=1) <= deadline - moment <= timedelta(hours=2):
        assert urgent == max(moment, asked_at + timedelta(hours=1))
