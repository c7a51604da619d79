"""What a team can do in a week, and how long its working day is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from critique.mentoring.pace import Pace, pace_of
from critique.plumbing.hours import WorkingHours

WEEK = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
ACCRA = WorkingHours("Africa/Accra", WEEK)
SINGAPORE = WorkingHours("Asia/Singapore", WEEK)
AWAY = WorkingHours("UTC", WEEK, away=((date(2026, 12, 1), date(2026, 12, 31)),))
NOW = datetime(2026, 12, 7, tzinfo=UTC)


def test_one_person_gives_a_quarter_of_their_day():
    # 120 minutes a day for reviews of 30: four answers in 480 staffed minutes.
    assert pace_of([ACCRA], NOW, 30) == Pace(480, per_answer=120.0)


def test_two_at_once_are_twice_as_fast_and_two_after_another_make_a_longer_day():
    assert pace_of([ACCRA, WorkingHours("UTC", WEEK)], NOW, 30) == Pace(480, per_answer=60.0)
    # Singapore ends when Accra begins.
    assert pace_of([ACCRA, SINGAPORE], NOW, 30) == Pace(960, per_answer=120.0)


def test_days_away_make_a_team_slower_and_its_day_no_shorter():
    assert pace_of([ACCRA, AWAY], NOW, 30) == Pace(480, per_answer=120.0)


@pytest.mark.parametrize("calendars", [[], [AWAY], [WorkingHours("UTC", {})]])
def test_with_nobody_there_the_pace_is_unknown(calendars):
    found = pace_of(calendars, NOW, 30)
    assert found.per_answer == 0.0
    assert found.patience == 3 * found.day
