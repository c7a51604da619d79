"""Working time: the definition (a set of wall-clock instants) is checked instant by instant."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critique.plumbing.calendar import (
    DEFAULT_HOURS,
    WorkingHours,
    add_working_minutes,
    default_hours,
    end_of_working_day,
    is_inside,
    monday_morning,
    next_start,
    parse_span,
    spoken_duration,
    spoken_moment,
    week_of,
    week_start,
    working_minutes,
    working_spans,
)

# Speed is the bench's matter: a shared machine must not fail a property.
unhurried = settings(deadline=None)

ZONES = (
    "America/Chicago",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Singapore",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
)
# Weeks around the clock changes of 2026 in the zones above, and an ordinary one.
EVENTFUL = (
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2026, 4, 23, tzinfo=UTC),
    datetime(2026, 9, 5, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 10, 29, tzinfo=UTC),
    datetime(2026, 6, 10, tzinfo=UTC),
)


@st.composite
def _hours(draw: st.DrawFn, at_least: int = 0) -> WorkingHours:
    days = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=at_least)):
        edges = draw(st.sets(st.integers(0, 288), min_size=2, max_size=6))
        marks = [edge * 5 for edge in sorted(edges)]
        days[day] = tuple(zip(marks[::2], marks[1::2], strict=False))
    first = draw(st.sampled_from(EVENTFUL)).date() + timedelta(days=draw(st.integers(0, 3)))
    away = ((first, first + timedelta(days=draw(st.integers(0, 2)))),)
    return WorkingHours(
        draw(st.sampled_from(ZONES)),
        days,
        holidays=draw(st.sampled_from(["", "DE-BE", "CL", "EG"])),
        away=draw(st.sampled_from([(), away])),
        deep_work=draw(st.sampled_from([{}, {0: ((600, 700),), 3: ((0, 30), (1000, 1440))}])),
    )


_moments = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from(EVENTFUL),
    st.integers(0, 4 * 1440),
)


@unhurried
@given(_hours(), _moments, st.integers(0, 3 * 1440))
def test_spans_are_exactly_the_instants_that_are_inside(
    hours: WorkingHours, start: datetime, length: int
) -> None:
    end = start + timedelta(minutes=length)
    spans = working_spans(hours, start, end)
    expected = 0
    moment = start
    while moment < end:
        inside = is_inside(hours, moment)
        expected += inside
        assert inside == any(opens <= moment < closes for opens, closes in spans), moment
        moment += timedelta(minutes=1)
    assert working_minutes(hours, start, end) == expected
    assert all(opens < closes for opens, closes in spans)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert all(edge.tzinfo is UTC and start <= edge <= end for span in spans for edge in span)


@unhurried
@given(_hours(at_least=1), _moments, st.integers(0, 3000))
def test_adding_working_minutes_is_undone_by_counting_them(
    hours: WorkingHours, start: datetime, minutes: int
) -> None:
    end = add_working_minutes(hours, start, minutes)
    assert working_minutes(hours, start, end) == minutes
    assert working_minutes(hours, end, start) == -minutes
    if minutes:
        assert working_minutes(hours, start, end - timedelta(minutes=1)) == minutes - 1


@unhurried
@given(_hours(), _moments, st.integers(0, 5000), st.integers(0, 5000))
def test_minutes_of_two_halves_are_the_minutes_of_the_whole(
    hours: WorkingHours, start: datetime, first: int, second: int
) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    halves = working_minutes(hours, start, middle) + working_minutes(hours, middle, end)
    assert halves == working_minutes(hours, start, end)


@unhurried
@given(_hours(at_least=1), _moments)
def test_next_start_is_inside_and_nothing_before_it_is(hours: WorkingHours, now: datetime) -> None:
    start = next_start(hours, now)
    assert start >= now
    assert is_inside(hours, start)
    assert working_spans(hours, now, start) == []


@unhurried
@given(_hours(at_least=1), _moments, st.integers(0, 9))
def test_a_working_day_ends_where_work_ends(hours: WorkingHours, now: datetime, ahead: int) -> None:
    end = end_of_working_day(hours, now, ahead)
    zone = ZoneInfo(hours.zone)
    last = (end - timedelta(seconds=1)).astimezone(zone)
    assert end > now
    assert is_inside(hours, end - timedelta(seconds=1))
    assert last.date() >= now.astimezone(zone).date() + timedelta(days=ahead)
    rest = [a for a, _ in working_spans(hours, end, end + timedelta(days=1))]
    assert all(a.astimezone(zone).date() > last.date() for a in rest)


@unhurried
@given(_hours())
def test_hours_survive_json_and_pickle(hours: WorkingHours) -> None:
    assert WorkingHours.from_json(hours.to_json()) == hours
    assert pickle.loads(pickle.dumps(hours)) == hours
    assert hash(WorkingHours.from_json(hours.to_json())) == hash(hours)


@unhurried
@given(_moments, st.sampled_from(ZONES))
def test_a_week_holds_its_moments(moment: datetime, zone: str) -> None:
    week = week_of(moment, zone)
    start = week_start(week, zone)
    assert start <= moment < start + timedelta(days=7, hours=2)
    assert week_of(start, zone) == week
    assert week_of(start - timedelta(seconds=1), zone) != week
    assert monday_morning(week, zone).astimezone(ZoneInfo(zone)).hour == 7


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


@pytest.mark.parametrize(
    ("zone", "span", "day", "expected"),
    [
        ("America/Chicago", "00:00-06:00", "2026-03-08", ["06:00 11:00"]),  # 02:00 to 03:00 is not
        ("America/Chicago", "02:10-02:50", "2026-03-08", []),
        ("Europe/London", "00:30-01:30", "2026-10-25", ["23:30 00:30", "01:00 01:30"]),
        ("Europe/London", "09:00-17:00", "2026-10-25", ["09:00 17:00"]),
        ("Europe/Berlin", "01:00-04:00", "2026-03-29", ["00:00 02:00"]),
        ("Australia/Lord_Howe", "01:00-03:00", "2026-10-04", ["14:30 16:00"]),  # half an hour less
        ("Australia/Lord_Howe", "01:30-02:00", "2026-04-05", ["14:30 15:30"]),  # half an hour twice
        ("America/Santiago", "00:00-02:00", "2026-09-06", ["04:00 05:00"]),  # no midnight that day
        ("Africa/Cairo", "00:00-02:00", "2026-04-24", ["22:00 23:00"]),
        ("Asia/Beirut", "00:00-02:00", "2026-03-29", ["22:00 23:00"]),
        ("Asia/Beirut", "22:00-24:00", "2026-10-24", ["19:00 22:00"]),
    ],
)
def test_days_when_clocks_change(zone: str, span: str, day: str, expected: list[str]) -> None:
    noon = _utc(f"{day}T12:00:00").replace(tzinfo=ZoneInfo(zone))
    hours = WorkingHours(zone, {noon.weekday(): (parse_span(span),)})
    spans = working_spans(hours, noon - timedelta(days=2), noon + timedelta(days=2))
    assert [f"{opens:%H:%M} {closes:%H:%M}" for opens, closes in spans] == expected


def test_four_working_hours_on_friday_afternoon_end_on_monday() -> None:
    london = default_hours("Europe/London")
    friday = _utc("2026-11-27T15:30:00")
    assert add_working_minutes(london, friday, 240) == _utc("2026-11-30T11:30:00")
    assert add_working_minutes(london, friday, 90) == _utc("2026-11-27T17:00:00")
    assert add_working_minutes(london, friday, 0) == friday


def test_end_of_my_tomorrow_skips_the_weekend() -> None:
    austin = default_hours("America/Chicago")
    assert end_of_working_day(austin, _utc("2026-11-25T18:00:00")) == _utc("2026-11-26T23:00:00")
    assert end_of_working_day(austin, _utc("2026-11-27T18:00:00")) == _utc("2026-11-30T23:00:00")
    assert end_of_working_day(austin, _utc("2026-11-27T18:00:00"), 0) == _utc("2026-11-27T23:00:00")
    assert end_of_working_day(austin, _utc("2026-11-27T23:00:00"), 0) == _utc("2026-11-30T23:00:00")


def test_nobody_who_never_works_gets_a_deadline() -> None:
    never = WorkingHours("UTC", {})
    now = _utc("2026-11-25T18:00:00")
    with pytest.raises(ValueError, match="no working hours in the year"):
        add_working_minutes(never, now, 1)
    with pytest.raises(ValueError, match="no working hours in the year"):
        next_start(never, now)
    with pytest.raises(ValueError, match="no working hours in the year"):
        end_of_working_day(never, now)
    assert working_minutes(never, now, now + timedelta(days=90)) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("22:00-06:00", "over midnight"),
        ("09:00-09:00", "empty"),
        ("09:00-24:01", "one day"),
        ("09:60-10:00", "00 to 59"),
        ("9-17", "Write hours as"),
        ("", "Write hours as"),
        (None, "Write hours as"),
        ("\u0669:00-17:00", "Write hours as"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused_in_a_sentence(text: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_span(text)


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "Mars/Olympus", "a\0b"])
def test_an_unknown_zone_is_refused_in_a_sentence(zone: object) -> None:
    with pytest.raises(ValueError, match="There is no time zone"):
        WorkingHours.from_json({"zone": zone, "days": {}})


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"zone": None, "days": {}},
        {"zone": "UTC", "days": []},
        {"zone": "UTC", "days": {"7": ["09:00-17:00"]}},
        {"zone": "UTC", "days": {"0": "09:00-17:00"}},
        {"zone": "UTC", "days": {"0": 5}},
        {"zone": "UTC", "days": {"0": [["09:00", "17:00"]]}},
        {"zone": "UTC", "days": {"0": ["09:00-12:00", "11:00-13:00"]}},
    ],
)
def test_broken_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        WorkingHours.from_json(value)


LONDON = default_hours("Europe/London")


def test_a_day_off_is_cut_out_whole_also_when_it_has_no_midnight() -> None:
    santiago = WorkingHours(
        "America/Santiago",
        dict.fromkeys(range(7), ((0, 1440),)),
        away=((date(2026, 9, 6), date(2026, 9, 6)),),
    )
    spans = working_spans(santiago, _utc("2026-09-05T12:00:00"), _utc("2026-09-07T12:00:00"))
    # That day has 23 hours, and all of them are gone.
    assert spans == [
        (_utc("2026-09-05T12:00:00"), _utc("2026-09-06T04:00:00")),
        (_utc("2026-09-07T03:00:00"), _utc("2026-09-07T12:00:00")),
    ]


def test_a_deadline_skips_holidays_and_days_away_and_counts_deep_work() -> None:
    busy = replace(
        LONDON,
        holidays="GB-ENG",
        away=((date(2026, 12, 29), date(2026, 12, 30)),),
        deep_work={3: ((13 * 60, 17 * 60),)},
    )
    eve = _utc("2026-12-24T15:00:00")
    # Christmas is a Friday; Boxing Day is kept on Monday the 28th.
    assert add_working_minutes(busy, eve, 240) == _utc("2026-12-31T11:00:00")
    assert end_of_working_day(busy, eve) == _utc("2026-12-31T17:00:00")
    assert add_working_minutes(busy.reachable, eve, 240) == _utc("2026-12-31T13:00:00")
    assert next_start(busy, _utc("2026-12-25T10:00:00")) == _utc("2026-12-31T09:00:00")


def test_a_leave_of_half_a_year_ends() -> None:
    leave = replace(LONDON, away=((date(2026, 12, 1), date(2027, 6, 1)),))
    assert next_start(leave, _utc("2026-12-05T10:00:00")) == _utc("2027-06-02T08:00:00")


def test_what_is_off_says_why() -> None:
    hours = replace(
        LONDON,
        holidays="GB-ENG",
        away=((date(2026, 8, 3), date(2026, 8, 5)), (date(2026, 8, 6), date(2026, 8, 9))),
    )
    assert hours.away_until(date(2026, 8, 4)) == date(2026, 8, 9)
    assert hours.away_until(date(2026, 8, 10)) is None
    assert hours.holiday_on(date(2026, 12, 25)) == "Christmas Day"
    assert [hours.is_off(date(2026, 8, day)) for day in (2, 3, 9, 10)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_reachable_is_what_deep_work_leaves() -> None:
    split = WorkingHours(
        "UTC",
        {0: ((540, 720), (780, 1020)), 1: ((540, 600),)},
        holidays="DE",
        deep_work={0: ((480, 600), (700, 800)), 1: ((0, 1440),), 4: ((600, 700),)},
    )
    assert dict(split.reachable.days) == {0: ((600, 700), (800, 1020))}
    assert split.reachable.holidays == "DE"
    assert split.reachable.reachable is split.reachable
    assert LONDON.reachable is LONDON


def test_time_off_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot come before the first"):
        replace(LONDON, away=((date(2026, 1, 2), date(2026, 1, 1)),))
    stated = LONDON.to_json()
    for off in ({"holidays": 3}, {"away": "x"}, {"away": [["2026-01-01"]]}, {"deep_work": []}):
        with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
            WorkingHours.from_json({**stated, **off})


def test_hours_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DEFAULT_HOURS.days[5] = ((0, 60),)  # type: ignore[index]


def test_naive_and_far_moments_are_refused() -> None:
    now = _utc("2026-11-25T18:00:00")
    for bad in (
        now.replace(tzinfo=None),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
    ):
        with pytest.raises(ValueError, match=r"time zone|year"):
            working_minutes(DEFAULT_HOURS, now, bad)
        with pytest.raises(ValueError, match=r"time zone|year"):
            is_inside(DEFAULT_HOURS, bad)
    for minutes in (-1, 10**12):
        with pytest.raises(ValueError, match="working time between"):
            add_working_minutes(DEFAULT_HOURS, now, minutes)


@pytest.mark.parametrize(
    "week", ["2026-W54", "2025-W53", "2026W48", "2026-W00", "9999-W01", "", "x" * 99]
)
def test_a_week_that_does_not_exist_is_refused(week: str) -> None:
    with pytest.raises(ValueError, match="There is no week"):
        week_start(week, "UTC")


def test_the_week_belongs_to_the_zone() -> None:
    sunday_night = _utc("2026-11-22T20:00:00")
    assert week_of(sunday_night, "Europe/London") == "2026-W47"
    assert week_of(sunday_night, "Asia/Singapore") == "2026-W48"
    assert week_start("2026-W48", "Asia/Singapore") == _utc("2026-11-22T16:00:00")
    assert monday_morning("2026-W48", "America/Chicago") == _utc("2026-11-23T13:00:00")
    assert week_of(_utc("2026-12-31T12:00:00"), "UTC") == "2026-W53"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "less than a minute"),
        (1, "1 minute"),
        (25, "25 minutes"),
        (60, "1 working hour"),
        (90, "1 working hour 30 minutes"),
        (180, "3 working hours"),
        (-180, "3 working hours"),
        (2410, "40 working hours"),
    ],
)
def test_durations_are_spoken(minutes: int, words: str) -> None:
    assert spoken_duration(minutes) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24T16:00:00", "today 16:00"),
        ("2026-11-25T09:30:00", "tomorrow 09:30"),
        ("2026-11-23T09:30:00", "yesterday 09:30"),
        ("2026-11-26T16:00:00", "Thu 26 Nov, 16:00"),
        ("2027-01-04T08:05:00", "Mon 4 Jan 2027, 08:05"),
    ],
)
def test_moments_are_spoken_on_the_readers_clock(moment: str, words: str) -> None:
    assert spoken_moment(_utc(moment), "Europe/London", _utc("2026-11-24T10:00:00")) == words


def test_today_is_the_readers_today() -> None:
    now = _utc("2026-11-24T23:00:00")
    assert spoken_moment(_utc("2026-11-25T01:00:00"), "Asia/Singapore", now) == "today 09:00"
    assert spoken_moment(_utc("2026-11-25T01:00:00"), "America/Chicago", now) == "today 19:00"
