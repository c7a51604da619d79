"""Sessions nobody has to ask for: a week's, with level loads, and at once what cannot wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from critique.accounts.models import Membership, Person, Team
from critique.events.models import Event
from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions.assigning import Host, Learner, Match, Pair, assign
from critique.pairing.sessions.models import DEFAULT_QUOTA, SessionWish, SetUp
from critique.pairing.sessions.queries import Free, free_between, hosts_in, slots_for, wishes_of
from critique.pairing.weeks import due_week, weeks_somewhere
from critique.plumbing.calendar import monday_morning, next_start, week_start
from critique.plumbing.db import db
from critique.reviews.models import Review
from critique.reviews.queries import is_open

MINUTES = 15
# Nobody finds a session that is not theirs in today's calendar without having asked.
NOTICE = timedelta(hours=18)
WEEK = timedelta(days=7)
# Sessions longer ago than this do not count against another one with the same mentor.
REMEMBERED = timedelta(weeks=12)
URGENT = "two rounds took longer than a day each, or the deadline falls before the next shift"


@dataclass(frozen=True)
class Planned:
    """One session to book: the soonest starts first, so that a taken one has a second."""

    learner_id: int
    host_id: int
    review_id: int | None
    starts: tuple[datetime, ...]
    reason: str


@dataclass(frozen=True)
class WeekPlan:
    """The sessions of a week, and whose wish stays open and why."""

    booked: tuple[Planned, ...]
    unmet: tuple[tuple[int, str], ...]


def due_teams(now: datetime) -> list[tuple[int, str]]:
    """(team, week) of every team whose Monday morning has come and whose week is not set up."""
    wanted = (
        sa.select(Team.id, Team.zone, Team.created_at)
        .join(Membership, Membership.team_id == Team.id)
        .join(SessionWish, SessionWish.person_id == Membership.person_id)
        .where(Membership.ended_at.is_(None), SessionWish.a_week > 0)
        .distinct()
    )
    done = {
        (row.team_id, row.week)
        for row in db.session.execute(
            sa.select(SetUp.team_id, SetUp.week).where(SetUp.week.in_(weeks_somewhere(now)))
        )
    }
    found = []
    for team_id, zone, created_at in db.session.execute(wanted):
        week = due_week(zone, now)
        if week and (team_id, week) not in done and created_at <= monday_morning(week, zone):
            found.append((team_id, week))
    return found


def plan_week(team_id: int, week: str, now: datetime) -> WeekPlan:
    """Who gets a session with whom this week, what is booked already counted in. Reads only."""
    zone = db.session.get_one(Team, team_id).zone
    opens = week_start(week, zone)
    start, end = max(opens, now + NOTICE), opens + WEEK
    people = _people(team_id)
    wishes, had = wishes_of(people), _had_between(opens, end)
    learners = [
        Learner(one.id, wish.a_week - had.get(one.id, 0), frozenset(one.skill_names))
        for one in people.values()
        if (wish := wishes.get(one.id)) and wish.a_week > had.get(one.id, 0)
    ]
    free = {one.id: _free(people[one.id], team_id, start, end) for one in learners}
    hosts = {host for found in free.values() for host in found}
    matches = assign(
        learners,
        [_host(people[one], wishes.get(one), had.get(one, 0)) for one in sorted(hosts)],
        {
            (learner, host): set(one.starts) <= one.stretched
            for learner, found in free.items()
            for host, one in found.items()
            if one.starts
        },
        _weeks_since(now),
    )
    subjects = _subjects(team_id, (one.id for one in learners))
    return WeekPlan(_seated(matches, free, subjects), _unmet(learners, matches, free))


def urgent_reviews(now: datetime) -> list[int]:
    """Requests of people who want sessions that went two slow rounds, or end before the next shift.

    Only those that no session was ever booked about.
    """
    offered = sa.exists().where(Event.review_id == Review.id, Event.verb == "session.offered")
    booked = sa.exists().where(Meeting.review_id == Review.id)
    chosen = (
        sa.select(Review)
        .join(SessionWish, SessionWish.person_id == Review.author_id)
        .where(is_open, SessionWish.a_week > 0, ~booked, sa.or_(offered, Review.review_by > now))
        .add_columns(offered.label("offered"))
    )
    rows = db.session.execute(chosen).all()
    return [
        review.id
        for review, was_offered in rows
        if was_offered or _ends_before_the_next_shift(review, now)
    ]


def soonest_for(review: Review, now: datetime) -> Planned | None:
    """The soonest session about a request for its author; None when nobody is free this week."""
    skills = [row.skill for row in review.skills]
    slots = slots_for(review.author, review.team_id, skills, MINUTES, now)
    if not slots:
        return None
    first = slots[0]
    starts = tuple(slot.starts_at for slot in slots if slot.host.id == first.host.id)
    return Planned(review.author_id, first.host.id, review.id, starts, URGENT)


def set_up_in(team_id: int, week: str) -> int:
    """How many of a team's sessions Critique has set up for a week, the urgent ones apart."""
    opens = week_start(week, db.session.get_one(Team, team_id).zone)
    found = sa.select(sa.func.count(Meeting.id)).where(
        Meeting.team_id == team_id,
        Meeting.kind == "feedback",
        Meeting.booked_by_id.is_(None),
        Meeting.reason != URGENT,
        Meeting.starts_at >= opens,
        Meeting.starts_at < opens + WEEK,
    )
    return db.session.scalar(found) or 0


