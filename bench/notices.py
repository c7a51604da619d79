"""What notices cost: a comment's listeners, the bell, and a round of the schedule at 09:00.

Run `python -m bench notices`, or with CRITIQUE_DATABASE_URL on PostgreSQL (an empty database).
Everybody's morning comes in the same minute, which is the worst there is; the rival is loading
everybody's calendar in each round.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from critique.accounts.models import Membership, Person, Team
from critique.activity import due, recipients
from critique.activity.letters import write_digest_of
from critique.activity.models import Notice
from critique.activity.queries import unseen_of, wishes_of
from critique.activity.reach import calendar_of
from critique.comments.operations import add_comment
from critique.config import Settings
from critique.factory import create_app
from critique.mentoring.clock import can_be_reached
from critique.plumbing import clock, schema
from critique.plumbing.db import db
from critique.plumbing.hours import DEFAULT_HOURS
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough

PEOPLE = 10_000
NIGHT = datetime(2026, 11, 26, 3, tzinfo=UTC)
MORNING = datetime(2026, 11, 26, 9, tzinfo=UTC)
TRIES = 15


def fill() -> None:
    """A team of 10,000, one request of the first person's with a version."""
    db.session.add(Team(id=1, name="All", zone="UTC", created_at=NIGHT))
    people = [
        {"id": n, "email": f"{n}@x.org", "name": f"P{n}", "zone": "UTC", "created_at": NIGHT,
         "hours": DEFAULT_HOURS.to_json(), "level": "mid", "coffee_in": True}
        for n in range(1, PEOPLE + 1)
    ]  # fmt: skip
    members = [
        {"team_id": 1, "person_id": row["id"], "role": "mentor", "joined_at": NIGHT}
        for row in people
    ]
    db.session.flush()
    db.session.execute(sa.insert(Person), people)
    db.session.execute(sa.insert(Membership), members)
    review = Review(team_id=1, author_id=1, title="Checkout", created_at=NIGHT)
    db.session.add(
        Walkthrough(
            review=review, version=1, uploaded_by_id=1, filename="a.mp4", state="ready",
            duration_ms=60_000, created_at=NIGHT,
        )
    )  # fmt: skip


def timed(work: Callable[[], object], tries: int = TRIES) -> float:
    """Median of some runs, in ms."""
    spent = []
    for _ in range(tries):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def look(now: datetime) -> Callable[[], None]:
    def round_of_the_schedule() -> None:
        with transaction():
            due.enqueue_due_digests(now)
            due.tell_of_ending_claims(now)
            due.enqueue_due_asks(now)

    return round_of_the_schedule


def everybody() -> None:
    """The rival: whether it is anybody's morning, by looking at everybody."""
    with snapshot():
        for person in db.session.scalars(sa.select(Person)):
            can_be_reached(calendar_of(person, wishes_of(person.id)), MORNING)


def comment() -> None:
    with transaction():
        add_comment(
            by=db.session.get_one(Person, 2),
            walkthrough=db.session.get_one(Walkthrough, 1),
            body="Too heavy.", start_ms=1000,
        )  # fmt: skip


def bell() -> None:
    with snapshot():
        unseen_of(db.session.get_one(Person, 1))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("CRITIQUE_DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite"
        app = create_app(
            Settings(data=Path(folder), database_url=url, base_url="http://x", secret_key="x")
        )
        schema.upgrade(app)
        with app.app_context():
            with transaction():
                fill()
            clock.now = lambda: NIGHT  # type: ignore[assignment]
            told = timed(comment)
            rules = dict(recipients.RULES)
            recipients.RULES.clear()
            untold = timed(comment)
            recipients.RULES.update(rules)
            print(f"comment with its notice   {told:7.1f} ms   {told / untold:5.2f} of one without")
            print(f"the bell                  {timed(bell):7.1f} ms")
            rounds = [timed(look(NIGHT), 1) for _ in range(PEOPLE // due.AT_ONCE)]
            print(f"a round, plans to make    {statistics.median(rounds):7.1f} ms")
            idle = timed(look(NIGHT + timedelta(minutes=1)))
            rival = timed(everybody, 3)
            print(
                f"a round, nothing due      {idle:7.1f} ms   rival {rival / idle:5.0f} times that"
            )
            clock.now = lambda: MORNING  # type: ignore[assignment]
            rounds = [timed(look(MORNING), 1) for _ in range(40)]
            print(
                f"a round at 09:00          {statistics.median(rounds):7.1f} ms for {due.AT_ONCE}"
            )
            with transaction():
                db.session.execute(sa.update(Notice).values(at=MORNING - timedelta(hours=5)))
            people = iter(range(1, PEOPLE))
            one = timed(lambda: write_digest_of(next(people), MORNING.date()))
            print(f"one digest                {one:7.1f} ms")
            db.engine.dispose()


if __name__ == "__main__":
    main()
