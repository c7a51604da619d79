"""Jobs of this slice: the weekly draw, and seats that somebody gave up elsewhere."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from critique.pairing.groups.models import CoffeeGroup
from critique.pairing.mail import (
    invitation_letters,
    left_out_letter,
    silence_letter,
    write_letters,
)
from critique.pairing.meetings.mail import write_release_letters
from critique.pairing.models import Round
from critique.pairing.operations import PoolChanged, record_round, release_seat
from critique.pairing.plan import Plan, plan_round
from critique.pairing.pooling import read_inputs
from critique.pairing.queries import round_of
from critique.pairing.rounds import has_vacated
from critique.pairing.slots import NOTICE, NOTICE_WHEN_ASKED
from critique.pairing.tables import left_out_of, meeting_ids_of, meetings_named, sequences_of
from critique.pairing.weeks import is_let_go, seed_of
from critique.pairing.wishes.queries import silences_of
from critique.plumbing import clock, jobs
from critique.plumbing.calendar import monday_morning
from critique.plumbing.db import db
from critique.plumbing.jobs import job
from critique.plumbing.transaction import must_be_closed, snapshot, transaction

# People come and go while a draw is made; each time it is made anew, with them as they are.
TRIES = 5
MEETINGS_AT_ONCE = 5


@job("rounds")
def draw_week(group_id: int, week: str, asked: int = 0) -> None:
    """Make a group's draw for a week, unless it was made, the group ended, or it is too late.

    When a lead `asked` for it, meetings may be two hours ahead instead of eighteen.
    """
    notice = NOTICE_WHEN_ASKED if asked else NOTICE
    with snapshot():
        group = db.session.get(CoffeeGroup, group_id)
        if group is None or group.ended_at is not None:
            return
        if is_let_go(week, group.team.zone, clock.now(), notice=notice):
            return
    draw_round(group_id, week, notice=notice)


def draw_round(
    group_id: int, week: str, *, seed: int | None = None, notice: timedelta = NOTICE
) -> Plan | None:
    """Draw, then write round, meetings and the job of its letters; None if drawn already.

    Nothing is held while the draw is made: when somebody in it left, skipped or was booked
    elsewhere meanwhile, it is made again. Raises PoolChanged when that happens five times.
    """
    for attempt in range(TRIES):
        plan = plan_week(group_id, week, seed=seed, notice=notice)
        if plan is None:
            return None
        try:
            with transaction():
                drawn = record_round(by=None, plan=plan)
                if drawn is None:
                    return None
                jobs.enqueue("tell_round", drawn.id, key=f"coffee-letters-{drawn.id}")
        except PoolChanged:
            if attempt == TRIES - 1:
                raise
        except IntegrityError:
            # Another worker wrote this week's round between our look and our write.
            if not _is_drawn(group_id, week):
                raise
            return None
        else:
            return plan
    return None


def plan_week(
    group_id: int,
    week: str,
    *,
    seed: int | None = None,
    again: bool = False,
    notice: timedelta = NOTICE,
) -> Plan | None:
    """Make a draw without writing anything; None when the week is drawn, unless `again`.

    A week that is not here yet, or is over, is drawn as its Monday morning would have done it.
    """
    with snapshot():
        group = db.session.get_one(CoffeeGroup, group_id)
        now, monday = clock.now(), monday_morning(week, group.team.zone)
        if now < monday or is_let_go(week, group.team.zone, now):
            now = monday
        if not again and round_of(group_id, week) is not None:
            return None
        inputs = read_inputs(group, week, now, not_before=now + notice)
    must_be_closed()
    return plan_round(inputs, seed=seed_of(group_id, week) if seed is None else seed, now=now)


def _is_drawn(group_id: int, week: str) -> bool:
    with snapshot():
        return round_of(group_id, week) is not None


@job("rounds")
def tell_round(round_id: int) -> None:
    """Write everybody's one letter, a few meetings at a time so that nobody else waits to write.

    Letters have natural keys, so running it again writes none twice; a meeting that changed while
    its letters were composed is composed anew.
    """
    with snapshot():
        waiting = meeting_ids_of(round_id)
        drawn = db.session.get_one(Round, round_id)
        drafts = [left_out_letter(left, drawn) for left in left_out_of(round_id)]
        drafts += [silence_letter(silence, drawn) for silence in silences_of(round_id)]
    with transaction():
        write_letters(drafts)
    while waiting:
        now, waiting = waiting[:MEETINGS_AT_ONCE], waiting[MEETINGS_AT_ONCE:]
        with snapshot():
            before = sequences_of(now)
            drafts = [draft for one in meetings_named(now) for draft in invitation_letters(one)]
        with transaction():
            if sequences_of(now) == before:
                write_letters(drafts)
            else:
                waiting = [*now, *waiting]


@job("rounds")
def vacate_seat(meeting_id: int, person_id: int) -> None:
    """Take somebody who skipped the week, or left the team, out of the meeting they had."""
    with transaction():
        if not has_vacated(meeting_id, person_id):
            return
        release = release_seat(by=None, meeting_id=meeting_id, person_id=person_id)
        if release is not None:
            write_release_letters(release)
