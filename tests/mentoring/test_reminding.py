"""Reminders by properties: two at most, never at night, and a lead once it is too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from critique.mentoring.clock import can_be_reached, working_minutes
from critique.mentoring.reminding import Ask, lead_due, reminder_due
from critique.plumbing.hours import default_hours

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONDON = default_hours("Europe/London")
zones = st.sampled_from(
    ("Europe/London", "America/Chicago", "Asia/Singapore", "Australia/Lord_Howe")
)
offsets = st.integers(0, 7 * 24 * 4).map(lambda n: timedelta(minutes=15 * n))


@given(zones, offsets, offsets)
def test_walking_through_an_ask_reminds_twice_at_most_and_only_in_their_hours(zone, start, length):
    hours, since = default_hours(zone), MONDAY + start
    due = since + length
    given_: list[str] = []
    at = since
    while at <= due + timedelta(hours=3):
        kind = reminder_due(Ask(since, due, frozenset(given_)), hours, at)
        if kind is not None:
            assert can_be_reached(hours, at)
            assert since <= at < due
            assert kind not in given_
            assert 2 * working_minutes(hours, at, due) <= working_minutes(hours, since, due)
            given_.append(kind)
        at += timedelta(minutes=15)
    assert given_ in ([], ["half"], ["near"], ["half", "near"])


def test_at_half_and_again_two_hours_before():
    ask = Ask(MONDAY, MONDAY + timedelta(hours=8))
    at = {hour: reminder_due(ask, LONDON, MONDAY + timedelta(hours=hour)) for hour in range(8)}
    assert at == {0: None, 1: None, 2: None, 3: None, 4: "half", 5: "half", 6: "near", 7: "near"}
    told = Ask(MONDAY, MONDAY + timedelta(hours=8), frozenset({"half", "near"}))
    assert reminder_due(told, LONDON, MONDAY + timedelta(hours=7)) is None


def test_a_quarter_counts_where_it_is_less_than_two_hours():
    ask = Ask(MONDAY, MONDAY + timedelta(hours=4), frozenset({"half"}))
    assert reminder_due(ask, LONDON, MONDAY + timedelta(hours=2, minutes=59)) is None
    assert reminder_due(ask, LONDON, MONDAY + timedelta(hours=3)) == "near"


@given(zones, offsets)
def test_a_lead_is_told_in_their_own_hours_once_it_is_too_late(zone, later):
    lead, due = default_hours(zone), MONDAY
    ask = Ask(MONDAY - timedelta(hours=8), due)
    now = due + later
    assert lead_due(ask, lead, now) == can_be_reached(lead, now)
    assert not lead_due(Ask(ask.since, due, frozenset({"lead"})), lead, now)
    assert not lead_due(ask, lead, due - timedelta(minutes=1))
    assert not lead_due(Ask(due, due), lead, now)
