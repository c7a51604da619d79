"""People, their teams, their profile and their tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from critique.accounts.models import LEVELS, ApiToken, Person, PersonSkill, Team
from critique.accounts.operations.memberships import start_membership
from critique.accounts.queries import person_by_email, team_by_name
from critique.accounts.secret import digest, fresh_secret
from critique.accounts.spelling import address, line, skill_words
from critique.events.record import record_event
from critique.plumbing import clock
from critique.plumbing.calendar import week_start
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.plumbing.hours import WorkingHours, default_hours, zone_named
from critique.plumbing.public_holidays import code_named


def add_team(*, by: Person | None, name: str, zone: str) -> Team:
    """The team of this name; made, with this zone, when there is none yet."""
    name = spelled("team", name, line)
    team = team_by_name(name)
    if team is not None:
        return team
    team = Team(name=name, zone=spelled("zone", zone, zone_key), created_at=clock.now())
    db.session.add(team)
    db.session.flush()
    record_event(
        "team.created",
        by_id=by.id if by else None,
        subject="team",
        subject_id=team.id,
        team_id=team.id,
        after={"name": name, "zone": zone},
    )
    return team


def add_person(
    *,
    by: Person | None,
    email: str,
    name: str,
    team: str,
    role: str,
    zone: str = "UTC",
    level: str = "mid",
    skills: Iterable[str] | None = None,
    password_hash: str | None = None,
    holidays: str | None = None,
) -> Person:
    """Add somebody to a team, making person and team where missing; safe to repeat.

    A repeat changes what differs; `skills`, `password_hash` and `holidays` ("DE-BE", "" for none)
    stay as they are when None. A team made here takes the zone of this person. Raises Invalid.
    """
    email, name = spelled("email", email, address), spelled("name", name, line)
    zone = spelled("zone", zone, zone_key)
    code = spelled("holidays", holidays, code_named) if holidays is not None else None
    if level not in LEVELS:
        raise Invalid("Choose a level.", fields={"level": f"Choose one of: {', '.join(LEVELS)}."})
    person = person_by_email(email)
    before = person_state(person) if person else None
    person = person or _new_person(email, name, zone)
    person.name, person.zone, person.level = name, zone, level
    if skills is not None:
        _set_skills(person, skills)
    if password_hash is not None:
        person.password_hash = password_hash
    if code is not None:
        put_calendar(person, replace(person.working_hours, holidays=code))
    record_person("person.added" if before is None else "person.changed", by, person, before)
    start_membership(by=by, person=person, team=add_team(by=by, name=team, zone=zone), role=role)
    return person


def change_profile(
    *,
    by: Person,
    name: str,
    zone: str,
    level: str,
    hours: WorkingHours,
    skills: Iterable[str],
) -> Person:
    """Change one's own profile; `hours` are the week, in the person's own zone. Raises Invalid.

    Time off stays as it is.
    """
    # Whoever adds an absence at the same time writes the same calendar.
    db.session.refresh(by, with_for_update=True)
    before = person_state(by)
    by.name = spelled("name", name, line)
    by.zone = spelled("zone", zone, zone_key)
    by.level = level
    put_calendar(by, replace(by.working_hours, zone=by.zone, days=hours.days))
    _set_skills(by, skills)
    record_person("person.changed", by, by, before)
    return by


def set_coffee(*, by: Person, coffee_in: bool, snoozed_until: date | None) -> Person:
    """Say whether the weekly coffee draw includes one, and from which local day on again."""
    before = _coffee(by)
    by.coffee_in = coffee_in
    by.coffee_snoozed_until = snoozed_until
    return _record_coffee("coffee.changed", by, before)


def skip_week(*, by: Person, week: str | None) -> Person:
    """Sit out the coffee of one ISO week ("2026-W48"); None takes it back. Raises Invalid."""
    before = _coffee(by)
    if week is not None:
        spelled("week", week, lambda text: week_start(text, by.zone))
    by.coffee_skipped_week = week
    return _record_coffee("coffee.week_skipped" if week else "coffee.week_kept", by, before)


def issue_token(*, by: Person | None, person: Person) -> str:
    """A new bearer token for programs of this person; shown once, only its digest is kept."""
    secret = fresh_secret()
    token = ApiToken(person_id=person.id, digest=digest(secret), issued_at=clock.now())
    db.session.add(token)
    db.session.flush()
    record_event(
        "token.issued",
        by_id=by.id if by else None,
        subject="token",
        subject_id=token.id,
        details={"person": person.id},
    )
    return secret


def _new_person(email: str, name: str, zone: str) -> Person:
    person = Person(
        email=email,
        name=name,
        zone=zone,
        hours=default_hours(zone).to_json(),
        created_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    return person


def zone_key(name: str) -> str:
    """The name of an IANA zone. Raises ValueError with a sentence when there is none."""
    return zone_named(name.strip()).key


def spelled(field: str, text: str, read: Any) -> Any:
    """What `read` makes of `text`; its ValueError becomes Invalid about `field`."""
    try:
        return read(text)
    except ValueError as error:
        raise Invalid(str(error), fields={field: str(error)}) from None


def _set_skills(person: Person, skills: Iterable[str]) -> None:
    wanted = spelled("skills", ",".join(skills), skill_words)
    kept = {row.skill: row for row in person.skills}
    person.skills = [kept.get(skill) or PersonSkill(skill=skill) for skill in wanted]


def put_calendar(person: Person, calendar: WorkingHours) -> None:
    """Store a calendar as the person's own."""
    person.hours = calendar.to_json()


def person_state(person: Person) -> dict[str, Any]:
    """What of a person enters the log, as digests."""
    calendar = person.working_hours.to_json()
    return {
        "name": person.name,
        "zone": person.zone,
        "level": person.level,
        "hours": [calendar["zone"], calendar["days"]],
        "holidays": calendar.get("holidays"),
        "deep_work": calendar.get("deep_work"),
        "skills": sorted(person.skill_names),
        "password": digest(person.password_hash or ""),
    }


def record_person(
    verb: str, by: Person | None, person: Person, before: dict[str, Any] | None
) -> None:
    """Record how a person differs from `before` (`person_state`), if they do."""
    db.session.flush()
    after = person_state(person)
    if before == after:
        return
    changed = sorted(key for key in after if before and before[key] != after[key])
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="person",
        subject_id=person.id,
        before=before,
        after=after,
        details={"changed": changed},
    )


def _coffee(person: Person) -> list[Any]:
    return [person.coffee_in, person.coffee_skipped_week, str(person.coffee_snoozed_until)]


def _record_coffee(verb: str, by: Person, before: list[Any]) -> Person:
    db.session.flush()
    if _coffee(by) != before:
        record_event(
            verb,
            by_id=by.id,
            subject="person",
            subject_id=by.id,
            before=before,
            after=_coffee(by),
        )
    return by
