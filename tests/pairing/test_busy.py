"""Somebody's own calendar: what counts as busy, and what a hostile feed cannot do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from critique.pairing.sessions.busy import UnreadableCalendar, busy_times

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def feed(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@t", "DTSTAMP:20261101T000000Z"]
        lines += [*event.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def hours(found):
    return [(start.day, start.hour, end.hour) for start, end in found]


def test_single_and_repeating_events_are_busy_and_overlaps_are_one():
    body = feed(
        "DTSTART:20261124T100000Z|DTEND:20261124T110000Z",
        "DTSTART:20261124T103000Z|DTEND:20261124T120000Z",
        "DTSTART:20261101T090000Z|DTEND:20261101T093000Z|RRULE:FREQ=WEEKLY;BYDAY=WE",
    )
    assert hours(busy_times(body, "UTC", NOW))[:2] == [(24, 10, 12), (25, 9, 9)]


def test_free_and_cancelled_ones_are_not():
    body = feed(
        "DTSTART:20261124T100000Z|DTEND:20261124T110000Z|TRANSP:TRANSPARENT",
        "DTSTART:20261125T100000Z|DTEND:20261125T110000Z|STATUS:CANCELLED",
    )
    assert busy_times(body, "UTC", NOW) == []


def test_whole_days_and_times_without_a_zone_are_on_the_persons_clock():
    body = feed("DTSTART;VALUE=DATE:20261126|DTEND;VALUE=DATE:20261127",
                "DTSTART:20261127T090000|DTEND:20261127T100000")  # fmt: skip
    found = busy_times(body, "America/New_York", NOW)
    assert found[0] == (
        datetime(2026, 11, 26, 5, tzinfo=UTC), datetime(2026, 11, 27, 5, tzinfo=UTC),
    )  # fmt: skip
    assert found[1][0].hour == 14


def test_the_words_of_the_calendar_are_not_needed_nor_believed():
    body = feed("DTSTART:20261124T100000Z|DTEND:20261124T110000Z|SUMMARY:<script>|LOCATION:x")
    assert len(busy_times(body, "UTC", NOW)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe\x00", b"<html>sign in</html>", b"BEGIN:VCALENDAR\r\n" * 3000,
        feed("DTSTART:20261101T000000Z|DTEND:20261101T000001Z|RRULE:FREQ=SECONDLY"),
        feed("DTSTART:20261101T000000Z|DTEND:20261101T000001Z|RRULE:FREQ=DAILY;BYMINUTE=1,2,3"),
        feed(*["DTSTART:20261124T100000Z|DTEND:20261124T110000Z"] * 5001),
        feed("DTSTART:20261101T000000Z|DTEND:20261101T010000Z|RRULE:FREQ=NEVER"),
    ],
    ids=["empty", "bytes", "a page", "nested", "each second", "minutes", "too many", "no rule"],
)  # fmt: skip
def test_what_is_no_calendar_of_a_person_is_said_in_a_sentence(body):
    with pytest.raises(UnreadableCalendar, match=r"calendar"):
        busy_times(body, "UTC", NOW)


def test_a_rule_from_the_distant_past_ends_quickly():
    body = feed("DTSTART:19700101T090000Z|DTEND:19700101T100000Z|RRULE:FREQ=DAILY")
    found = busy_times(body, "UTC", NOW)
    assert len(found) == 28
    assert all(end - start == timedelta(hours=1) for start, end in found)
