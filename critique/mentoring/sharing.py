"""A person's own loops are private; here they are shown to somebody, and no longer."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from critique.accounts.access import role_in, team_ids_of
from critique.accounts.models import Membership, Person
from critique.events.record import record_event
from critique.mentoring.models import LoopShare
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound


def loops_for(viewer: Person, person_id: int) -> Person:
    """Whose loops the viewer may see: their own, or those shown to them.

    Raises NotFound for everybody else, leads and admins included, and once they share no team.
    """
    if person_id == viewer.id:
        return viewer
    shown = db.session.scalar(
        _in_force().where(LoopShare.person_id == person_id, LoopShare.with_id == viewer.id)
    )
    if shown is None or not _share_a_team(viewer, person_id):
        raise NotFound
    return db.session.get_one(Person, person_id)


def shares_of(person: Person) -> list[LoopShare]:
    """To whom a person shows their loops now."""
    chosen = _in_force().where(LoopShare.person_id == person.id).options(joinedload(LoopShare.to))
    return list(db.session.scalars(chosen.order_by(LoopShare.id)))


def shown_to(person: Person) -> list[LoopShare]:
    """Who shows this person their loops now, of those in a team with them."""
    chosen = _in_force().where(LoopShare.with_id == person.id)
    chosen = chosen.options(joinedload(LoopShare.person)).order_by(LoopShare.id)
    return [one for one in db.session.scalars(chosen) if _share_a_team(person, one.person_id)]


def share_loops(*, by: Person, with_id: int, team_id: int) -> LoopShare:
    """Show one's own loops to somebody of the team. Safe to repeat. Raises NotFound, Invalid."""
    other = db.session.get(Person, with_id)
    if role_in(by, team_id) is None or other is None or role_in(other, team_id) is None:
        raise NotFound
    if other.id == by.id:
        raise Invalid("You see them already.", fields={"with_id": "Choose somebody else."})
    standing = db.session.scalar(
        _in_force().where(LoopShare.person_id == by.id, LoopShare.with_id == other.id)
    )
    if standing is not None:
        return standing
    share = LoopShare(person_id=by.id, with_id=other.id, at=clock.now())
    db.session.add(share)
    db.session.flush()
    _record("shared", by, share)
    return share


def end_share(*, by: Person, share_id: int) -> LoopShare:
    """Show them no longer. Safe to repeat. Raises NotFound for anybody else's."""
    share = db.session.get(LoopShare, share_id)
    if share is None or share.person_id != by.id:
        raise NotFound
    if share.ended_at is None:
        share.ended_at = clock.now()
        db.session.flush()
        _record("withheld", by, share)
    return share


def _in_force() -> sa.Select[LoopShare]:
    return sa.select(LoopShare).where(LoopShare.ended_at.is_(None))


def _share_a_team(person: Person, other_id: int) -> bool:
    together = sa.select(Membership.id).where(
        Membership.person_id == other_id,
        Membership.ended_at.is_(None),
        Membership.team_id.in_(team_ids_of(person)),
    )
    return db.session.scalar(together.limit(1)) is not None


def _record(happened: str, by: Person, share: LoopShare) -> None:
    record_event(
        f"loops.{happened}",
        by_id=by.id,
        subject="loops",
        subject_id=share.id,
        details={"with_id": share.with_id},
    )
