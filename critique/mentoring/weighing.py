"""The part of the queue that is weighed: what could be done next, read and put into its order.

Of each section the requests with the soonest deadlines are read from their index, some of the
overdue and of those without a deadline beside them, and weighed exactly (`ordering`). What lies
behind that window has later deadlines than everything in it, so the first pages are what weighing
everything would show, and a hundred thousand open requests cost what a few hundred do. Within the
window all are weighed: a team with fewer open ones than it holds has the full order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from critique.accounts.access import MENTORING_ROLES
from critique.accounts.models import Membership, Person
from critique.mentoring.clock import Staffing, epoch_seconds, staffing
from critique.mentoring.estimates import Estimates, Sitting, estimates_from
from critique.mentoring.models import Turn
from critique.mentoring.moves import ANSWERED
from critique.mentoring.ordering import Group, Suggestion, Waiting, ordered
from critique.mentoring.pace import HORIZON_DAYS, pace_of
from critique.plumbing.db import db
from critique.reviews.models import Review, WantedSkill
from critique.walkthroughs.models import Walkthrough

# Read of each section at least; a page is 50. Later pages read so many more at a time.
WINDOW = 200
# How long ago something may have been asked and still be told from what is older.
REMEMBERED_DAYS = 28
# Reviews that were timed lately; older ones say little of the team that is here now.
SITTINGS = 500
GROUPS = {"mine": Group.MINE, "fits": Group.FITS, "others": Group.OTHERS}


@dataclass(frozen=True)
class Weighed:
    """One request at its place: its section, why it stands there, and about how long it takes."""

    section: str
    suggestion: Suggestion
    about: int


@dataclass(frozen=True)
class _Candidate:
    id: int
    section: str
    team_id: int
    author_id: int
    stage: str
    due: datetime | None
    asked: datetime


def weighed(
    person: Person,
    now: datetime,
    wanted: int,
    sections: Iterable[tuple[str, sa.ColumnElement[bool]]],
) -> list[Weighed]:
    """The first `wanted` of these sections in their order for one person."""
    found = [one for name, where in sections for one in _window(name, where, now, wanted)]
    if not found:
        return []
    ids, teams = [one.id for one in found], sorted({one.team_id for one in found})
    newest, heard = _newest(ids), _heard({one.author_id for one in found})
    estimates = _estimates(teams)
    # What has a new version was asked anew with it.
    shown = [newest.get(one.id, (None, one.asked)) for one in found]
    about = [
        estimates.minutes(one.team_id, one.stage, length)
        for one, (length, _) in zip(found, shown, strict=True)
    ]
    staffed = _Staffed(teams, _wanted_skills(ids), now)
    waiting = Waiting(
        ids=np.array(ids, np.int64),
        group=np.array([GROUPS[one.section] for one in found], np.int64),
        team=np.array([one.team_id for one in found], np.int64),
        dated=np.array([one.due is not None for one in found]),
        left=staffed.minutes(found, [one.due or now for one in found]),
        waited=-staffed.minutes(found, [asked for _, asked in shown]),
        about=np.array(about, np.int64),
        favoured=np.array([one.author_id not in heard for one in found]),
    )
    usual = sorted(about)[len(about) // 2]
    paces = {team: pace_of(staffed.calendars[team], now, usual) for team in teams}
    chosen = ordered(waiting, paces, suggested=_suggested(person), wanted=wanted)
    return [Weighed(found[one.index].section, one, about[one.index]) for one in chosen]


class _Staffed:
    """Staffed minutes by team and wanted skills; where nobody has the skill, everybody counts."""

    def __init__(
        self, teams: Sequence[int], skills: Mapping[int, frozenset[str]], now: datetime
    ) -> None:
        self._now, self._skills = now, skills
        self._people = _mentors(teams)
        self.calendars = {
            team: [person.working_hours for person in self._people.get(team, ())] for team in teams
        }
        self._known: dict[tuple[int, frozenset[str]], Staffing] = {}

    def minutes(self, found: Sequence[_Candidate], moments: Sequence[datetime]) -> Any:
        """Staffed minutes from now to each moment, negative before it."""
        kinds: dict[tuple[int, frozenset[str]], list[int]] = {}
        for at, one in enumerate(found):
            wanted = self._skills.get(one.id, frozenset())
            kinds.setdefault((one.team_id, wanted), []).append(at)
        seconds = epoch_seconds(moments)
        result = np.zeros(len(found), np.int64)
        for kind, places in kinds.items():
            staffed = self._of(kind)
            result[places] = staffed.minutes_until(seconds[places], since=self._now)
        return result

    def _of(self, kind: tuple[int, frozenset[str]]) -> Staffing:
        if kind not in self._known:
            team, wanted = kind
            people = self._people.get(team, ())
            able = [p for p in people if not wanted or wanted & frozenset(p.skill_names)] or people
            self._known[kind] = staffing(
                [person.working_hours for person in able],
                self._now - timedelta(days=REMEMBERED_DAYS),
                REMEMBERED_DAYS + HORIZON_DAYS,
            )
        return self._known[kind]


def _window(
    section: str, where: sa.ColumnElement[bool], now: datetime, wanted: int
) -> list[_Candidate]:
    size = WINDOW * -(-2 * wanted // WINDOW)
    parts = (
        (Review.review_by > now, size),
        (Review.review_by <= now, size // 2),
        (Review.review_by.is_(None), size // 2),
    )
    columns = (
        Review.id, Review.team_id, Review.author_id, Review.stage, Review.review_by,
        Review.created_at,
    )  # fmt: skip
    found = []
    for half, most in parts:
        chosen = (
            sa.select(*columns).where(where, half).order_by(Review.review_by, Review.id).limit(most)
        )
        found += [_Candidate(row[0], section, *row[1:]) for row in db.session.execute(chosen)]
    return found


def _newest(ids: Sequence[int]) -> dict[int, tuple[int | None, datetime]]:
    """By request: how long its longest version is (ms), and when the newest one came."""
    rows = db.session.execute(
        sa.select(
            Walkthrough.review_id,
            sa.func.max(Walkthrough.duration_ms),
            sa.func.max(Walkthrough.created_at),
        )
        .where(
            Walkthrough.review_id.in_(ids),
            Walkthrough.version.is_not(None),
            Walkthrough.removed_at.is_(None),
        )
        .group_by(Walkthrough.review_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _heard(author_ids: set[int]) -> set[int]:
    """Which authors somebody has answered before."""
    reasons = sorted({*ANSWERED, "approved"})
    chosen = sa.select(Turn.person_id).where(
        Turn.person_id.in_(sorted(author_ids)), Turn.reason.in_(reasons)
    )
    return set(db.session.scalars(chosen.distinct()))


def _wanted_skills(ids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    rows = db.session.execute(
        sa.select(WantedSkill.review_id, WantedSkill.skill).where(WantedSkill.review_id.in_(ids))
    )
    for review_id, skill in rows:
        found.setdefault(review_id, set()).add(skill)
    return {review_id: frozenset(skills) for review_id, skills in found.items()}


def _mentors(teams: Sequence[int]) -> dict[int, list[Person]]:
    rows = db.session.execute(
        sa.select(Membership.team_id, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.team_id.in_(teams),
            Membership.ended_at.is_(None),
            Membership.role.in_(MENTORING_ROLES),
        )
        .order_by(Person.id)
    )
    found: dict[int, list[Person]] = {}
    for team_id, person in rows:
        found.setdefault(team_id, []).append(person)
    return found


def _estimates(teams: Sequence[int]) -> Estimates:
    """Medians from the newest claims that an answer ended: from the claim to the answer."""
    longest = (
        sa.select(sa.func.max(Walkthrough.duration_ms))
        .where(Walkthrough.review_id == Turn.review_id, Walkthrough.version.is_not(None))
        .correlate(Turn)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Review.team_id, Review.stage, longest, Turn.since, Turn.ended_at)
        .join(Review, Review.id == Turn.review_id)
        .where(
            Turn.reason == "claimed",
            Turn.ended_how == "answered",
            Turn.ended_at.is_not(None),
            Review.team_id.in_(teams),
        )
        .order_by(Turn.id.desc())
        .limit(SITTINGS)
    )
    return estimates_from(
        Sitting(team, stage, length, round((ended - since).total_seconds() / 60))
        for team, stage, length, since, ended in rows
    )


def _suggested(person: Person) -> int:
    """How many requests this person took so far: every fourth suggestion is the oldest overdue."""
    chosen = sa.select(sa.func.count(Turn.id)).where(
        Turn.person_id == person.id, Turn.reason == "claimed"
    )
    return db.session.scalar(chosen) or 0
