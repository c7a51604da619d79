"""The queue of one person: what needs them, in which order, and why it stands there.

What could be done next (mine, what fits my skills, what else is free) is weighed by slack, see
`weighing` and `ordering`; behind it stand what is answered and what others hold, by deadline. The
figures behind the order stand in docs/queue.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from critique.accounts.access import MENTORING_ROLES
from critique.accounts.models import Membership, Person, PersonSkill
from critique.mentoring.models import Claim, Turn
from critique.mentoring.moves import LEAVES_FREE, TO_LOOK
from critique.mentoring.turns import in_force
from critique.mentoring.weighing import GROUPS, Weighed, weighed
from critique.plumbing.db import db
from critique.reviews.models import Review, Reviewer, WantedSkill
from critique.reviews.queries import is_open


@dataclass(frozen=True)
class Standing:
    """One entry: its section, the request's id, and how it was weighed, where it was."""

    section: str
    review_id: int
    weighed: Weighed | None = None


SECTIONS = ("mine", "fits", "others", "answered", "held")

Condition = sa.ColumnElement[bool]


def standing_in(person: Person, now: datetime, wanted: int) -> list[Standing]:
    """The first `wanted` entries of the person's queue, in their order.

    The sections behind the weighed ones are asked one after the other, only until enough is found.
    """
    roles = _roles(person)
    sections = _sections(person, now, roles)
    others = sa.and_(is_open, Review.author_id != person.id)
    weighable = [(name, sa.and_(others, where)) for name, where, _ in sections if name in GROUPS]
    found = [
        Standing(one.section, one.suggestion.id, one)
        for one in weighed(person, now, wanted, weighable, list(roles))
    ]
    for section, condition, halves in sections:
        if section in GROUPS:
            continue
        for half in halves:
            if len(found) >= wanted:
                return found
            chosen = (
                sa.select(Review.id)
                .where(others, condition, half)
                .order_by(Review.review_by, Review.id)
                .limit(wanted - len(found))
            )
            found += [Standing(section, review_id) for review_id in db.session.scalars(chosen)]
    return found


def next_for(person: Person, now: datetime) -> Standing | None:
    """What the person does next: the first of theirs, or the first that is free to take."""
    first = standing_in(person, now, 1)
    return first[0] if first and first[0].section in GROUPS else None


def waiting_for(person: Person, now: datetime) -> int:
    """How many requests wait for this very person: it is their move, or they hold a claim."""
    _, condition, _ = _sections(person, now, _roles(person))[0]
    chosen = sa.select(sa.func.count(Review.id)).where(
        is_open, Review.author_id != person.id, condition
    )
    return db.session.scalar(chosen) or 0


def _sections(
    person: Person, now: datetime, roles: Mapping[int, str]
) -> list[tuple[str, Condition, tuple[Condition, ...]]]:
    # Databases disagree on where NULL sorts, and no index serves "last" on both: so first those
    # with a deadline, then those without.
    halves = (Review.review_by.is_not(None), Review.review_by.is_(None))
    # By value, not by subquery: an index on (team, deadline) then gives the order.
    mine_to_see = Review.team_id.in_(list(roles))
    to_mentor = Review.team_id.in_([team for team in roles if roles[team] in MENTORING_ROLES])
    # What somebody has is a short list to look into; what they do not have is asked row by row.
    asked_of_me = sa.select(Reviewer.review_id).where(Reviewer.person_id == person.id)
    claims = _claims(now)
    own = sa.select(Turn.review_id).where(Turn.person_id == person.id, in_force(now))
    asked, my_move = Review.id.in_(asked_of_me), Review.id.in_(own)
    claimed = Review.id.in_(claims.where(Claim.person_id == person.id))
    held = Review.id.in_(claims.where(Claim.person_id != person.id))
    not_asked = ~asked_of_me.where(Reviewer.review_id == Review.id).exists()
    not_my_move = ~own.where(Turn.review_id == Review.id).exists()
    unclaimed = ~claims.where(Claim.review_id == Review.id).exists()
    # Somebody else's claim spares one the look at the work, not the answer one owes.
    spared = sa.and_(held, Review.id.not_in(own.where(Turn.reason.not_in(TO_LOOK))))
    wanted = sa.select(WantedSkill.review_id).where(WantedSkill.review_id == Review.id)
    skilled = wanted.join(PersonSkill, PersonSkill.skill == WantedSkill.skill).where(
        PersonSkill.person_id == person.id
    )
    somebody = sa.select(Reviewer.review_id).where(Reviewer.review_id == Review.id)
    # What asks for nobody and nothing in particular is as much theirs as anybody's.
    fits = sa.or_(skilled.exists(), sa.and_(~wanted.exists(), ~somebody.exists()))
    taken = _taken(now)
    free = sa.and_(to_mentor, not_asked, not_my_move, unclaimed)
    done = sa.or_(sa.and_(mine_to_see, asked, not_my_move, ~claimed), sa.and_(free, taken))
    return [
        ("mine", sa.and_(mine_to_see, sa.or_(claimed, sa.and_(my_move, ~spared))), halves),
        ("fits", sa.and_(free, fits, ~taken), halves),
        ("others", sa.and_(free, ~fits, ~taken), halves),
        ("answered", sa.and_(done, ~held), halves),
        ("held", sa.and_(sa.or_(to_mentor, sa.and_(mine_to_see, asked)), spared), halves),
    ]


def _roles(person: Person) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(Membership.team_id, Membership.role).where(
            Membership.person_id == person.id, Membership.ended_at.is_(None)
        )
    )
    return {row.team_id: row.role for row in rows}


def _claims(now: datetime) -> sa.Select[int]:
    return sa.select(Claim.review_id).where(Claim.until > now)


def _taken(now: datetime) -> Condition:
    """Whether it is somebody's move in a way that leaves nothing for others to take."""
    return sa.exists().where(
        Turn.review_id == Review.id,
        Turn.reason.not_in(LEAVES_FREE),
        Turn.in_passing.is_(False),
        in_force(now),
    )
