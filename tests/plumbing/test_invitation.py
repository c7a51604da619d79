"""Invitations: what mail clients need is there, and no name can say more than a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from critique.plumbing.invitation import invitation

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
START = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)

HOSTILE = (
    "Ana\r\nATTENDEE:mailto:evil@example.org",
    "Ana\nBEGIN:VEVENT",
    "Ana\rX-EVIL:1",
    "Ana\x00\x0b\x0c\x1b\x7f\x85\u2028\u2029Lee",
    'Ana "the" Lee',
    "Lee, Ana; PARTSTAT=ACCEPTED: no",
    "Ana\\nLee\\",
    "Ana^nLee^'",
    "\ud800Ana",
    "名" * 300,
    "x" * 300,
    "",
    "   ",
)


def _written(**changes: Any) -> bytes:
    settled: dict[str, Any] = {
        "uid": "coffee-17@critique.example.org",
        "sequence": 2,
        "summary": "Coffee: Ana and Ben",
        "description": "First time together.\nSkip this week on the page.",
        "start": START,
        "end": START + timedelta(minutes=20),
        "organizer": ("Critique", "coffee@critique.example.org"),
        "attendees": [("Ana", "ana@example.org"), ("Ben", "ben@example.org")],
        "url": "https://critique.example.org/coffee",
        "now": NOW,
    }
    return invitation(**{**settled, **changes})


def _event(written: bytes) -> Event:
    calendar = Calendar.from_ical(written)
    assert isinstance(calendar, Calendar)
    assert [part.name for part in calendar.subcomponents] == ["VEVENT"]
    event = calendar.events[0]
    assert not event.errors
    return event


def _unfolded(written: bytes) -> list[str]:
    assert written.endswith(b"\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert b"\r" not in written.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    return written.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def test_a_request_asks_each_guest() -> None:
    written = _written()
    lines = _unfolded(written)
    assert "METHOD:REQUEST" in lines
    assert "STATUS:CONFIRMED" in lines
    assert "DTSTART:20261126T160000Z" in lines
    assert "DTEND:20261126T162000Z" in lines
    assert "DTSTAMP:20261123T130000Z" in lines
    assert "UID:coffee-17@critique.example.org" in lines
    assert "SEQUENCE:2" in lines
    assert "ORGANIZER;CN=Critique:mailto:coffee@critique.example.org" in lines
    assert "URL:https://critique.example.org/coffee" in lines
    assert not any("TZID" in line or "VTIMEZONE" in line for line in lines)
    guests = _event(written).attendees
    assert [str(guest) for guest in guests] == ["mailto:ana@example.org", "mailto:ben@example.org"]
    for guest in guests:
        assert guest.params["ROLE"] == "REQ-PARTICIPANT"
        assert guest.params["PARTSTAT"] == "NEEDS-ACTION"
        assert guest.params["RSVP"] == "TRUE"
        assert guest.params["CUTYPE"] == "INDIVIDUAL"


def test_words_come_back_as_they_were() -> None:
    event = _event(_written(summary="Tea; cake, \\ and more: now", description="a\r\nb, c; d\n\ne"))
    assert event["summary"] == "Tea; cake, \\ and more: now"
    assert event["description"] == "a\nb, c; d\n\ne"


def test_cancelling_says_so_with_the_same_uid() -> None:
    lines = _unfolded(_written(method="CANCEL", sequence=3))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", "TRANSP:TRANSPARENT"} <= set(lines)
    assert "UID:coffee-17@critique.example.org" in lines
    assert sum(line.startswith("ATTENDEE") for line in lines) == 2
    assert not any("RSVP=TRUE" in line for line in lines)


def test_other_zones_are_written_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert "DTSTART:20261126T160000Z" in _unfolded(_written(start=START.astimezone(tokyo)))


def _names_only(written: bytes) -> list[str]:
    return sorted(line.partition(":")[0].partition(";")[0] for line in _unfolded(written))


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["summary", "description", "organizer", "attendees"])
def test_hostile_words_stay_in_their_property(hostile: str, place: str) -> None:
    _assert_contained(hostile, place)


@settings(deadline=None)
@given(st.text(), st.sampled_from(["summary", "description", "organizer", "attendees"]))
def test_any_words_stay_in_their_property(words: str, place: str) -> None:
    _assert_contained(words, place)


def _assert_contained(words: str, place: str) -> None:
    value: object = words
    if place == "organizer":
        value = (words, "coffee@critique.example.org")
    elif place == "attendees":
        value = [(words, "ana@example.org"), ("Ben", "ben@example.org")]
    written = _written(**{place: value})
    assert _names_only(written) == _names_only(_written())
    assert not any(
        character in written.decode() for character in "\x00\x0b\x0c\x7f\x85\u2028\u2029"
    )
    event = _event(written)
    assert event["uid"] == "coffee-17@critique.example.org"
    assert [str(guest) for guest in event.attendees] == [
        "mailto:ana@example.org",
        "mailto:ben@example.org",
    ]
    assert {guest.params["PARTSTAT"] for guest in event.attendees} == {"NEEDS-ACTION"}
    assert str(event["organizer"]) == "mailto:coffee@critique.example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example.org\r\nX:1",
        "a na@example.org",
        "Ana <ana@example.org>",
        "ana@example.org,eve@example.org",
        "ana@example.org\x00",
        "ana\u2028@example.org",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not a mail address"):
        _written(attendees=[("Ana", address)])
    with pytest.raises(ValueError, match="is not a mail address"):
        _written(organizer=("Critique", address))


def test_odd_but_valid_addresses_survive() -> None:
    (guest,) = _event(_written(attendees=[("Ana", "ana+tea_o'neil?%@example.org")])).attendees
    assert str(guest) == "mailto:ana+tea_o'neil%3F%25@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"start": START.replace(tzinfo=None)},
        {"now": NOW.replace(tzinfo=None)},
        {"end": START},
        {"end": START - timedelta(minutes=1)},
        {"sequence": -1},
        {"attendees": []},
        {"uid": " "},
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org/\r\nX:1"},
        {"url": ""},
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        _written(**changes)
