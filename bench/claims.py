"""Eight mentors in eight processes reach for the same request, 250 times: 2,000 tries.

Run `python -m bench.claims`, or with CRITIQUE_DATABASE_URL on PostgreSQL (an empty database). Every
time exactly one may win and the other seven have to learn whose it is; who won gives it back before
the next request.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from critique.accounts.models import Membership, Person, Team
from critique.config import Settings
from critique.events.models import Event
from critique.factory import create_app
from critique.mentoring.operations import claim_review, release_claim
from critique.plumbing import clock, schema
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review

MENTORS = 8
REQUESTS = 250

Outcome = tuple[int, int, float]


def made(data: Path, url: str) -> Flask:
    return create_app(
        Settings(data=data, database_url=url, base_url="http://localhost", secret_key="bench")
    )


def fill() -> None:
    now = clock.now()
    db.session.add(Team(id=1, name="Juniper", zone="UTC", created_at=now))
    for number in range(1, MENTORS + 2):
        db.session.add(
            Person(id=number, name=f"P{number}", email=f"{number}@example.com", created_at=now)
        )
        db.session.flush()
        db.session.add(Membership(team_id=1, person_id=number, role="mentor", joined_at=now))
    db.session.execute(
        sa.insert(Review),
        [
            {"id": n, "team_id": 1, "author_id": MENTORS + 1, "title": f"{n}", "created_at": now}
            for n in range(1, REQUESTS + 1)
        ],
    )


def reach(data: Path, url: str, person_id: int, together: Barrier) -> list[Outcome]:
    """One mentor's tries as (request, who holds it then, milliseconds)."""
    found: list[Outcome] = []
    with made(data, url).app_context():
        for review_id in range(1, REQUESTS + 1):
            together.wait()
            began = time.perf_counter()
            try:
                with transaction():
                    claim_review(by=db.session.get_one(Person, person_id), review_id=review_id)
                holder = person_id
            except Conflict as refused:
                holder = int(refused.extra["claimed_by"].removeprefix("P"))
            found.append((review_id, holder, (time.perf_counter() - began) * 1000))
            together.wait()
            if holder == person_id:
                with transaction():
                    release_claim(by=db.session.get_one(Person, person_id), review_id=review_id)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        url = os.environ.get("CRITIQUE_DATABASE_URL") or f"sqlite:///{data}/bench.sqlite"
        app = made(data, url)
        schema.upgrade(app)
        with app.app_context(), transaction():
            fill()
        spawn = multiprocessing.get_context("spawn")
        with spawn.Manager() as manager, spawn.Pool(MENTORS) as pool:
            together = manager.Barrier(MENTORS)
            told = pool.starmap(reach, [(data, url, n, together) for n in range(1, MENTORS + 1)])
        winners = Counter(
            review_id
            for person_id, tries in enumerate(told, 1)
            for review_id, holder, _ in tries
            if holder == person_id
        )
        holders = [{tries[n][1] for tries in told} for n in range(REQUESTS)]
        with app.app_context():
            claimed = db.session.scalar(
                sa.select(sa.func.count(Event.id)).where(Event.verb == "claim.claimed")
            )
    times = sorted(ms for tries in told for *_, ms in tries)
    print(f"tries {len(times):,} by {MENTORS} processes on {sa.make_url(url).get_backend_name()}")
    print(f"requests with one winner {sum(n == 1 for n in winners.values())} of {REQUESTS}")
    print(f"with more than one {sum(n > 1 for n in winners.values())}, events written {claimed}")
    print(f"all eight told the same name {sum(len(names) == 1 for names in holders)} times")
    print(f"a try takes {statistics.median(times):.1f} ms, p99 {times[-len(times) // 100]:.0f} ms")


if __name__ == "__main__":
    main()
