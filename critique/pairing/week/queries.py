"""Reading one's week: what is booked, and of what it was not said yet whether it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from critique.accounts.access import team_ids_of
from critique.accounts.models import Person
from critique.pairing.models import Meeting, Round, Seating
from critique.pairing.sessions.models import SessionOutcome
from critique.pairing.week.ground import question_for
from critique.pairing.week.questions import Question
from critique.pairing.weeks import week_after, week_at_hand
from critique.plumbing.calendar import week_of, week_start
from critique.plumbing.db import db

# Who has not said by then whether it happened is not asked any more.
ASKED_FOR = timedelta(days=14)
MOST_ASKED = 3


@dataclass(frozen=True)
class Planned:
    """A meeting to come, with whom, and the question suggested for it; `week` on one's calendar."""

    meeting: Meeting
    others: list[Person]
    question: Question
    week: str


def weeks_shown(person: Person, now: datetime) -> tuple[str, str]:
    """The week at hand on the person's calendar (at weekends the coming one), and the next."""
    week = week_at_hand(person.zone, now)
    return week, week_after(week)


def booked_ahead(person: Person, now: datetime) -> list[Meeting]:
    """The person's meetings until the end of the week after the one at hand, soonest first."""
    _, following = weeks_shown(person, now)
    until = week_start(week_after(following), person.zone)
    chosen = _meetings_of(person).where(Meeting.ends_at > now, Meeting.starts_at < until)
    return list(db.session.scalars(chosen.order_by(Meeting.starts_at, Meeting.id)))


def planned_ahead(person: Person, now: datetime) -> list[Planned]:
    """The same, each with whom one meets and the question suggested for it."""
    return [
        Planned(
            meeting=meeting,
            others=[one for one in meeting.people if one.id != person.id],
            question=question_for(meeting, now),
            week=week_of(meeting.starts_at, person.zone),
        )
        for meeting in booked_ahead(person, now)
    ]


def unsaid(person: Person, now: datetime) -> list[Meeting]:
    """Meetings of the last two weeks of which the person did not say whether they happened.

    The newest first, three at most. Who declined, or noted the outcome of a session, has said so.
    """
    noted = sa.exists().where(
        SessionOutcome.meeting_id == Meeting.id, SessionOutcome.person_id == person.id
    )
    chosen = _meetings_of(person).where(
        Meeting.ends_at <= now,
        Meeting.ends_at > now - ASKED_FOR,
        Seating.happened_at.is_(None),
        sa.or_(Seating.answer.is_(None), Seating.answer != "declined"),
        ~noted,
    )
    return list(
        db.session.scalars(
            chosen.order_by(Meeting.starts_at.desc(), Meeting.id.desc()).limit(MOST_ASKED)
        )
    )


def _meetings_of(person: Person) -> sa.Select[Meeting]:
    return (
        sa.select(Meeting)
        .join(Seating, Seating.meeting_id == Meeting.id)
        .where(
            Seating.person_id == person.id,
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Meeting.team_id.in_(team_ids_of(person)),
        )
        .options(
            selectinload(Meeting.seats).joinedload(Seating.person),
            joinedload(Meeting.round).joinedload(Round.group),
            joinedload(Meeting.review),
            joinedload(Meeting.team),
        )
    )
