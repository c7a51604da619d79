"""Jobs of fast feedback: setting up a week, one urgent session, and reading somebody's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.pairing.sessions.busy import UnreadableCalendar, busy_times
from critique.pairing.sessions.mail import write_session_letters
from critique.pairing.sessions.models import BusyTime, CalendarFeed, SetUp
from critique.pairing.sessions.operations import book_session
from critique.pairing.sessions.setting_up import (
    MINUTES,
    Planned,
    due_teams,
    plan_week,
    set_up_in,
    soonest_for,
    urgent_reviews,
)
from critique.plumbing import clock, jobs
from critique.plumbing.calendar import Stretch
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.jobs import job
from critique.plumbing.outgoing import AddressRefused, Limits, NoAnswer, call
from critique.plumbing.repeat import enqueue_until_done
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review

PAUSE = timedelta(minutes=15)
# Calendars change through the day; a booking asks the host's own blocks first anyway.
READ_AGAIN = timedelta(minutes=30)
FEED = Limits(seconds=15, most_bytes=4_000_000)


@job("rounds")
def set_up_sessions(team_id: int, week: str) -> None:
    """Book the week's sessions of a team, each in a transaction of its own with its mails.

    A job that was killed goes on with the wishes that are still open.
    """
    with snapshot():
        if db.session.get(SetUp, (team_id, week)) is not None:
            return
        plan = plan_week(team_id, week, clock.now())
    for planned in plan.booked:
        _booked(planned, team_id)
    with transaction():
        # Those of before the job was killed, too.
        booked = set_up_in(team_id, week)
        unmet = [{"person_id": person_id, "why": why} for person_id, why in plan.unmet]
        db.session.merge(
            SetUp(team_id=team_id, week=week, at=clock.now(), booked=booked, unmet=unmet)
        )
        db.session.flush()
        record_event(
            "sessions.set_up",
            by_id=None,
            subject="team",
            subject_id=team_id,
            team_id=team_id,
            details={"week": week, "booked": booked, "unmet": len(unmet)},
        )


@job("rounds")
def set_up_urgent_session(review_id: int) -> None:
    """Book the soonest session about a request that cannot wait for the week's."""
    with snapshot():
        if review_id not in urgent_reviews(clock.now()):
            return
        review = db.session.get_one(Review, review_id)
        planned, team_id = soonest_for(review, clock.now()), review.team_id
    if planned is not None:
        _booked(planned, team_id)


@job("hooks")
def read_calendar(person_id: int) -> None:
    """Read somebody's own calendar for busy times; what was known stays when it cannot be read."""
    with snapshot():
        feed = db.session.get(CalendarFeed, person_id)
        if feed is None:
            return
        address, zone = feed.address, db.session.get_one(Person, person_id).zone
    try:
        answer = call(address, FEED)
        if answer.status != 200:
            _noted(person_id, address, f"The address answers with {answer.status}.", None)
            return
        times = busy_times(answer.body, zone, clock.now())
    except (AddressRefused, NoAnswer, UnreadableCalendar) as error:
        _noted(person_id, address, str(error), None)
    else:
        _noted(person_id, address, None, times)


def enqueue_due_sessions(now: datetime) -> None:
    """Enqueue the week of every team whose Monday morning has come, and what cannot wait."""
    for team_id, week in due_teams(now):
        key = f"sessions-team-{team_id}-{week}"
        enqueue_until_done("set_up_sessions", team_id, week, key=key, now=now, pause=PAUSE)
    for review_id in urgent_reviews(now):
        key = f"session-urgent-{review_id}"
        enqueue_until_done("set_up_urgent_session", review_id, key=key, now=now, pause=PAUSE)


def enqueue_due_feeds(now: datetime) -> None:
    """Enqueue the reading of each calendar that was not looked at for half an hour."""
    due = sa.select(CalendarFeed.person_id).where(
        sa.or_(CalendarFeed.tried_at.is_(None), CalendarFeed.tried_at < now - READ_AGAIN)
    )
    half_hour = int(now.timestamp() // READ_AGAIN.total_seconds())
    for person_id in db.session.scalars(due):
        jobs.enqueue("read_calendar", person_id, key=f"calendar-{person_id}-{half_hour}")


def _booked(planned: Planned, team_id: int) -> bool:
    """Book the first of the starts that is still free; False when none is."""
    for starts_at in planned.starts:
        try:
            with transaction():
                review_id = planned.review_id
                meeting = book_session(
                    by=None,
                    guest=db.session.get_one(Person, planned.learner_id),
                    host=db.session.get_one(Person, planned.host_id),
                    team_id=team_id,
                    starts_at=starts_at,
                    minutes=MINUTES,
                    review=db.session.get(Review, review_id) if review_id else None,
                    reason=planned.reason,
                )
                write_session_letters(meeting)
        except Conflict:
            continue
        return True
    return False


def _noted(person_id: int, address: str, failure: str | None, times: list[Stretch] | None) -> None:
    with transaction():
        feed = db.session.get(CalendarFeed, person_id, with_for_update=True)
        # Taken away or changed while it was read: what was read belongs to nobody.
        if feed is None or feed.address != address:
            return
        now = clock.now()
        feed.tried_at, feed.failure = now, failure
        if times is None:
            return
        feed.read_at = now
        db.session.execute(sa.delete(BusyTime).where(BusyTime.person_id == person_id))
        db.session.add_all(
            BusyTime(person_id=person_id, starts_at=start, ends_at=end) for start, end in times
        )
