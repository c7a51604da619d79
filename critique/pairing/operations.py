"""Everything that changes rounds and meetings; each records one event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from critique.accounts.models import Person
from critique.events.record import record_event
from critique.pairing.groups.access import led_group_for
from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.kept import outcome_digest, packed
from critique.pairing.models import LeftOut, Meeting, Round, Seating
from critique.pairing.plan import COFFEE, Booking, Inputs, Plan
from critique.pairing.pooling import booked_elsewhere, people_in
from critique.pairing.queries import round_of
from critique.pairing.weeks import is_let_go, week_number
from critique.pairing.wishes.operations import fall_silent
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.mailer import site_url
from critique.plumbing.repeat import enqueue_until_done

# The third argument of the job `draw_week` when somebody asked for it.
ASKED = 1
PARTNER_CANNOT = "the other one at the table cannot make it"


class PoolChanged(RuntimeError):
    """Somebody left, skipped or was booked elsewhere while the draw was made: draw again."""


@dataclass(frozen=True)
class Release:
    """What giving up one seat came to; `remaining` keep the meeting unless it was cancelled."""

    meeting: Meeting
    gone: Person
    remaining: list[Person]
    cancelled: bool


def ask_for_draw(*, by: Person, group_id: int, week: str) -> None:
    """Have a group's week drawn now, by a lead or an admin: meetings may be two hours ahead.

    Raises NotFound, Forbidden, or Conflict when it was made already or the week is over.
    """
    group = led_group_for(by, group_id)
    if round_of(group_id, week) is not None:
        raise Conflict(
            "This week's coffee was drawn already, and everybody has their mail. "
            "Nothing was changed.",
            code="already_drawn",
        )
    if is_let_go(week, group.team.zone, clock.now()):
        raise Conflict("That week is over. Nothing was drawn; the next one comes on Monday.")
    key = draw_key(group_id, week)
    enqueue_until_done("draw_week", group_id, week, ASKED, key=key, now=clock.now())
    record_event(
        "round.asked_for",
        by_id=by.id,
        subject="coffee_group",
        subject_id=group_id,
        team_id=group.team_id,
        details={"week": week},
    )


def draw_key(group_id: int, week: str) -> str:
    """The natural key of a group's draw of a week: once, however many schedulers ask."""
    return f"pairing-group-{group_id}-{week}"


def record_round(*, by: Person | None, plan: Plan) -> Round | None:
    """Write down a draw: the round with what it was drawn from, its meetings, who is left out.

    None when the week was drawn meanwhile. Raises PoolChanged when somebody in the plan may not
    be booked any more.
    """
    inputs = plan.inputs
    _hold(sorted(inputs.guests))
    group = db.session.get_one(CoffeeGroup, inputs.group_id)
    if round_of(group.id, inputs.week) is not None:
        return None
    _must_stand(plan, group)
    drawn = Round(
        team_id=group.team_id,
        group_id=group.id,
        week=inputs.week,
        number=week_number(inputs.week),
        seed=plan.seed,
        pool_digest=plan.pool_digest,
        outcome_digest=outcome_digest(plan.bookings, plan.left),
        weights=asdict(plan.weights),
        pool=packed(inputs),
        drawn_at=plan.drawn_at,
    )
    db.session.add(drawn)
    db.session.flush()
    for booking in plan.bookings:
        _book(drawn, booking, uid_of(inputs, booking))
    db.session.add_all(
        LeftOut(round_id=drawn.id, person_id=left.person_id, reason=left.reason)
        for left in plan.left
    )
    fall_silent(person_ids=inputs.silent, round_id=drawn.id)
    db.session.flush()
    _record("round.drawn", by, drawn, "round", drawn.id, details=_figures(plan))
    return drawn


def _must_stand(plan: Plan, group: CoffeeGroup) -> None:
    """Raise PoolChanged when somebody left meanwhile, or was booked at the same time elsewhere."""
    inputs = plan.inputs
    still_in = {person.id for person in people_in(group, inputs.week, plan.drawn_at)}
    if not still_in >= {*inputs.guests, *inputs.silent}:
        raise PoolChanged
    starts = {person_id: b.starts_at for b in plan.bookings for person_id in b.people}
    for person_id, start, end in booked_elsewhere(group, inputs.week) - inputs.busy:
        mine = starts.get(person_id)
        if mine is not None and start < mine + COFFEE and mine < end:
            raise PoolChanged


