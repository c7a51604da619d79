"""Time zones to choose from, by part of the world."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@lru_cache(maxsize=1)
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (zone, how people say it): places by name, and UTC."""
    groups: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(available_timezones()):
        area, _, place = name.partition("/")
        if place and area in groups:
            groups[area].append((name, place.replace("_", " ").replace("/", " – ")))
    return [("Everywhere", [("UTC", "UTC")]), *groups.items()]
