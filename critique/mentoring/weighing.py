"""The part of the queue that is weighed: what could be done next, read and put into its order.

How much is read is bounded (`window`); all that is read is weighed exactly (`ordering`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sa

from critique.accounts.access import MENTORING_ROLES
from critique.accounts.models import Membership, Person
from critique.mentoring.clock import Staffing, epoch_seconds, staffing
from critique.mentoring.estimates import Estimates, Sitting, estimates_from
from critique.mentoring.models import SITTING, Turn
from critique.mentoring.moves import ANSWERED
from critique.mentoring.ordering import NEVER, Group, Ints, Suggestion, Waiting, ordered
from critique.mentoring.pace import HORIZON_DAYS, pace_of
from critique.mentoring.window import Candidate, Sections, crowded, soonest, window_size
from critique.plumbing.db import db
from critique.reviews.models import Review, WantedSkill
from critique.walkthroughs.models import Walkthrough

# How long ago something may have been asked and still be told from what is older.
REMEMBERED_DAYS = 28
# Reviews that were timed lately; older ones say little of the team that is here now.
SITTINGS = 200
GROUPS = {"mine": Group.MINE, "fits": Group.FITS, "others": Group.OTHERS}


@dataclass(frozen=True)
class Weighed:
    """One request at its place: its section, why it stands there, and about how long it takes."""

    section: str
    suggestion: Suggestion
    about: int


def weighed(
    person: Person, now: datetime, wanted: int, sections: Sections, teams: Sequence[int]
) -> list[Weighed]:
    """The first `wanted` of these sections in their order for one person of these teams."""
    staffed, estimates = _Staffed(teams, now), _estimates(teams)
    paces = {
        team: pace_of(calendars, now, estimates.usual(team))
        for team, calendars in staffed.calendars.items()
    }
    crowd = crowded(sections, {team: pace.capacity for team, pace in paces.items()})
    paces |= {team: paces[team].without_promise() for team in crowd}
    found = soonest(sections, staffed.begins, window_size(wanted) if crowd else None)
    if not found:
        return []
    waiting = _waiting(found, staffed, estimates, now)
    chosen = ordered(waiting, paces, suggested=_suggested(person), wanted=wanted)
    return [Weighed(found[one.index].section, one, int(waiting.about[one.index])) for one in chosen]


def _waiting(
    found: Sequence[Candidate], staffed: _Staffed, estimates: Estimates, now: datetime
) -> Waiting:
    ids = [one.id for one in found]
    newest, heard, skills = _newest(ids), _heard({one.author_id for one in found}), _wanted(ids)
    # What has a new version was asked anew with it.
    shown = [newest.get(one.id, (None, one.asked)) for one in found]
    about = [
        estimates.minutes(one.team_id, one.stage, length)
        for one, (length, _) in zip(found, shown, strict=True)
    ]
    due = [one.due or now for one in found]
    kinds = [(one.team_id, skills.get(one.id, frozenset())) for one in found]
    return Waiting(
        ids=np.array(ids, np.int64),
        group=np.array([GROUPS[one.section] for one in found], np.int64),
        team=np.array([one.team_id for one in found], np.int64),
        due=np.where([one.due is None for one in found], NEVER, epoch_seconds(due)),
        left=staffed.minutes(kinds, due),
        waited=-staffed.minutes(kinds, [asked for _, asked in shown]),
        about=np.array(about, np.int64),
        favoured=np.array([one.author_id not in heard for one in found]),
    )


# A team, and the skills that are wanted of it.
_Kind = tuple[int, frozenset[str]]


class _Staffed:
    """Staffed minutes by team and wanted skills; where nobody has the skill, everybody counts."""

    def __init__(self, teams: Sequence[int], now: datetime) -> None:
        self._now = now
        self._people = _mentors(teams)
        self.calendars = {
            team: [person.working_hours for person in self._people.get(team, ())] for team in teams
        }
        self._known: dict[_Kind, Staffing] = {}

    @property
    def begins(self) -> datetime:
        """From when on anybody is there; now when nobody will be."""
        shifts = [self._of((team, frozenset())).next_on_shift(self._now) for team in self.calendars]
        return min((start for start in shifts if start), default=self._now)

    def minutes(self, kinds: Sequence[_Kind], moments: Sequence[datetime]) -> Ints:
        """Staffed minutes from now to each moment, negative before it."""
        places: dict[_Kind, list[int]] = {}
        for at, kind in enumerate(kinds):
            places.setdefault(kind, []).append(at)
        seconds = epoch_seconds(moments)
        result = np.zeros(len(kinds), np.int64)
        for kind, here in places.items():
            result[here] = self._of(kind).minutes_until(seconds[here], since=self._now)
        return result

    def _of(self, kind: _Kind) -> Staffing:
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
    # A remark of somebody who was not asked is an answer, too.
    reasons = sorted({*ANSWERED, "approved", "remarked"})
    chosen = sa.select(Turn.person_id).where(
        Turn.person_id.in_(sorted(author_ids)), Turn.reason.in_(reasons)
    )
    return set(db.session.scalars(chosen.distinct()))


def _wanted(ids: Sequence[int]) -> dict[int, frozenset[str]]:
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
    ours = sa.exists().where(Review.id == Turn.review_id, Review.team_id.in_(teams))
    newest = (
        sa.select(Turn.id, Turn.review_id, Turn.since, Turn.ended_at)
        .where(sa.text(SITTING), ours)
        .order_by(Turn.id.desc())
        .limit(SITTINGS)
        .subquery()
    )
    longest = (
        sa.select(sa.func.max(Walkthrough.duration_ms))
        .where(Walkthrough.review_id == newest.c.review_id, Walkthrough.version.is_not(None))
        .correlate(newest)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Review.team_id, Review.stage, longest, newest.c.since, newest.c.ended_at).join(
            newest, newest.c.review_id == Review.id
        )
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
