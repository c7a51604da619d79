"""Questions about fast feedback: who can be booked when, and what is booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from critique.accounts.access import MENTORING_ROLES, team_ids_of
from critique.accounts.models import Membership, Person
from critique.pairing.models import Meeting, Seating
from critique.pairing.sessions.models import BusyTime, Opening, SessionWish
from critique.pairing.sessions.openings import (
    available,
    free_starts,
    joined,
    open_once,
    opened,
)
from critique.pairing.wishes.queries import apart_of
from critique.plumbing import clock
from critique.plumbing.calendar import Stretch
from critique.plumbing.db import db
from critique.plumbing.hours import WorkingHours, week_from_json

AHEAD = timedelta(days=7)
# A click and a walk to a quiet corner.
SHORTEST_NOTICE = timedelta(minutes=5)
SLOTS_EACH = 3
MOST_SLOTS = 9


@dataclass(frozen=True)
class Slot:
    """A start (UTC) at which a mentor is free; `fits` names wanted skills they have."""

    host: Person
    starts_at: datetime
    stretched: bool
    fits: tuple[str, ...] = ()


def openings_of(person_ids: Iterable[int]) -> dict[int, list[Opening]]:
    """The blocks in force of some people, by person; what was open once and is over is none."""
    found: dict[int, list[Opening]] = defaultdict(list)
    rows = db.session.scalars(
        sa.select(Opening)
        .where(Opening.person_id.in_(list(person_ids)), _is_in_force())
        .order_by(
            Opening.weekday.nulls_first(), Opening.start_minute, Opening.starts_at, Opening.id
        )
    )
    for opening in rows:
        found[opening.person_id].append(opening)
    return found


def _is_in_force() -> sa.ColumnElement[bool]:
    still = sa.or_(Opening.ends_at.is_(None), Opening.ends_at > clock.now())
    return sa.and_(Opening.ended_at.is_(None), still)


def wishes_of(person_ids: Iterable[int]) -> dict[int, SessionWish]:
    """What some people said they want; who said nothing is not in it."""
    chosen = sa.select(SessionWish).where(SessionWish.person_id.in_(list(person_ids)))
    return {wish.person_id: wish for wish in db.session.scalars(chosen)}


def hosts_in(team_id: int, *, besides: int) -> list[Person]:
    """Who mentors in a team and has a block open, by name; `besides` is who asks."""
    open_now = sa.select(Opening.person_id).where(_is_in_force())
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.team_id == team_id,
                Membership.ended_at.is_(None),
                Membership.role.in_(MENTORING_ROLES),
                Person.id != besides,
                Person.id.in_(open_now),
            )
            .order_by(Person.name, Person.id)
        )
    )


def busy_of(
    person_ids: Sequence[int], start: datetime, end: datetime, *, besides: int | None = None
) -> dict[int, list[Stretch]]:
    """What some people have booked, and what their own calendars say, that touches [start, end).

    `besides` is a meeting that does not count, since it is the one to be moved.
    """
    found: dict[int, list[Stretch]] = defaultdict(list)
    booked = (
        sa.select(Seating.person_id, Meeting.starts_at, Meeting.ends_at)
        .join(Meeting, Meeting.id == Seating.meeting_id)
        .where(
            Seating.person_id.in_(person_ids),
            Seating.left_at.is_(None),
            Meeting.cancelled_at.is_(None),
            Meeting.ends_at > start,
            Meeting.starts_at < end,
            Meeting.id != besides if besides is not None else sa.true(),
        )
    )
    own = sa.select(BusyTime.person_id, BusyTime.starts_at, BusyTime.ends_at).where(
        BusyTime.person_id.in_(person_ids), BusyTime.ends_at > start, BusyTime.starts_at < end
    )
    for statement in (booked, own):
        for person_id, starts_at, ends_at in db.session.execute(statement):
            found[person_id].append((starts_at, ends_at))
    return found


@dataclass(frozen=True)
class Free:
    """Starts free for two people; those in `stretched` need somebody's stretch hours."""

    starts: tuple[datetime, ...]
    stretched: frozenset[datetime]


