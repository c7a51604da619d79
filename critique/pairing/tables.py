"""The meetings of a round as its letters need them, read a few at a time."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from critique.pairing.models import LeftOut, Meeting, Seating
from critique.plumbing.db import db


def meeting_ids_of(round_id: int) -> list[int]:
    """Meetings of a round that are still on."""
    return list(
        db.session.scalars(
            sa.select(Meeting.id)
            .where(Meeting.round_id == round_id, Meeting.cancelled_at.is_(None))
            .order_by(Meeting.id)
        )
    )


def meetings_named(ids: Sequence[int]) -> list[Meeting]:
    """Meetings by id that are still on, with their people."""
    return list(
        db.session.scalars(
            sa.select(Meeting)
            .where(Meeting.id.in_(ids), Meeting.cancelled_at.is_(None))
            .options(selectinload(Meeting.seats).selectinload(Seating.person))
            .order_by(Meeting.id)
        )
    )


def sequences_of(ids: Sequence[int]) -> dict[int, int]:
    """How often each meeting changed since it was booked."""
    rows = db.session.execute(sa.select(Meeting.id, Meeting.sequence).where(Meeting.id.in_(ids)))
    return {row.id: row.sequence for row in rows}


def left_out_of(round_id: int) -> list[LeftOut]:
    """Everybody who could not be seated in a round."""
    return list(
        db.session.scalars(
            sa.select(LeftOut).where(LeftOut.round_id == round_id).order_by(LeftOut.person_id)
        )
    )
