"""The clock of answering: held against a count of minute after minute on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.mentoring.clock import (
    LONGEST_BREAK,
    can_be_reached,
    epoch_seconds,
    halfway,
    next_reachable,
    next_shift,
    on_shift,
    shift_ends,
    staffing,
    working_minutes,
)
from critique.plumbing.hours import WorkingHours, default_hours

# Speed is the bench's matter: a shared machine must not fail a property.
unhurried = settings(deadline=None, max_examples=60)

MINUTE = timedelta(minutes=1)
PLACES = {
    "Europe/Berlin": ("DE", "BE"),
    "America/New_York": ("US", "NY"),
    "Europe/London": ("GB", "ENG"),
    "Australia/Lord_Howe": ("AU", "NSW"),
    "America/Santiago": ("CL", None),
    "Africa/Cairo": ("EG", None),
}
# Two days before each change of clocks of 2026 in those zones, and before Christmas.
EVENTFUL = tuple(
    datetime.fromisoformat(f"{day}T00:00:00Z")
    for day in (
        "2026-03-06", "2026-03-27", "2026-04-03", "2026-04-22", "2026-09-04", "2026-10-02",
        "2026-10-23", "2026-10-28", "2026-10-30", "2026-12-23",
    )
)  # fmt: skip
moments = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from(EVENTFUL),
    st.integers(0, 3 * 1440),
)


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, tuple[tuple[int, int], ...]]:
    days = {}
    for day in draw(st.sets(st.integers(0, 6))):
        edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=4)))
        marks = [edge * 15 for edge in edges]
        days[day] = tuple(zip(marks[::2], marks[1::2], strict=False))
    return days


@st.composite
def calendars(draw: st.DrawFn) -> WorkingHours:
    zone = draw(st.sampled_from(sorted(PLACES)))
    country, part = PLACES[zone]
    first = draw(st.sampled_from(EVENTFUL)).date() + timedelta(days=draw(st.integers(0, 3)))
    off = ((first, first + timedelta(days=draw(st.integers(0, 2)))),)
    return WorkingHours(
        zone,
        draw(weeks()),
        holidays=draw(st.sampled_from(["", f"{country}-{part}" if part else country])),
        away=draw(st.sampled_from([(), off])),
        deep_work=draw(st.sampled_from([{}, draw(weeks())])),
    )


@lru_cache(maxsize=64)
def red_letter_days(code: str) -> holidays.HolidayBase:
    country, _, part = code.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, years=2026)


def answers_at(hours: WorkingHours, moment: datetime) -> bool:
    """The definition, said once more: on the wall, inside the hours, on no day off, not deep."""
    wall = moment.astimezone(ZoneInfo(hours.zone))
    minute, day = wall.hour * 60 + wall.minute, wall.date()

    def shows(week: dict) -> bool:
        return any(start <= minute < end for start, end in week.get(day.weekday(), ()))

    off = any(first <= day <= last for first, last in hours.away) or (
        bool(hours.holidays) and day in red_letter_days(hours.holidays)
    )
    return shows(hours.days) and not shows(hours.deep_work) and not off


@unhurried
@given(calendars(), moments, st.integers(0, 2 * 1440))
def test_minutes_are_those_counted_on_the_wall(hours, start, length):
    counted = [answers_at(hours, start + MINUTE * passed) for passed in range(length)]
    end = start + MINUTE * length
    assert working_minutes(hours, start, end) == sum(counted)
    assert working_minutes(hours, end, start) == -sum(counted)
    assert can_be_reached(hours, start) == answers_at(hours, start)
    alone = staffing([hours], start, 4)
    assert alone.minutes(start, end) == sum(counted)


@unhurried
@given(st.lists(calendars(), max_size=3), moments, st.integers(0, 1440))
def test_staffed_is_whenever_anybody_answers(group, start, length):
    counted = sum(
        any(answers_at(hours, start + MINUTE * passed) for hours in group)
        for passed in range(length)
    )
    end, staffed = start + MINUTE * length, staffing(group, start, 4)
    assert staffed.minutes(start, end) == counted
    parts = [working_minutes(hours, start, end) for hours in group]
    assert max(parts, default=0) <= counted <= sum(parts)


@unhurried
@given(st.lists(calendars(), max_size=4), moments, st.lists(st.integers(0, 3 * 1440), min_size=2))
def test_staffed_minutes_add_up_and_never_fall(group, start, passed):
    staffed = staffing(group, start - timedelta(days=1), 6)
    later = [start + MINUTE * minutes for minutes in sorted(passed)]
    until = staffed.minutes_until(epoch_seconds(later), since=start).tolist()
    assert until == sorted(until)
    assert until == [staffed.minutes(start, moment) for moment in later]
    assert all(value >= 0 for value in until)
    first, last = later[0], later[-1]
    halves = staffed.minutes(start, first) + staffed.minutes(first, last)
    assert halves == staffed.minutes(start, last)
    assert staffed.minutes(last, first) == -staffed.minutes(first, last)


@unhurried
@given(st.lists(calendars(), max_size=3), moments, st.integers(0, 900))
def test_counting_undoes_going_on(group, start, minutes):
    staffed = staffing(group, start, 9)
    end = staffed.after(start, minutes)
    if end is None:
        assert staffed.minutes(start, staffed.end) < minutes
        return
    assert staffed.minutes(start, end) == minutes
    if minutes:
        assert staffed.minutes(start, end - MINUTE) == minutes - 1


@unhurried
@given(st.lists(calendars(), max_size=3), moments)
def test_next_on_shift_is_the_first_moment_with_anybody(group, now):
    staffed = staffing(group, now, 9)
    found = staffed.next_on_shift(now)
    soonest = min(filter(None, (next_reachable(each, now) for each in group)), default=None)
    if found is None:
        assert soonest is None or soonest >= staffed.end
        return
    assert found == soonest
    assert staffed.is_staffed(found)
    assert any(can_be_reached(hours, found) for hours in group)
    assert staffed.minutes(now, found) == 0


@unhurried
@given(calendars(), moments)
def test_a_shift_holds_its_breaks_and_ends_before_a_long_one(hours, now):
    ends = shift_ends(hours, now)
    assert on_shift(hours, now) == (ends is not None)
    if can_be_reached(hours, now):
        assert ends is not None
    if ends is None:
        upcoming = next_shift(hours, now)
        assert upcoming is None or now < upcoming[0] < upcoming[1]
        return
    assert next_shift(hours, now) == (now, ends)
    again = next_shift(hours, ends)
    week_long = ends == now + timedelta(days=7)
    assert again is None or week_long or again[0] > ends + LONGEST_BREAK


@unhurried
@given(calendars(), moments, st.integers(0, 3 * 1440))
def test_halfway_leaves_as_much_as_it_took(hours, start, length):
    end = start + MINUTE * length
    middle = halfway(hours, start, end)
    if middle is None:
        assert working_minutes(hours, start, end) == 0
        return
    gone, left = working_minutes(hours, start, middle), working_minutes(hours, middle, end)
    assert gone - left in (0, 1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z")


LONDON = default_hours("Europe/London")


def test_nobody_is_no_time_at_all():
    now = utc("2026-11-27T10:00:00")
    empty = staffing([], now, 30)
    assert empty.minutes(now, now + timedelta(days=20)) == 0
    assert empty.minutes_until(epoch_seconds([now, empty.end]), since=now).tolist() == [0, 0]
    assert empty.next_on_shift(now) is None
    assert not empty.is_staffed(now)
    assert empty.after(now, 1) is None
    never = WorkingHours("UTC", {})
    assert (shift_ends(never, now), next_shift(never, now)) == (None, None)
    assert (next_reachable(never, now), halfway(never, now, empty.end)) == (None, None)


def test_everybody_away_is_no_time_either_until_somebody_is_back():
    now = utc("2026-12-21T10:00:00")
    away = (date(2026, 12, 19), date(2027, 1, 3))
    team = [WorkingHours(zone, LONDON.days, away=(away,)) for zone in ("Europe/London", "UTC")]
    staffed = staffing(team, now, 30)
    assert staffed.minutes(now, utc("2027-01-04T09:00:00")) == 0
    assert staffed.next_on_shift(now) == utc("2027-01-04T09:00:00")


def test_a_day_is_staffed_around_the_globe_and_counted_once_where_two_overlap():
    now = utc("2026-11-26T00:00:00")
    sites = [default_hours(z) for z in ("America/Chicago", "Europe/London", "Asia/Singapore")]
    # Singapore 01-09, London 09-17, Austin 15-23 in UTC.
    assert staffing(sites, now, 1).minutes(now, now + timedelta(days=1)) == 22 * 60


def test_moments_outside_of_the_horizon_count_as_its_end():
    now = utc("2026-11-26T12:00:00")
    staffed = staffing([LONDON], now, 1)
    assert staffed.minutes(now, now + timedelta(days=300)) == 5 * 60
    assert staffed.minutes(now - timedelta(days=300), now) == 3 * 60
    with pytest.raises(ValueError, match="1 to 800 days"):
        staffing([LONDON], now, 0)


def test_lunch_and_deep_work_do_not_end_a_shift_but_a_free_afternoon_does():
    week = {3: ((9 * 60, 12 * 60), (13 * 60, 17 * 60), (20 * 60, 22 * 60))}
    hours = WorkingHours("UTC", week, deep_work={3: ((9 * 60, 12 * 60),)})
    noon = utc("2026-11-26T12:30:00")
    assert on_shift(hours, noon)
    assert not can_be_reached(hours, utc("2026-11-26T10:00:00"))
    assert on_shift(hours, utc("2026-11-26T10:00:00"))
    assert shift_ends(hours, noon) == utc("2026-11-26T17:00:00")
    assert not on_shift(hours, utc("2026-11-26T18:00:00"))
    assert next_shift(hours, utc("2026-11-26T18:00:00")) == (
        utc("2026-11-26T20:00:00"), utc("2026-11-26T22:00:00"),
    )  # fmt: skip


def test_a_moment_without_a_zone_is_an_error_everywhere():
    naive = utc("2026-11-26T12:00:00").replace(tzinfo=None)
    staffed = staffing([LONDON], naive.replace(tzinfo=UTC), 2)
    for ask in (
        lambda: working_minutes(LONDON, naive, naive),
        lambda: next_reachable(WorkingHours("UTC", {}), naive),
        lambda: on_shift(LONDON, naive),
        lambda: staffed.next_on_shift(naive),
        lambda: staffing([LONDON], naive, 2),
        lambda: epoch_seconds([naive]),
    ):
        with pytest.raises(ValueError, match="time zone"):
            ask()
