"""Who reports to whom: an optional line that the coffee keeps apart."""

from __future__ import annotations

import sqlalchemy as sa

from critique.accounts.access import must_lead
from critique.accounts.models import Membership, Person
from critique.events.record import record_event
from critique.plumbing.db import db
from critique.plumbing.errors import Invalid, NotFound


def set_reports_to(
    *, by: Person | None, team_id: int, membership_id: int, reports_to_id: int | None
) -> Membership:
    """Say whom a member reports to, by a lead or an admin; None for nobody.

    `by` None is whoever runs Critique. Raises NotFound, Forbidden, or Invalid for themselves,
    somebody outside of the team, or a line that would close into a circle.
    """
    if by is not None:
        must_lead(by, team_id)
    lines = _lines_of(team_id)
    membership = next((one for one in lines.values() if one.id == membership_id), None)
    if membership is None:
        raise NotFound
    if reports_to_id is not None:
        _must_make_sense(lines, membership.person_id, reports_to_id)
    before = membership.reports_to_id
    if before == reports_to_id:
        return membership
    membership.reports_to_id = reports_to_id
    db.session.flush()
    record_event(
        "membership.line_changed",
        by_id=by.id if by else None,
        subject="membership",
        subject_id=membership.id,
        team_id=team_id,
        before=before,
        after=reports_to_id,
        details={"person": membership.person_id, "reports_to": reports_to_id},
    )
    return membership


def _lines_of(team_id: int) -> dict[int, Membership]:
    """The team's members by person."""
    rows = db.session.scalars(
        sa.select(Membership).where(Membership.team_id == team_id, Membership.ended_at.is_(None))
    )
    return {row.person_id: row for row in rows}


def _must_make_sense(lines: dict[int, Membership], person_id: int, reports_to_id: int) -> None:
    if reports_to_id not in lines:
        _refuse("Choose somebody of the team.")
    above: int | None = reports_to_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == person_id:
            _refuse("This would close a circle: they report, further up, to this person.")
        seen.add(above)
        above = lines[above].reports_to_id if above in lines else None


def _refuse(sentence: str) -> None:
    raise Invalid(sentence, fields={"reports_to_id": sentence})
