"""The fixed cast: each with a name and always the same role.

Maya posts, Oliver mentors, Wei leads, Ada administers, all in the team Juniper. Rival belongs to
another team, Nia to none. A guest is nobody signed in.
"""

from __future__ import annotations

from dataclasses import dataclass

from critique.accounts.models import Membership, Person, PersonSkill, Team
from critique.pairing.groups.models import CoffeeGroup
from critique.plumbing import clock
from critique.plumbing.db import db


@dataclass(frozen=True)
class Cast:
    """Ids of the cast, so that tests may load them in any session."""

    team: int
    other_team: int
    maya: int
    oliver: int
    wei: int
    ada: int
    rival: int
    nia: int


def seat_cast() -> Cast:
    """Create the teams and their people in the current transaction."""
    juniper = team("Juniper", "Europe/London")
    other = team("Rivals", "UTC")
    maya = person("Maya", juniper, "author", zone="America/Chicago", level="junior")
    oliver = person(
        "Oliver", juniper, "mentor", zone="Europe/London", level="senior",
        skills=["typography", "checkout"],
    )  # fmt: skip
    wei = person("Wei", juniper, "lead", zone="Asia/Singapore", level="senior")
    ada = person("Ada", juniper, "admin", zone="Europe/London")
    rival = person("Rival", other, "admin")
    nia = person("Nia", None, None)
    db.session.flush()
    return Cast(juniper.id, other.id, maya.id, oliver.id, wei.id, ada.id, rival.id, nia.id)


def team(name: str, zone: str = "UTC") -> Team:
    """One team."""
    made = Team(name=name, zone=zone, created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    db.session.add(
        CoffeeGroup(
            team_id=made.id,
            kind="everyone",
            name="Everyone",
            from_week="2026-W01",
            made_at=made.created_at,
        )
    )
    db.session.flush()
    return made


def person(
    name: str,
    team: Team | None,
    role: str | None,
    *,
    zone: str = "UTC",
    level: str = "mid",
    skills: list[str] | None = None,
) -> Person:
    """One person, perhaps in a team; the address is `name@example.com`."""
    made = Person(
        name=name,
        email=f"{name.lower().replace(' ', '.')}@example.com",
        zone=zone,
        level=level,
        created_at=clock.now(),
        skills=[PersonSkill(skill=skill) for skill in skills or []],
    )
    db.session.add(made)
    db.session.flush()
    if team is not None and role is not None:
        db.session.add(
            Membership(team_id=team.id, person_id=made.id, role=role, joined_at=clock.now())
        )
        db.session.flush()
    return made
