"""The queue page with 100, 10,000 and 100,000 open requests, beside sorting them all in Python.

Run `python -m bench.queue`, or with CRITIQUE_DATABASE_URL on PostgreSQL (an empty database). Half
of the requests ask for a skill the mentor has, a tenth names the mentor, a tenth is answered, and
closed requests lie beside the open ones. The page is the whole request: signed in, read, rendered.
`as whole`: how many of the first page stand where they stand when everything is weighed. `last
page` is the twentieth, behind which nothing is shown.
"""

from __future__ import annotations

import contextvars
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from critique.accounts.login import COOKIE_KEY, digest
from critique.accounts.models import Membership, Person, PersonSkill, SignIn, Team
from critique.comments.models import Comment
from critique.config import Settings
from critique.factory import create_app
from critique.mentoring import window
from critique.mentoring.models import Claim, Turn
from critique.mentoring.queries import LAST_PAGE, PAGE, queue_for
from critique.mentoring.queue import standing_in
from critique.plumbing import clock, schema
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review, Reviewer, WantedSkill
from critique.reviews.queries import with_details
from critique.walkthroughs.models import Walkthrough

SIZES = (100, 10_000, 100_000)
SPREAD = SIZES[1]
# Beside each of the first 10,000; as many as a team of years has.
CLOSED_BESIDE = 10
# Loading more of them takes the rival minutes.
RIVAL_UP_TO = SIZES[1]
NOW = clock.now()


def fill(first: int, upto: int) -> None:
    """Add open requests number `first` to `upto`, and closed ones beside them."""
    spread = timedelta(hours=400) / SPREAD
    rows, skills, asked, shown, said, moves = [], [], [], [], [], []
    for number in range(first, upto):
        # The order of ids says nothing about the order of deadlines.
        due = NOW + spread * (number * 7919 % SPREAD) - timedelta(hours=20)
        rows.append(row_of(number + 1, due, closed=False))
        skills.append({"review_id": number + 1, "skill": ("typography", "motion")[number % 2]})
        if number % 10 == 3:
            asked.append({"review_id": number + 1, "person_id": 2, "asked_at": NOW})
            moves.append(turn_of(number + 1, 2, "requested"))
        shown.append(version_of(number + 1))
        if number % 10 == 7:
            said.append(comment_of(number + 1))
            moves.append(turn_of(number + 1, 1, "replied"))
            moves.append(turn_of(number + 1, 3, "claimed", ended=NOW))
        for beside in range(CLOSED_BESIDE if number < SPREAD else 0):
            old = NOW - timedelta(days=30, minutes=number)
            rows.append(row_of(1_000_000 + number * CLOSED_BESIDE + beside, old, closed=True))
    for model, values in (
        (Review, rows),
        (WantedSkill, skills),
        (Reviewer, asked),
        (Walkthrough, shown),
        (Comment, said),
        (Turn, moves),
    ):
        db.session.execute(sa.insert(model), values)


def row_of(number: int, due: object, *, closed: bool) -> dict[str, object]:
    return {
        "id": number, "team_id": 1, "author_id": 1, "title": f"Request {number}",
        "review_by": due, "closed": closed, "created_at": NOW,
    }  # fmt: skip


def turn_of(
    review_id: int, person_id: int, reason: str, ended: datetime | None = None
) -> dict[str, object]:
    return {
        "review_id": review_id, "person_id": person_id, "reason": reason,
        "since": NOW - timedelta(minutes=9), "ended_at": ended,
        "ended_how": "answered" if ended else None,
    }  # fmt: skip


def version_of(number: int) -> dict[str, object]:
    return {
        "id": number, "review_id": number, "version": 1, "uploaded_by_id": 1,
        "filename": "walk.mp4", "state": "ready", "created_at": NOW, "duration_ms": 240_000,
    }  # fmt: skip


def comment_of(number: int) -> dict[str, object]:
    return {
        "walkthrough_id": number, "author_id": 3, "body": "Yes.", "start_ms": 0, "end_ms": 0,
        "created_at": NOW,
    }  # fmt: skip


def seat() -> None:
    db.session.add(Team(id=1, name="Juniper", zone="UTC", created_at=NOW))
    for number, name in enumerate(("Maya", "Oliver", "Wei"), 1):
        person = Person(id=number, name=name, email=f"{name}@example.com", created_at=NOW)
        person.skills = [PersonSkill(skill="typography")]
        db.session.add(person)
        db.session.flush()
        db.session.add(Membership(team_id=1, person_id=number, role="lead", joined_at=NOW))


