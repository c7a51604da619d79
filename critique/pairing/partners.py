"""Whom one meets, as a letter says it in a line: level, skills, and what their clock shows then."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from critique.pairing.daylight import place
from critique.pairing.plan import Guest
from critique.plumbing.wording import listed, named

# More of them would bury the one thing that the letter is about.
SKILLS_NAMED = 4
LEVEL_WORDS = {"junior": "a junior", "mid": "mid-level", "senior": "a senior"}


def about(partner: Guest, starts_at: datetime, zone: str) -> dict[str, str]:
    """Who a partner is, and what their clock shows at that moment (UTC) for somebody in `zone`."""
    skills = [named(skill) for skill in partner.skills[:SKILLS_NAMED]]
    local = starts_at.astimezone(ZoneInfo(partner.zone))
    same_day = local.date() == starts_at.astimezone(ZoneInfo(zone)).date()
    return {
        "name": named(partner.name),
        "level": LEVEL_WORDS.get(partner.level, partner.level),
        "skills": listed(skills),
        "place": place(partner.zone),
        "clock": f"{local:%H:%M}" if same_day else f"{local:%A, %H:%M}",
        "near": "yes" if partner.zone == zone else "",
    }
