"""The room with 500 comments and half an hour of words: server time and queries.

Run `python -m bench.room`. The rival reads the same threads the way most review tools do: one
query for the comments, then five for each (author, aim, replies, their authors, resolutions).
"""

from __future__ import annotations

import contextvars
import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from critique.accounts.login import COOKIE_KEY, digest
from critique.accounts.models import Person, SignIn
from critique.comments.models import Comment, Reply, Resolution
from critique.comments.operations import add_comment
from critique.comments.queries import newest_change, threads_of
from critique.comments.talk import talk_of
from critique.config import Settings
from critique.factory import create_app
from critique.plumbing import clock, schema
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Aim
from critique.walkthroughs.models import Transcript, Walkthrough
from tests.comments.conftest import Room, make_room
from tests.comments.crowd import crowd_threads
from tests.people import Cast, seat_cast

COMMENTS = (1, 50, 500)
MINUTES = 30
WORDS_A_MINUTE = 150
ROUNDS = 15
SPOKEN = (
    "so",
    "the",
    "total",
    "sits",
    "above",
    "the",
    "button",
    "and",
    "the",
    "rule",
    "is",
    "thin",
)


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn, _cursor, statement, *_rest):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def seat(app: Flask) -> tuple[Cast, Room]:
    with app.app_context(), transaction():
        cast = seat_cast()
        room = make_room(cast.team, cast.maya)
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        walkthrough.duration_ms = MINUTES * 60_000
        walkthrough.playable_key, walkthrough.playable_type = "none", "video/mp4"
        step = 60_000 // WORDS_A_MINUTE
        db.session.get_one(Transcript, room.transcript).words = [
            [at + 1, SPOKEN[at % len(SPOKEN)], at * step, at * step + step - 40, 0.9]
            for at in range(MINUTES * WORDS_A_MINUTE)
        ]
        return cast, room


def signed_in(app: Flask, person_id: int) -> FlaskClient:
    client = app.test_client()
    with app.app_context(), transaction():
        now = clock.now()
        later = now + timedelta(days=1)
        db.session.add(
            SignIn(person_id=person_id, digest=digest("bench"), started_at=now, expires_at=later)
        )
    with client.session_transaction() as session:
        session[COOKIE_KEY] = "bench"
    return client


def five_queries_a_comment(walkthrough_id: int) -> int:
    """Read the threads as the rival does; gives how many."""
    chosen = sa.select(Comment.__table__).where(Comment.walkthrough_id == walkthrough_id)
    comments = db.session.execute(chosen.order_by(Comment.start_ms)).all()
    for row in comments:
        db.session.execute(sa.select(Person.__table__).where(Person.id == row.author_id)).one()
        db.session.execute(sa.select(Aim.__table__).where(Aim.id == row.aim_id)).one_or_none()
        replies = db.session.execute(
            sa.select(Reply.__table__).where(Reply.comment_id == row.id)
        ).all()
        writers = [reply.author_id for reply in replies]
        db.session.execute(sa.select(Person.__table__).where(Person.id.in_(writers))).all()
        db.session.execute(
            sa.select(Resolution.__table__).where(Resolution.comment_id == row.id)
        ).all()
    return len(comments)


def ours(walkthrough_id: int) -> int:
    return len(talk_of(walkthrough_id))


def as_records(walkthrough_id: int) -> int:
    return len(threads_of(walkthrough_id))


def measured(app: Flask, work: Callable[[], object]) -> tuple[float, int]:
    """Median milliseconds and the number of statements of a piece of work."""
    times = []
    with app.app_context():
        with counted() as statements:
            contextvars.copy_context().run(work)
        queries = len([one for one in statements if one.startswith("SELECT")])
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            contextvars.copy_context().run(work)
            times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times), queries


def fresh(read: Callable[[int], int], walkthrough_id: int) -> None:
    with snapshot():
        read(walkthrough_id)
    db.session.remove()


def asked(client: FlaskClient, path: str, status: int) -> None:
    answer = contextvars.Context().run(client.get, path)
    assert answer.status_code == status, (path, answer.status_code)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-room-"))
    url = f"sqlite:///{folder / 'room.sqlite'}"
    app = create_app(Settings(folder, url, "http://localhost", "bench", demo=False))
    schema.upgrade(app)
    cast, room = seat(app)
    client = signed_in(app, cast.maya)
    print(f"{MINUTES} minutes of words, {MINUTES * WORDS_A_MINUTE} of them; median of {ROUNDS}")
    print(f"{'comments':>9} {'what':34} {'ms':>9} {'queries':>8}")
    have, threads = 0, f"/walkthroughs/{room.walkthrough}/threads"
    for wanted in COMMENTS:
        with app.app_context(), transaction():
            spread = MINUTES * 60_000 // max(COMMENTS) - 2
            people = [cast.oliver, cast.wei, cast.maya]
            step = 60_000 // WORDS_A_MINUTE
            crowd_threads(room, people, wanted - have - 1, spread_ms=spread, word_ms=step)
            before = newest_change(room.review)
            # The last one comes through the front door, so that there is an event to be asked for.
            add_comment(
                by=db.session.get_one(Person, cast.oliver),
                walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
                body="The last one.",
                start_ms=0,
            )
            newest = newest_change(room.review)
        have = wanted
        rows = {
            "the room, whole page": lambda: asked(client, f"/reviews/{room.review}", 200),
            "all threads as a partial": lambda: asked(client, threads, 200),
            "one thread changed, as a partial": lambda at=before: asked(
                client, f"{threads}?after={at}", 200
            ),
            "anything new? no": lambda at=newest: asked(client, f"{threads}?after={at}", 204),
            "reading the threads": lambda: fresh(ours, room.walkthrough),
            "the same as mapped records": lambda: fresh(as_records, room.walkthrough),
            "the rival: five queries a comment": lambda: fresh(
                five_queries_a_comment, room.walkthrough
            ),
        }
        found = {name: measured(app, work) for name, work in rows.items()}
        for name, (ms, queries) in found.items():
            print(f"{wanted:9} {name:34} {ms:9.1f} {queries:8}")
        rival, mine = found["the rival: five queries a comment"], found["reading the threads"]
        print(f"{'':9} ratio rival / ours {rival[0] / mine[0]:24.1f} {rival[1] / mine[1]:8.0f}")
        page = contextvars.Context().run(client.get, f"/reviews/{room.review}").data
        print(f"{'':9} the page: {len(page) // 1000} KB, {len(gzip.compress(page)) // 1000} zipped")


if __name__ == "__main__":
    sys.exit(main())