def rival(mentor: Person) -> list[Review]:
    """Load every open request with its parts, judge and sort in Python, keep the first page."""
    chosen = with_details(sa.select(Review).where(Review.closed.is_(False), Review.team_id == 1))
    reviews = db.session.scalars(chosen).all()
    held = {
        claim.review_id: claim.person_id
        for claim in db.session.scalars(sa.select(Claim).where(Claim.until > NOW))
    }
    skills = set(mentor.skill_names)

    def place(review: Review) -> tuple[int, object, int]:
        mine = held.get(review.id) == mentor.id or any(
            row.person_id == mentor.id for row in review.reviewers
        )
        fits = any(row.skill in skills for row in review.skills)
        return (0 if mine else 1 if fits else 2, review.review_by, review.id)

    return sorted((r for r in reviews if r.author_id != mentor.id), key=place)[:PAGE]


def measured(work: Callable[[], object], rounds: int) -> tuple[float, int]:
    """Median milliseconds in a fresh session, and the number of queries."""
    times, queries = [], 0
    for turn in range(rounds + 1):
        db.session.remove()
        counted: list[int] = []

        def note(*_: object, into: list[int] = counted) -> None:
            into.append(1)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        began = time.perf_counter()
        work()
        if turn:  # the first one compiles statements and templates
            times.append((time.perf_counter() - began) * 1000)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        queries = len(counted)
    return statistics.median(times), queries


def as_mentor(work: Callable[[Person], object]) -> Callable[[], object]:
    """The same for the mentor, in a snapshot."""

    def run() -> object:
        with snapshot():
            return work(db.session.get_one(Person, 2))

    return run


def page_of(app: Flask) -> Callable[[], object]:
    """The queue page as the mentor's browser asks for it."""
    client = app.test_client()
    secret = secrets.token_hex(16)
    with transaction():
        db.session.add(
            SignIn(person_id=2, digest=digest(secret), started_at=NOW,
                   expires_at=NOW + timedelta(days=1))
        )  # fmt: skip
    with client.session_transaction() as session:
        session[COOKIE_KEY] = secret

    def ask() -> None:
        # A context of its own, as a server gives each request.
        answer = contextvars.Context().run(client.get, "/queue")
        assert answer.status_code == 200, answer.status

    return ask


def same_as_whole() -> int:
    """How many requests of the first page stand where weighing everything puts them."""
    shown = as_mentor(lambda m: [one.review_id for one in standing_in(m, NOW, PAGE)])
    here, usual = shown(), window.WINDOW
    window.WINDOW = 10**7
    whole = shown()
    window.WINDOW = usual
    return sum(one == other for one, other in zip(here, whole, strict=True))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("CRITIQUE_DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite"
        app = create_app(
            Settings(data=Path(folder), database_url=url, base_url="http://localhost",
                     secret_key="bench")
        )  # fmt: skip
        app.config["RATELIMIT_ENABLED"] = False
        schema.upgrade(app)
        print("   open  the page  queries  its order  last page  as whole      rival  ratio")
        with app.app_context():
            filled, page = 0, None
            for size in SIZES:
                with transaction():
                    if not filled:
                        seat()
                    fill(filled, size)
                    if "sqlite" not in url:
                        db.session.execute(sa.text("ANALYZE"))  # PostgreSQL does it by itself
                filled, page = size, page or page_of(app)
                whole, queries = measured(page, rounds=15)
                ours, _ = measured(as_mentor(lambda m: queue_for(m, NOW)), rounds=15)
                end = min(size // PAGE, LAST_PAGE)
                last, _ = measured(
                    as_mentor(lambda m, page=end: queue_for(m, NOW, page=page)), rounds=1
                )
                line = (
                    f"{size:>7,}  {whole:>5.1f} ms  {queries:>7}  {ours:>6.1f} ms  {last:>6.0f} ms"
                )
                if size <= RIVAL_UP_TO:
                    line += f"  {same_as_whole():>2} of {PAGE}"
                    theirs, _ = measured(as_mentor(rival), rounds=2)
                    line += f"  {theirs:>6.0f} ms  {theirs / ours:>4.0f}x"
                print(line, flush=True)


if __name__ == "__main__":
    main()
