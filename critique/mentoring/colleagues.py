"""Who could be asked in a team, with what `handing` decides by: a constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from critique.accounts.access import MENTORING_ROLES
from critique.accounts.models import Membership, Person
from critique.mentoring.handing import Colleague, Need, Proposal, proposals
from critique.mentoring.models import HandOff, Turn
from critique.mentoring.moves import TO_LOOK
from critique.mentoring.turns import in_force
from critique.plumbing.db import db
from critique.reviews.models import Review, Reviewer
from critique.reviews.queries import is_open

RECENT = timedelta(days=30)
# A review nobody has timed yet takes about this long.
ABOUT_MINUTES = 15
SUGGESTED = 3


def colleagues_in(
    team_id: int, skills: Iterable[str], now: datetime, *, besides: Iterable[int] = ()
) -> list[tuple[Person, Colleague]]:
    """Everybody who mentors in a team, but for some, with what is theirs now and was lately."""
    wanted, left_out = frozenset(skills), set(besides)
    people = db.session.scalars(
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == team_id,
            Membership.ended_at.is_(None),
            Membership.role.in_(MENTORING_ROLES),
        )
        .order_by(Person.id)
    ).all()
    ids = [person.id for person in people]
    open_now, recent = _open_of(ids, now), _asked_since(ids, now - RECENT)
    return [
        (
            person,
            Colleague(
                id=person.id,
                hours=person.working_hours,
                skilled=not wanted or bool(wanted & frozenset(person.skill_names)),
                open=open_now.get(person.id, 0),
                recent=recent.get(person.id, 0),
                most=person.capacity,
            ),
        )
        for person in people
        if person.id not in left_out
    ]


def suggested_reviewers(
    team_id: int, skills: Iterable[str], due: datetime | None, now: datetime, *, author_id: int
) -> list[tuple[Person, Proposal]]:
    """Whom an author could ask, the best three first, each with the reason."""
    wanted = frozenset(skills)
    found = colleagues_in(team_id, wanted, now, besides=[author_id])
    people = {person.id: person for person, _ in found}
    need = Need(now, due, ABOUT_MINUTES, for_skill=bool(wanted))
    ranked = proposals([one for _, one in found], need)
    return [(people[one.id], one) for one in ranked[:SUGGESTED]]


def _open_of(person_ids: list[int], now: datetime) -> dict[int, int]:
    """How many requests are theirs to look at; what is offered to them may be in a moment."""
    found = Counter(_offered_to(person_ids))
    rows = db.session.execute(
        sa.select(Turn.person_id, sa.func.count())
        .join(Review, Review.id == Turn.review_id)
        .where(
            Turn.person_id.in_(person_ids), in_force(now), Turn.reason.in_(sorted(TO_LOOK)), is_open
        )
        .group_by(Turn.person_id)
    )
    for person_id, count in rows:
        found[person_id] += count
    return found


def _offered_to(person_ids: list[int]) -> Sequence[int]:
    return db.session.scalars(
        sa.select(HandOff.to_id)
        .join(Review, Review.id == HandOff.review_id)
        .where(HandOff.to_id.in_(person_ids), HandOff.answered_at.is_(None), is_open)
    ).all()


def _asked_since(person_ids: list[int], since: datetime) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Reviewer.person_id, sa.func.count())
        .where(Reviewer.person_id.in_(person_ids), Reviewer.asked_at >= since)
        .group_by(Reviewer.person_id)
    )
    return {row[0]: row[1] for row in rows}
