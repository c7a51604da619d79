"""Everything that changes coffee groups; each records one event."""

from __future__ import annotations

from typing import Any

from critique.accounts.access import membership_for, must_lead
from critique.accounts.models import Person, Team
from critique.accounts.spelling import line, skill_words
from critique.events.record import record_event
from critique.pairing.groups.access import group_for, led_group_for
from critique.pairing.groups.models import KINDS, RHYTHMS, SIZES, CoffeeGroup, GroupPlace
from critique.plumbing import clock
from critique.plumbing.calendar import week_of
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound

EVERYONE = "Everyone"
NEW = "New here"


def start_whole_team(team: Team) -> CoffeeGroup:
    """Make the group of everyone of a team that was just made."""
    return _made(None, team, kind="everyone", name=EVERYONE, skill=None, size=2, every_weeks=1)


def add_group(
    *,
    by: Person,
    team_id: int,
    kind: str,
    name: str = "",
    skill: str = "",
    size: int = 2,
    every_weeks: int = 1,
) -> CoffeeGroup:
    """Make a group: of a skill, of people who are named one by one, or of those who are new.

    Its first round is the coming Monday's, or this week's by "Draw now". Raises NotFound,
    Forbidden, or Invalid naming what does not fit.
    """
    team = must_lead(by, team_id).team
    wrong = _wrong(kind, name, skill, size, every_weeks)
    if wrong:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the marked fields.",
            fields=wrong,
        )
    shared = skill_words(skill)[0] if kind == "skill" else None
    named = line(name) if name.strip() else (shared or NEW).capitalize()
    return _made(by, team, kind=kind, name=named, skill=shared, size=size, every_weeks=every_weeks)


def change_group(
    *, by: Person, group_id: int, name: str, size: int, every_weeks: int
) -> CoffeeGroup:
    """Change how a group is called, how many sit at a table, and how often it is drawn.

    Counts from the next draw on. Raises NotFound, Forbidden or Invalid.
    """
    group = led_group_for(by, group_id)
    wrong = _wrong("named", name, "", size, every_weeks)
    if wrong:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the marked fields.",
            fields=wrong,
        )
    before = _state(group)
    group.name, group.size, group.every_weeks = line(name), size, every_weeks
    if _state(group) != before:
        _record("coffee_group.changed", by, group, before=before, after=_state(group))
    return group


def end_group(*, by: Person, group_id: int) -> CoffeeGroup:
    """Draw the group no more; what is booked stays. Raises NotFound, Forbidden or Conflict."""
    group = led_group_for(by, group_id)
    if group.kind == "everyone":
        raise Conflict(
            "The group of everyone stays, so that whoever joins the team has coffee. Nothing was "
            "changed; people can opt out one by one.",
            code="everyone_stays",
        )
    group.ended_at, group.ended_by_id = clock.now(), by.id
    _record("coffee_group.ended", by, group)
    return group


def put_in_group(*, by: Person, group_id: int, person_id: int) -> GroupPlace:
    """Put somebody of the team into a group, or let them be in it again after they were out.

    Leads and admins may, except for who left by themselves; who did so may come back, and into
    groups that are not of named people everybody may. Raises NotFound or Forbidden.
    """
    group = _group_about(by, group_id, person_id)
    place = _place(group, person_id)
    left_alone = place is not None and not place.is_in and place.by_id == person_id
    if left_alone and by.id != person_id:
        raise Forbidden("They left this group themselves. Nothing was changed; ask them.")
    if group.kind == "named" and not left_alone:
        must_lead(by, group.team_id)
    return _put(by, group, person_id, is_in=True)


def take_out_of_group(*, by: Person, group_id: int, person_id: int) -> GroupPlace:
    """Take somebody out of a group from the next draw on; leads may, and everybody for themselves.

    Raises NotFound or Forbidden.
    """
    return _put(by, _group_about(by, group_id, person_id), person_id, is_in=False)


def _group_about(by: Person, group_id: int, person_id: int) -> CoffeeGroup:
    group = group_for(by, group_id) if person_id == by.id else led_group_for(by, group_id)
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    membership_for(person, group.team_id)
    return group


def _place(group: CoffeeGroup, person_id: int) -> GroupPlace | None:
    return db.session.get(GroupPlace, (group.id, person_id))


def _put(by: Person, group: CoffeeGroup, person_id: int, *, is_in: bool) -> GroupPlace:
    place = _place(group, person_id)
    if place is None:
        place = GroupPlace(group_id=group.id, person_id=person_id)
        db.session.add(place)
    elif place.is_in == is_in:
        return place
    place.is_in, place.since, place.by_id = is_in, clock.now(), by.id
    db.session.flush()
    verb = "coffee_group.joined" if is_in else "coffee_group.left"
    _record(verb, by, group, details={"person": person_id})
    return place


def _wrong(kind: str, name: str, skill: str, size: int, every_weeks: int) -> dict[str, str]:
    wrong = {}
    if kind not in KINDS[1:]:
        wrong["kind"] = "Choose people with a skill, people you name, or who is new."
    if kind == "named" and not name.strip():
        wrong["name"] = "Give it a name, such as Type guild."
    try:
        line(name) if name.strip() else None
    except ValueError as error:
        wrong["name"] = str(error)
    if kind == "skill":
        try:
            one_skill = len(skill_words(skill)) == 1
        except ValueError as error:
            wrong["skill"] = str(error)
        else:
            if not one_skill:
                wrong["skill"] = "Name one skill, as it stands in people's profiles."
    if size not in SIZES:
        wrong["size"] = "Tables are of 2 or 3."
    if every_weeks not in RHYTHMS:
        wrong["every_weeks"] = "Choose each week, every second, or every fourth."
    return wrong


def _made(by: Person | None, team: Team, **values: Any) -> CoffeeGroup:
    now = clock.now()
    group = CoffeeGroup(
        team_id=team.id,
        from_week=week_of(now, team.zone),
        made_at=now,
        made_by_id=by.id if by else None,
        **values,
    )
    db.session.add(group)
    db.session.flush()
    _record("coffee_group.created", by, group, after=_state(group))
    return group


def _state(group: CoffeeGroup) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "name": group.name,
        "skill": group.skill,
        "size": group.size,
        "every_weeks": group.every_weeks,
    }


def _record(
    verb: str,
    by: Person | None,
    group: CoffeeGroup,
    *,
    before: object = None,
    after: object = None,
    details: dict[str, Any] | None = None,
) -> None:
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="coffee_group",
        subject_id=group.id,
        team_id=group.team_id,
        before=before,
        after=after,
        details=details,
    )
