"""The ground everything stands on: cast, jobs, transactions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.accounts.models import Team
from critique.events.record import first_broken_event, record_event
from critique.plumbing import intent, jobs
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from tests.people import team


def test_a_rolled_back_transaction_leaves_no_row_and_no_job(app, cast):
    jobs.registry.setdefault("probe_ground", jobs.Job("probe_ground", "media", lambda _: None))
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            lose_a_team()
        assert jobs.unfinished() == []
        with transaction():
            jobs.enqueue("probe_ground", 2, key="ground-2")
            jobs.enqueue("probe_ground", 2, key="ground-2")
        assert [(w.key, w.ids) for w in jobs.unfinished()] == [("ground-2", (2,))]
        assert db.session.scalar(sa.select(Team).where(Team.name == "Lost")) is None


def lose_a_team():
    with transaction():
        team("Lost")
        jobs.enqueue("probe_ground", 1, key="ground-1")
        raise ZeroDivisionError


def test_reading_refuses_to_write(app, cast):
    with app.app_context(), intent.reading():
        with pytest.raises(RuntimeError, match="only read"):
            team("Sneaked in")
        db.session.rollback()


def test_the_log_is_a_chain_and_a_changed_row_breaks_it(app, cast):
    with app.app_context():
        with transaction():
            for number in range(3):
                record_event("team.renamed", by_id=cast.ada, subject="team", subject_id=number)
        with snapshot():
            assert first_broken_event() is None
        with transaction():
            db.session.execute(sa.text("UPDATE events SET subject_id = 9 WHERE id = 2"))
        with snapshot():
            assert first_broken_event() == 2
