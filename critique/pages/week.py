"""Your week: whom I meet and why, what to ask them, what waits for me, what helped others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from critique.accounts.login import asker, current_team, signed_in
from critique.accounts.models import Person
from critique.comments.praised import praised_comments
from critique.pages import blueprint
from critique.pages.at_hand import at_hand
from critique.pairing.circles import circles_of
from critique.pairing.daylight import place
from critique.pairing.meetings.times import is_outside_hours
from critique.pairing.models import Meeting
from critique.pairing.queries import this_weeks_meeting
from critique.pairing.sessions.call import call_url
from critique.pairing.sessions.queries import Slot, slots_for
from critique.pairing.standing import standing_of
from critique.pairing.week.access import calendar_address_of
from critique.pairing.week.calendar import addresses_of
from critique.pairing.week.queries import Planned, planned_ahead, unsaid, weeks_shown
from critique.pairing.week.words import caller_of, reason_for
from critique.pairing.weeks import spoken_week, week_after
from critique.pairing.wishes.queries import silence_of
from critique.plumbing import clock
from critique.plumbing.calendar import local_day, monday_morning, spoken_day, zone_named
from critique.plumbing.db import db
from critique.reviews.access import visible_reviews
from critique.reviews.models import Review
from critique.reviews.queries import is_open

WAITING_SHOWN = 3
SLOTS_SHOWN = 3
REQUESTS_SHOWN = 4
PRAISED_FOR = timedelta(days=7)


@blueprint.get("/week")
@signed_in
def week() -> ResponseReturnValue:
    """Show one's week, and the next."""
    person, now = asker(), clock.now()
    planned, (this, following) = planned_ahead(person, now), weeks_shown(person, now)
    found = at_hand(person, now)
    return render_template(
        "week/index.html",
        weeks=_by_week(person, planned, this, now),
        next=planned[0] if planned else None,
        unsaid=unsaid(person, now),
        waiting=found.waiting[:WAITING_SHOWN],
        waiting_count=len(found.waiting),
        praised=praised_comments(person, now - PRAISED_FOR),
        booking=_booking(person, now),
        calendar=calendar_address_of(person),
        addresses_of=addresses_of,
        person=person,
        **_coffee(person, planned, this, following, now),
    )


@dataclass(frozen=True)
class Entry:
    """A meeting as its row shows it: spans of time on one's own clock and on each other's."""

    planned: Planned
    day: str
    span: str
    elsewhere: Sequence[tuple[str, str, str]]
    why: str
    call: str
    caller: Person | None
    change: str
    outside: bool


@dataclass(frozen=True)
class Week:
    """A week's heading, its days, and what is booked in it."""

    title: str
    days: str
    entries: Sequence[Entry]


def _by_week(person: Person, planned: Iterable[Planned], this: str, now: datetime) -> list[Week]:
    titles = {this: "This week", week_after(this): "The week after"}
    if this > _week_now(person, now):
        titles[this] = "The coming week"
    found: dict[str, list[Entry]] = {}
    for one in planned:
        found.setdefault(one.week, []).append(_entry(person, one, now))
    return [
        Week(titles.get(week, "This weekend"), spoken_week(week), entries)
        for week, entries in found.items()
    ]


def _week_now(person: Person, now: datetime) -> str:
    year, number, _ = local_day(person.zone, now).isocalendar()
    return f"{year:04d}-W{number:02d}"


def _entry(person: Person, planned: Planned, now: datetime) -> Entry:
    meeting = planned.meeting
    return Entry(
        planned=planned,
        day=_day(meeting, person.zone, now),
        span=_span(meeting, person.zone),
        elsewhere=[
            (one.name, _their_clock(meeting, person.zone, one.zone), place(one.zone))
            for one in planned.others
            if one.zone != person.zone
        ],
        why=reason_for(person, meeting),
        call=call_url(meeting) if meeting.kind == "feedback" else "",
        caller=caller_of(meeting),
        change=_change_url(meeting),
        outside=is_outside_hours(person, meeting),
    )


def _change_url(meeting: Meeting) -> str:
    """Where it is moved, swapped or declined."""
    return url_for("meetings.show", meeting_id=meeting.id)


def _day(meeting: Meeting, zone: str, now: datetime) -> str:
    day, today = local_day(zone, meeting.starts_at), local_day(zone, now)
    near = {0: "Today", 1: "Tomorrow"}.get((day - today).days)
    return f"{near}, {spoken_day(day, today)}" if near else spoken_day(day, today)


def _span(meeting: Meeting, zone: str) -> str:
    there = zone_named(zone)
    starts_at, ends_at = meeting.starts_at.astimezone(there), meeting.ends_at.astimezone(there)
    return f"{starts_at:%H:%M}–{ends_at:%H:%M}"


def _their_clock(meeting: Meeting, mine: str, theirs: str) -> str:
    """What somebody else's clock shows then; the day too where it is another one."""
    there = meeting.starts_at.astimezone(ZoneInfo(theirs))
    here = meeting.starts_at.astimezone(ZoneInfo(mine))
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%a %H:%M}"


def _coffee(
    person: Person, planned: Sequence[Planned], this: str, following: str, now: datetime
) -> dict[str, Any]:
    """Where one stands with the coffee, and which week could be skipped next."""
    membership = current_team()
    zone = membership.team.zone if membership else person.zone
    circles = circles_of(person, membership, leads=False, now=now) if membership else []
    first = circles[0] if circles else None
    last = this_weeks_meeting(person, now)
    held = last is not None and last.ends_at <= now and last.drawn_in.week == this
    coming = [one.meeting for one in planned if one.meeting.kind == "coffee"]
    return {
        "standing": standing_of(
            person,
            membership,
            meeting=last if held or coming else None,
            left_out=next((one.left_out for one in circles if one.left_out), None),
            drawn=first.round if first else None,
            week=this,
            next_draw=first.next_draw if first else monday_morning(this, zone),
            silent=silence_of(person) is not None,
            now=now,
        ),
        "coffee_coming": bool(coming),
        **_skipping(person, coming, following if held else this),
    }


def _skipping(person: Person, coming: Sequence[Meeting], week: str) -> dict[str, Any]:
    """The week that one press skips (that of the coffee to come), or the one that is skipped."""
    skipped = person.coffee_skipped_week
    week = coming[0].drawn_in.week if coming else week
    if skipped is not None and skipped >= week:
        week = skipped
    return {"skip_week": week, "skip_days": spoken_week(week), "skips": skipped == week}


@dataclass(frozen=True)
class Booking:
    """One of one's open requests, free times of mentors for it, and the other open requests."""

    review: Review
    slots: Sequence[Slot]
    others: Sequence[Review]


def _booking(person: Person, now: datetime) -> Booking | None:
    """What can be booked from here: about the request whose deadline comes first."""
    mine = db.session.scalars(
        visible_reviews(person)
        .where(Review.author_id == person.id, is_open)
        .order_by(Review.review_by.is_(None), Review.review_by, Review.id)
        .limit(REQUESTS_SHOWN)
    ).all()
    if not mine:
        return None
    review = mine[0]
    skills = [row.skill for row in review.skills]
    slots = slots_for(person, review.team_id, skills, 15, now)[:SLOTS_SHOWN]
    return Booking(review, slots, mine[1:])