def _ends_before_the_next_shift(review: Review, now: datetime) -> bool:
    if review.review_by is None or not review.reviewers:
        return False
    for row in review.reviewers:
        try:
            if next_start(row.person.working_hours.reachable, now) < review.review_by:
                return False
        except ValueError:
            continue
    return True


def _people(team_id: int) -> dict[int, Person]:
    chosen = (
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, Membership.ended_at.is_(None))
        .order_by(Person.id)
    )
    return {person.id: person for person in db.session.scalars(chosen)}


def _had_between(start: datetime, end: datetime) -> dict[int, int]:
    """How many sessions of that time each person has a seat in."""
    rows = db.session.execute(
        sa.select(Seating.person_id, sa.func.count())
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .where(
            Meeting.kind == "feedback",
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at >= start,
            Meeting.starts_at < end,
            Seating.left_at.is_(None),
        )
        .group_by(Seating.person_id)
    )
    return {row[0]: row[1] for row in rows}


def _free(person: Person, team_id: int, start: datetime, end: datetime) -> dict[int, Free]:
    hosts = hosts_in(team_id, besides=person.id)
    return free_between(person, hosts, MINUTES, start, end) if start < end else {}


def _host(person: Person, wish: SessionWish | None, already: int) -> Host:
    quota = DEFAULT_QUOTA if wish is None else wish.quota
    return Host(person.id, quota, frozenset(person.skill_names), already)


def _weeks_since(now: datetime) -> dict[Pair, int]:
    """By (guest, host): whole weeks since their last session; one that did not happen is none."""
    guest = aliased(Seating)
    rows = db.session.execute(
        sa.select(guest.person_id, Meeting.host_id, sa.func.max(Meeting.starts_at))
        .join(Meeting, Meeting.id == guest.meeting_id)
        .where(
            Meeting.kind == "feedback",
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at >= now - REMEMBERED,
            guest.person_id != Meeting.host_id,
            sa.or_(_said(happened=True), ~_said(happened=False)),
        )
        .group_by(guest.person_id, Meeting.host_id)
    )
    return {(who, host): max(0, (now - at) // WEEK) for who, host, at in rows if host}


def _said(*, happened: bool) -> sa.ColumnElement[bool]:
    seat = aliased(Seating)
    return sa.exists().where(seat.meeting_id == Meeting.id, seat.happened.is_(happened))


def _subjects(team_id: int, learner_ids: Iterable[int]) -> dict[int, int]:
    """The open request of each learner in that team whose deadline comes first.

    One of another team is none of the mentor's business.
    """
    rows = db.session.execute(
        sa.select(Review.author_id, Review.id)
        .where(is_open, Review.team_id == team_id, Review.author_id.in_(list(learner_ids)))
        .order_by(Review.review_by.is_(None), Review.review_by, Review.id)
    )
    found: dict[int, int] = {}
    for author_id, review_id in rows:
        found.setdefault(author_id, review_id)
    return found


def _seated(
    matches: Sequence[Match], free: dict[int, dict[int, Free]], subjects: dict[int, int]
) -> tuple[Planned, ...]:
    """Give each match its starts, apart from what the plan took for either of them already."""
    taken: dict[int, set[datetime]] = {}
    planned = []
    for match in matches:
        starts = free[match.learner_id][match.host_id]
        mine = taken.setdefault(match.learner_id, set())
        theirs = taken.setdefault(match.host_id, set())
        left = [at for at in starts.starts if at not in mine and at not in theirs]
        # Stretch hours are a last resort.
        left.sort(key=lambda at: (at in starts.stretched, at))
        if left:
            mine.add(left[0])
            theirs.add(left[0])
        subject = subjects.get(match.learner_id)
        planned.append(Planned(match.learner_id, match.host_id, subject, tuple(left), match.reason))
    return tuple(planned)


def _unmet(
    learners: Sequence[Learner], matches: Sequence[Match], free: dict[int, dict[int, Free]]
) -> tuple[tuple[int, str], ...]:
    got: dict[int, int] = {}
    for match in matches:
        got[match.learner_id] = got.get(match.learner_id, 0) + 1
    return tuple(
        (
            one.id,
            "mentors gave all the sessions they offer this week"
            if any(found.starts for found in free[one.id].values())
            else "no mentor’s open block lies in your hours this week",
        )
        for one in learners
        if got.get(one.id, 0) < one.wanted
    )