def free_between(
    guest: Person, hosts: Sequence[Person], minutes: int, start: datetime, end: datetime
) -> dict[int, Free]:
    """By host: when both are free inside the host's blocks in [start, end); a few queries.

    Of two who are not to meet the host is never free, and nobody is told why.
    """
    apart = apart_of(guest.id)
    ids = [guest.id, *(host.id for host in hosts)]
    openings, wishes, busy = openings_of(ids), wishes_of(ids), busy_of(ids, start, end)
    within = (start, end)

    def time_of(person: Person, *, stretched: bool) -> list[Stretch]:
        more = stretch_hours(person, wishes.get(person.id)) if stretched else None
        return available(person.working_hours, *within, stretch=more)

    found = {}
    for host in hosts:
        own = [one.block for one in openings.get(host.id, ()) if host.id not in apart]
        blocks, once = opened(own, host.zone, *within), open_once(own, host.zone, *within)
        taken = [*busy[guest.id], *busy[host.id]]
        plain, wider = (
            free_starts(
                [
                    blocks,
                    time_of(guest, stretched=more),
                    joined([*time_of(host, stretched=more), *once]),
                ],
                taken,
                minutes,
            )
            for more in (False, True)
        )
        found[host.id] = Free(tuple(wider), frozenset(wider) - frozenset(plain))
    return found


def stretch_hours(person: Person, wish: SessionWish | None) -> WorkingHours | None:
    """The hours somebody offers beyond their own; their days off count here too."""
    if wish is None or not wish.stretch:
        return None
    own = person.working_hours
    return WorkingHours(
        own.zone, week_from_json(wish.stretch), holidays=own.holidays, away=own.away
    )


def slots_for(
    guest: Person, team_id: int, skills: Iterable[str], minutes: int, now: datetime
) -> list[Slot]:
    """The next starts somebody can book in a team: those who fit first, then the soonest.

    At most three of each mentor and nine in all, within seven days.
    """
    wanted = frozenset(skills)
    hosts = hosts_in(team_id, besides=guest.id)
    free = free_between(guest, hosts, minutes, now + SHORTEST_NOTICE, now + AHEAD)
    slots = [
        Slot(
            host,
            at,
            at in free[host.id].stretched,
            tuple(sorted(wanted & frozenset(host.skill_names))),
        )
        for host in hosts
        for at in apart(free[host.id].starts, SLOTS_EACH)
    ]
    slots.sort(key=lambda slot: (not slot.fits if wanted else False, slot.starts_at, slot.host.id))
    return sorted(slots[:MOST_SLOTS], key=lambda slot: (slot.starts_at, slot.host.id))


def apart(
    starts: Sequence[datetime], most: int, gap: timedelta = timedelta(hours=2)
) -> list[datetime]:
    """The soonest, then others at least so much later: a choice, not a list of quarters."""
    chosen: list[datetime] = []
    for at in starts:
        if len(chosen) == most:
            break
        if not chosen or at - chosen[-1] >= gap:
            chosen.append(at)
    return chosen


def sessions_of(person: Person, since: datetime) -> list[Meeting]:
    """The person's sessions that end after `since`, soonest first, with people and requests."""
    return list(
        db.session.scalars(
            sa.select(Meeting)
            .join(Seating, Seating.meeting_id == Meeting.id)
            .where(
                Meeting.kind == "feedback",
                Meeting.cancelled_at.is_(None),
                Meeting.ends_at > since,
                Meeting.team_id.in_(team_ids_of(person)),
                Seating.person_id == person.id,
                Seating.left_at.is_(None),
            )
            .options(
                selectinload(Meeting.seats).joinedload(Seating.person),
                joinedload(Meeting.review),
            )
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def sessions_on(review_id: int, since: datetime) -> list[Meeting]:
    """Sessions booked about a request that end after `since`, soonest first."""
    return list(
        db.session.scalars(
            sa.select(Meeting)
            .where(
                Meeting.review_id == review_id,
                Meeting.cancelled_at.is_(None),
                Meeting.ends_at > since,
            )
            .options(selectinload(Meeting.seats).joinedload(Seating.person))
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )
