"""Public holidays by country, or by a part of one, as the library `holidays` knows them.

A code is "DE" for a country or "DE-BE" for a part of it (ISO 3166), "" for none. Names are in
English where the library has them. Only whole public holidays count, with the day they are observed
on instead; half days and those of one faith or trade do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays
from holidays.registry import COUNTRIES

LANGUAGE = "en_US"
LOOK_AHEAD_YEARS = 2

_SMALL_WORDS = frozenset({"and", "of", "the"})


@lru_cache(maxsize=4096)
def holidays_in(code: str, year: int) -> Mapping[date, str]:
    """The holidays of a year by day, with their names.

    A code that the library does not know (any more) has none: what was stored once must stay
    readable after an update.
    """
    country, _, part = code.partition("-")
    try:
        found = holidays.country_holidays(
            country, subdiv=part or None, years=year, expand=False, language=LANGUAGE
        )
    except NotImplementedError:
        return MappingProxyType({})
    return MappingProxyType(dict(found))


def holiday_on(code: str, day: date) -> str | None:
    """The name of the holiday on that day, None on other days and without a code."""
    return holidays_in(code, day.year).get(day) if code else None


def next_holidays(code: str, after: date, most: int) -> list[tuple[date, str]]:
    """The next holidays from that day on, in order, at most so many and within two years."""
    found: list[tuple[date, str]] = []
    for year in range(after.year, after.year + LOOK_AHEAD_YEARS + 1):
        if code and len(found) < most:
            found += sorted(row for row in holidays_in(code, year).items() if row[0] >= after)
    last = after + timedelta(days=365 * LOOK_AHEAD_YEARS)
    return [row for row in found if row[0] <= last][:most]


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """Codes and names of the countries, by name."""
    named = {classes[1]: _spelled(module) for module, classes in COUNTRIES.items()}
    return MappingProxyType(dict(sorted(named.items(), key=lambda row: row[1])))


@lru_cache(maxsize=256)
def parts_of(country: str) -> Mapping[str, str]:
    """Codes and names of the parts of a country that have holidays of their own, by name."""
    if country not in countries():
        return MappingProxyType({})
    known = getattr(holidays, country)
    # Several spellings may mean one part; the first is the usual one.
    spelled = {code: name for name, code in reversed(_aliases(known))}
    named = {code: spelled.get(code, code) for code in known.subdivisions}
    return MappingProxyType(dict(sorted(named.items(), key=lambda row: row[1])))


def _aliases(known: object) -> list[tuple[str, str]]:
    return list(getattr(known, "subdivisions_aliases", {}).items())


def code_named(text: str) -> str:
    """Read "DE", "de-be" or "" as a code. Raises ValueError with a sentence for what is unknown."""
    country, _, part = text.strip().partition("-")
    country = country.upper()
    if not country and not part:
        return ""
    if country not in countries():
        raise ValueError(
            f"No holidays are known for {country[:20]!r}: write a country such as DE, or a part "
            "of it such as DE-BE."
        )
    if not part:
        return country
    known = {code.casefold(): code for code in parts_of(country)}
    if part.casefold() not in known:
        shown = ", ".join(sorted(known.values())[:20])
        choose = f"leave it out or choose one of: {shown}." if shown else "leave it out."
        raise ValueError(
            f"{countries()[country]} has no part {part[:20]!r} with holidays: {choose}"
        )
    return f"{country}-{known[part.casefold()]}"


def place_named(code: str) -> str:
    """Say a code as a place: "Germany, Berlin"; "" for none."""
    country, _, part = code.partition("-")
    name = countries().get(country, country)
    return f"{name}, {parts_of(country).get(part, part)}" if part else name


def _spelled(module: str) -> str:
    return " ".join(_words(module))


def _words(module: str) -> Iterator[str]:
    for place, word in enumerate(module.split("_")):
        yield word if place and word in _SMALL_WORDS else word.capitalize()