def release_seat(
    *, by: Person | None, meeting_id: int, person_id: int, sequence: int | None = None
) -> Release | None:
    """Take one person out of a meeting that has not begun.

    Of three the other two keep it. Of two it is cancelled, as is a session whose mentor leaves; who
    is left of a coffee comes first next time. None when there is nothing to give up (any more).
    Raises Conflict when it changed since it had that `sequence`.
    """
    meeting = held_meeting(meeting_id)
    now = clock.now()
    if meeting is None or meeting.cancelled_at is not None or meeting.starts_at <= now:
        return None
    seat = next((s for s in meeting.seats if s.person_id == person_id and s.left_at is None), None)
    if seat is None:
        return None
    must_be_at(meeting, sequence)
    seat.left_at = now
    if by is not None and by.id == person_id:
        seat.answer, seat.answered_at = "declined", now
    meeting.sequence += 1
    remaining = meeting.people
    if len(remaining) < 2 or person_id == meeting.host_id:
        meeting.cancelled_at = now
        for person in remaining if meeting.round_id is not None else ():
            _leave_out(meeting.drawn_in.id, person.id, PARTNER_CANNOT)
    db.session.flush()
    record_meeting_event(
        "meeting.cancelled" if meeting.cancelled_at else "meeting.seat_released",
        by,
        meeting,
        person=person_id,
        how="cancelled",
    )
    return Release(meeting, seat.person, remaining, meeting.cancelled_at is not None)


def held_meeting(meeting_id: int, person_ids: Collection[int] = ()) -> Meeting | None:
    """The meeting as it is now, with nobody else changing it until the transaction ends.

    `person_ids` are held first: whoever books somebody else for that time waits for their turn.
    """
    if person_ids:
        _hold(sorted(person_ids))
    meeting = db.session.scalar(
        sa.select(Meeting)
        .where(Meeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if meeting is not None:
        db.session.expire(meeting, ["seats"])
        seats = sa.select(Seating).where(Seating.meeting_id == meeting_id)
        db.session.scalars(seats.execution_options(populate_existing=True)).all()
    return meeting


def must_be_at(meeting: Meeting, sequence: int | None) -> None:
    """Raise Conflict when it is not the meeting any more that somebody saw (None: saw nothing)."""
    if sequence is not None and sequence != meeting.sequence:
        raise Conflict(
            "This meeting was changed while you looked at it. Nothing of yours was changed; look "
            "at it as it is now, then choose again.",
            code="changed",
        )


def record_meeting_event(verb: str, by: Person | None, meeting: Meeting, **details: object) -> None:
    """Record what was done to a meeting, with its sequence and who comes to it now."""
    record_event(
        verb,
        by_id=by.id if by else None,
        subject="meeting",
        subject_id=meeting.id,
        team_id=meeting.team_id,
        review_id=meeting.review_id,
        details={
            **details,
            "sequence": meeting.sequence,
            "people": [person.id for person in meeting.people],
        },
    )


def _hold(person_ids: list[int]) -> None:
    # Two teams that draw the same person, or that person skipping, take their turns (PostgreSQL;
    # SQLite lets one write at a time anyway).
    db.session.execute(
        sa.select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    )


def uid_of(inputs: Inputs, booking: Booking) -> str:
    """The meeting's name in every calendar: never changed, and known before there is a row.

    Nobody has two seats in a round, so its first person names a table.
    """
    host = urlsplit(site_url()).hostname or "localhost"
    return f"coffee-g{inputs.group_id}-{inputs.week}-{booking.people[0]}@{host}"


def _book(drawn: Round, booking: Booking, uid: str) -> Meeting:
    meeting = Meeting(
        team_id=drawn.team_id,
        round_id=drawn.id,
        starts_at=booking.starts_at,
        ends_at=booking.starts_at + COFFEE,
        uid=uid,
        sequence=0,
        reason=booking.reason,
        seats=[
            Seating(person_id=one, round_id=drawn.id, on_edge=one in booking.on_edge)
            for one in booking.people
        ],
    )
    db.session.add(meeting)
    return meeting


def _leave_out(round_id: int, person_id: int, reason: str) -> None:
    if db.session.get(LeftOut, (round_id, person_id)) is None:
        db.session.add(LeftOut(round_id=round_id, person_id=person_id, reason=reason))


def _figures(plan: Plan) -> dict[str, object]:
    return {
        "week": plan.inputs.week,
        "seed": plan.seed,
        "pool": plan.pool_digest,
        "meetings": len(plan.bookings),
        "left_out": len(plan.left),
        "silent": len(plan.inputs.silent),
    }


def _record(
    verb: str,
    by: Person | None,
    drawn: Round,
    subject: str,
    subject_id: int,
    *,
    details: dict[str, object],
) -> None:
    record_event(
        verb,
        by_id=by.id if by else None,
        subject=subject,
        subject_id=subject_id,
        team_id=drawn.team_id,
        details=details,
    )
