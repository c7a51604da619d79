"""Public holidays: codes as people write them, names, and what is next."""

from __future__ import annotations

from datetime import date

import pytest

from critique.plumbing.public_holidays import (
    code_named,
    countries,
    holiday_on,
    holidays_in,
    next_holidays,
    parts_of,
    place_named,
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", ""),
        (" de ", "DE"),
        ("DE-be", "DE-BE"),
        ("gb-ENG", "GB-ENG"),
        ("be-flemish", "BE-Flemish"),
    ],
)
def test_a_code_is_read_however_it_is_written(typed: str, code: str) -> None:
    assert code_named(typed) == code


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("QQ", "No holidays are known for 'QQ'"),
        ("Germany", "No holidays are known for 'GERMANY'"),
        ("-BE", "No holidays are known for ''"),
        ("DE-QQ", "Germany has no part 'QQ' with holidays: leave it out or choose"),
        ("SG-1", "Singapore has no part '1' with holidays: leave it out."),
        ("DE_BE", "No holidays are known"),
        ("HolidayBase", "No holidays are known"),
    ],
)
def test_what_is_unknown_is_refused_in_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"(No|has no) .*\.$") as refused:
        code_named(typed)
    assert sentence in str(refused.value)


def test_a_part_has_its_own_days_besides_those_of_all() -> None:
    assert holiday_on("DE-BE", date(2026, 3, 8)) == "Women's Day"
    assert holiday_on("DE", date(2026, 3, 8)) is None
    assert holiday_on("DE-BE", date(2026, 12, 25)) == "Christmas Day"
    assert holiday_on("", date(2026, 12, 25)) is None


def test_a_stored_code_that_nobody_knows_any_more_has_no_holidays() -> None:
    assert holidays_in("QQ", 2026) == {}
    assert holidays_in("DE-QQ", 2026) == {}
    assert place_named("QQ-1") == "QQ, 1"


def test_next_holidays_come_in_order_and_end() -> None:
    found = next_holidays("GB-ENG", date(2026, 12, 20), 3)
    assert [str(day) for day, _ in found] == ["2026-12-25", "2026-12-26", "2026-12-28"]
    assert next_holidays("", date(2026, 12, 20), 3) == []
    assert next_holidays("QQ", date(2026, 12, 20), 3) == []
    days = [day for day, _ in next_holidays("SG", date(2026, 12, 20), 99)]
    assert days == sorted(days)
    assert days[-1] <= date(2028, 12, 20)


def test_places_are_named() -> None:
    assert countries()["GB"] == "United Kingdom"
    assert countries()["BA"] == "Bosnia and Herzegovina"
    assert list(countries().values()) == sorted(countries().values())
    assert parts_of("GB")["SCT"] == "Scotland"
    assert parts_of("SG") == {}
    assert parts_of("nowhere") == {}
    assert place_named("DE-BE") == "Germany, Berlin"
    assert place_named("") == ""
