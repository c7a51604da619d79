"""A request of Maya's that Oliver was asked to look at, and what everybody is told about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from critique import schedule
from critique.activity.models import Notice, NoticeWishes
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter
from critique.plumbing.transaction import transaction
from critique.reviews.models import Reviewer
from tests.comments.conftest import Room, answer, make_room, say
from tests.people import Cast

__all__ = ["answer", "say"]

KINDS = ("digest", "asks")
# A Wednesday: 10:00 in London, 04:00 in Chicago, 18:00 in Singapore.
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.fixture
def at():
    """Wednesday morning in London; `at.move_to(moment)` goes on."""
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def room(app: Flask, at, cast: Cast) -> Room:
    """Maya's request in Juniper; Oliver was asked. Nobody's week begins on this Wednesday."""
    with app.app_context(), transaction():
        for one in (cast.maya, cast.oliver, cast.wei, cast.ada, cast.rival, cast.nia):
            db.session.add(NoticeWishes(person_id=one, weekly=False, quiet={}))
        made = make_room(cast.team, cast.maya)
        db.session.add(Reviewer(review_id=made.review, person_id=cast.oliver, asked_at=WEDNESDAY))
        return made


@pytest.fixture
def told_to(app: Flask) -> Callable[[int], list[Notice]]:
    """The notices of a person, oldest first, detached."""

    def read(person_id: int) -> list[Notice]:
        with app.app_context():
            rows = db.session.scalars(
                sa.select(Notice).where(Notice.person_id == person_id).order_by(Notice.id)
            ).all()
            for row in rows:
                db.session.expunge(row)
            return list(rows)

    return read


@pytest.fixture
def rounds(app: Flask, run_jobs) -> Callable[[], list[str]]:
    """Let the schedule look, and run what it enqueued, as one tick of a worker does."""

    def tick() -> list[str]:
        with app.app_context(), transaction():
            schedule.fire_due(clock.now())
        return run_jobs()

    return tick


@pytest.fixture
def letters(app: Flask) -> Callable[..., list[Letter]]:
    """Letters of this slice to a person (an id), oldest first, detached; perhaps of one kind."""

    def read(person_id: int, kind: str | None = None) -> list[Letter]:
        with app.app_context():
            chosen = sa.select(Letter).where(
                Letter.person_id == person_id, Letter.kind.in_([kind] if kind else KINDS)
            )
            rows = db.session.scalars(chosen.order_by(Letter.id)).all()
            for row in rows:
                db.session.expunge(row)
            return list(rows)

    return read
