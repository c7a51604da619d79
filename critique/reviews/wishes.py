"""What an author asks for, as operations take it: the people, project and deadline behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

import sqlalchemy as sa

from critique.accounts.access import active_people
from critique.accounts.models import Person
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid
from critique.reviews.deadlines import Deadline, parse_deadline
from critique.reviews.models import Project


class Wishes(TypedDict, total=False):
    """Everything a request can say. In an edit, what is absent stays as it is.

    `reviewers` are addresses or ids of people of the team; `review_by` is what
    `deadlines.parse_deadline` reads, "" for none; `project` is a name, "" for none; `ticks` are
    keys of `live_or_written.TICKS`.
    """

    title: str
    brief: str
    aims: Sequence[str]
    stage: str
    off_limits: str
    links: Sequence[str]
    project: str
    reviewers: Sequence[str]
    skills: Sequence[str]
    review_by: str
    ticks: Sequence[str]


def deadline_of(text: str, person: Person, now: datetime) -> Deadline | None:
    """The deadline a person means, None for an empty text. Raises Invalid naming `review_by`."""
    if not text.strip():
        return None
    try:
        return parse_deadline(text, person.working_hours, now)
    except ValueError as error:
        raise Invalid(
            "Nothing was saved yet and what you typed is kept. Look at the deadline.",
            fields={"review_by": str(error)},
        ) from None


def people_asked(team_id: int, names: Sequence[str], author_id: int) -> list[Person]:
    """People of the team by address or id. Raises Invalid saying who is unknown to the team."""
    people = list(db.session.scalars(active_people(team_id)))
    known = {person.email: person for person in people} | {str(p.id): p for p in people}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise _refused(f"Not in your team: {', '.join(unknown)}. Choose people of the team.")
    asked = {known[name.lower()].id: known[name.lower()] for name in names}
    if author_id in asked:
        raise _refused("The author cannot review their own work. Choose somebody else.")
    return list(asked.values())


def _refused(sentence: str) -> Invalid:
    return Invalid(
        "Nothing was saved yet and what you typed is kept. Look at the reviewers.",
        fields={"reviewers": sentence},
    )


def project_called(team_id: int, name: str) -> Project | None:
    """The team's project of that name, made when it is new; None for an empty name."""
    if not name:
        return None
    chosen = sa.select(Project).where(
        Project.team_id == team_id, sa.func.lower(Project.name) == name.lower()
    )
    found = db.session.scalar(chosen)
    if found is None:
        found = Project(team_id=team_id, name=name)
        db.session.add(found)
        db.session.flush()
    return found
