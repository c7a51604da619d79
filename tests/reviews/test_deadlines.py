"""Deadlines as people put them, on every clock."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from critique.plumbing.calendar import default_hours, working_minutes
from critique.reviews.deadlines import outside_hours, parse_deadline, place_of, time_left

AUSTIN = default_hours("America/Chicago")
LONDON = default_hours("Europe/London")
SINGAPORE = default_hours("Asia/Singapore")
# Monday, 10:00 in Austin, 16:00 in London
MONDAY = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)

hours = st.sampled_from([AUSTIN, LONDON, SINGAPORE, default_hours("Asia/Kathmandu")])
moments = st.integers(0, 5 * 365 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "at", "rule"),
    [
        ("in 4 working hours", "2026-11-23T14:00", "in 4 working hours"),
        ("In  4 Working HOURS", "2026-11-23T14:00", "in 4 working hours"),
        ("1 working hour", "2026-11-23T11:00", "1 working hour"),
        ("in 8 working hours", "2026-11-24T10:00", "in 8 working hours"),
        ("in 90 working minutes", "2026-11-23T11:30", "in 90 working minutes"),
        ("in 2 working days", "2026-11-25T17:00", "in 2 working days"),
        ("in 5 working days", "2026-11-30T17:00", "in 5 working days"),
        ("end of my tomorrow", "2026-11-24T17:00", "end of my tomorrow"),
        ("end of my day", "2026-11-23T17:00", "end of my day"),
        ("2026-11-26T16:00", "2026-11-26T16:00", "moment"),
        ("2026-11-26 16:00", "2026-11-26T16:00", "moment"),
        ("2026-11-26T22:00:00Z", "2026-11-26T16:00", "moment"),
        ("2026-11-26t22:00:00z", "2026-11-26T16:00", "moment"),
        ("2026-11-26T22:00:00.750+00:00", "2026-11-26T16:00", "moment"),
    ],
)
def test_what_people_write(text, at, rule):
    deadline = parse_deadline(text, AUSTIN, MONDAY)
    assert deadline.at == local(at, "America/Chicago")
    assert (deadline.zone, deadline.rule) == ("America/Chicago", rule)
    assert deadline.at.tzinfo is UTC


def test_what_is_promised_in_working_hours_is_left_in_full():
    now = MONDAY + timedelta(seconds=3, milliseconds=412)
    deadline = parse_deadline("in 4 working hours", AUSTIN, now)
    assert deadline.at == local("2026-11-23T14:01", "America/Chicago")
    assert time_left(deadline.at, AUSTIN, now).left == "4 working hours left"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "in 4 working hours"),
        ("soon", "in 4 working hours"),
        ("2026-11-26", "in 4 working hours"),
        ("2026-13-45T10:00", "in 4 working hours"),
        ("2026-W48-1T10:00xx", "in 4 working hours"),
        ("in ٤ working hours", "in 4 working hours"),
        ("in -4 working hours", "in 4 working hours"),
        ("in 0 working hours", "passed"),
        ("in 0 working days", "between 1 and 260"),
        ("in 9999 working hours", "year"),
        ("2026-11-23T09:59", "passed"),
        ("2020-01-01T00:00:00Z", "passed"),
        ("2028-01-01T00:00:00Z", "within a year"),
        ("0001-01-01T00:00:00+14:00", "year"),
        ("9999-12-31T23:59:59Z", "year"),
        ("2027-03-14T02:30", "jump over 02:30"),
    ],
)
def test_what_cannot_be_a_deadline_is_said_in_words(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_deadline(text, AUSTIN, MONDAY)


@given(st.text(max_size=60), hours, moments)
def test_any_text_is_a_future_moment_or_refused(text, mine, now):
    with suppress(ValueError):
        deadline = parse_deadline(text, mine, now)
        assert now < deadline.at <= now + timedelta(days=366)


@given(st.integers(1, 60), hours, moments)
def test_working_hours_are_really_worked(number, mine, now):
    deadline = parse_deadline(f"in {number} working hours", mine, now)
    assert working_minutes(mine, now, deadline.at) in (number * 60, number * 60 - 1)
    left = time_left(deadline.at, mine, now)
    assert left.minutes >= number * 60 - 1
    assert left.until.startswith("until ")


@given(st.integers(1, 30), hours, moments)
def test_working_days_end_when_work_ends(number, mine, now):
    at = parse_deadline(f"in {number} working days", mine, now).at
    wall = at.astimezone(ZoneInfo(mine.zone))
    assert (wall.hour, wall.minute) == (17, 0)
    assert wall.weekday() < 5


@given(hours, moments, st.timedeltas(timedelta(days=-30), timedelta(days=30)))
def test_what_is_left_never_contradicts_the_clock(mine, now, ahead):
    left = time_left(now + ahead, mine, now)
    assert (left.state == "late") == (ahead <= timedelta(0))
    assert left.words.strip()


def test_what_is_left_in_words():
    at = local("2026-11-23T14:00", "America/Chicago")
    assert time_left(at, AUSTIN, MONDAY).words == "until 14:00 – 4 working hours left"
    assert time_left(at, AUSTIN, at - timedelta(minutes=30)).state == "soon"
    # 20:00 in London, four in the morning in Singapore
    assert time_left(at, LONDON, MONDAY).words == "until 20:00 – 1 working hour left"
    assert time_left(at, SINGAPORE, MONDAY).words == "until 04:00 – outside your working hours"
    late = time_left(MONDAY, AUSTIN, MONDAY + timedelta(hours=2))
    assert late.words == "overdue by 2 working hours"
    at_night = MONDAY + timedelta(hours=10)
    assert time_left(at_night, AUSTIN, at_night + timedelta(hours=1)).words == "overdue since 20:00"


def test_outside_somebodys_hours():
    at = local("2026-11-24T19:00", "Asia/Singapore")
    said = outside_hours("Wei", SINGAPORE, at)
    assert said == (
        "19:00 on Tue for Wei in Singapore, outside their working hours; their day ends at 17:00"
    )
    assert outside_hours("Wei", SINGAPORE, local("2026-11-24T17:00", "Asia/Singapore")) is None
    assert outside_hours("Wei", SINGAPORE, local("2026-11-24T09:00", "Asia/Singapore")) is None
    early = outside_hours("Wei", SINGAPORE, local("2026-11-24T05:00", "Asia/Singapore"))
    assert early.endswith("outside their working hours")
    sunday = outside_hours("Wei", SINGAPORE, local("2026-11-29T12:00", "Asia/Singapore"))
    assert sunday.endswith("a day they do not work")


def test_time_off_is_outside_ones_hours_and_says_why():
    oliver = replace(LONDON, holidays="GB-ENG", away=((date(2026, 12, 29), date(2027, 1, 3)),))
    at = local("2026-12-25T12:00", "Europe/London")
    assert outside_hours("Oliver", oliver, at) == (
        "12:00 on Fri for Oliver in London, a public holiday there (Christmas Day)"
    )
    assert outside_hours("Oliver", oliver, at + timedelta(days=5)) == (
        "12:00 on Wed for Oliver in London, away until Sun 3 Jan 2027"
    )
    assert outside_hours("Oliver", oliver, at + timedelta(days=2)) == (
        "12:00 on Sun for Oliver in London, a day they do not work"
    )
    assert outside_hours("Oliver", oliver, at - timedelta(days=1)) is None


def test_deep_work_postpones_no_deadline_of_ones_own_and_is_no_time_for_others():
    busy = replace(AUSTIN, deep_work={0: ((10 * 60, 12 * 60),)})
    asked = parse_deadline("in 4 working hours", busy, MONDAY)
    assert asked.at == local("2026-11-23T14:00", "America/Chicago")
    assert outside_hours("Maya", busy, local("2026-11-23T11:00", "America/Chicago")) is None
    assert time_left(asked.at, busy, MONDAY).left == "4 working hours left"
    assert time_left(asked.at, busy.reachable, MONDAY).left == "2 working hours left"


def test_places_are_cities():
    assert [place_of(z) for z in ("America/New_York", "UTC")] == ["New York", "UTC"]
