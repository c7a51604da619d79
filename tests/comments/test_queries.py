"""What reading costs, in queries: the same for one thread and for five hundred."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.comments import talk
from critique.comments.models import Comment
from critique.comments.operations import remove_comment, resolve_comment
from critique.comments.queries import comments_since, newest_change, open_counts, threads_of
from critique.comments.talk import changed_since, talk_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.comments.crowd import crowd_threads
from tests.conftest import load_person


class Counted:
    """Statements that a piece of work sent."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __enter__(self):
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_):
        sa.event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _conn, _cursor, statement, *_rest):
        self.statements.append(statement)


def read_all(walkthrough: int) -> None:
    for thread in threads_of(walkthrough):
        names = [thread.author.name, thread.aim and thread.aim.text, thread.resolution]
        names += [(reply.author.name, reply.removed_by) for reply in thread.replies]
        names += [row.by.name for row in thread.resolutions]
        assert names
        assert thread.fingerprint


def test_threads_come_in_five_queries_whatever_their_number(app, cast, room):
    costs = []
    for wanted in (1, 50, 500):
        with app.app_context():
            with transaction():
                have = db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) or 0
                crowd_threads(room, [cast.oliver, cast.wei, cast.maya], wanted - have)
            with Counted() as counted, snapshot():
                read_all(room.walkthrough)
            costs.append(len([s for s in counted.statements if s.startswith("SELECT")]))
    assert costs == [5, 5, 5]


def test_rows_for_pages_say_what_the_records_say_in_four_queries(
    app, cast, room, say, answer, client_of
):
    removed = say("removed")
    answer(removed)
    with app.app_context(), transaction():
        crowd_threads(room, [cast.oliver, cast.wei, cast.maya], 12)
        comment = db.session.get_one(Comment, removed)
        remove_comment(by=load_person(cast.wei), comment=comment)
    with app.app_context():
        with Counted() as counted, snapshot():
            rows = talk_of(room.walkthrough)
        assert len([s for s in counted.statements if s.startswith("SELECT")]) == 4
        with snapshot():
            records = threads_of(room.walkthrough)
            assert len(rows) == 13
            for row, record in zip(rows, records, strict=True):
                assert (row.id, row.fingerprint) == (record.id, record.fingerprint)
                assert (row.author, row.body, row.quote) == (
                    record.author.name, record.body, record.quote,
                )  # fmt: skip
                assert row.aim == (record.aim and record.aim.text)
                assert row.removed_by == (record.removed_by and record.removed_by.name)
                assert [(r.author, r.body) for r in row.replies] == [
                    (r.author.name, r.body) for r in record.replies
                ]
                settled, done = row.resolution, record.resolution
                assert (settled and settled.by) == (done and done.by.name)
            some = [rows[3].id, rows[5].id]
            assert [row.id for row in talk_of(room.walkthrough, some)] == some
            assert talk_of(room.walkthrough, []) == []


def test_news_of_one_thread_cost_the_same_beside_one_and_beside_fifty(
    app, cast, room, say, answer, client_of
):
    comment = say()
    client = client_of(cast.maya)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    costs = []
    for more in (1, 50):
        with app.app_context(), transaction():
            crowd_threads(room, [cast.oliver, cast.wei], more)
        at = client.get(path).headers["Newest-Change"]
        answer(comment)
        with app.app_context(), Counted() as counted:
            text = client.get(f"{path}?after={at}").text
        assert text.count("<article") == 1
        costs.append(len(counted.statements))
    assert costs[0] == costs[1]


def test_many_changes_at_once_are_sent_as_the_whole(app, cast, room, say, monkeypatch):
    say("before")
    with app.app_context(), snapshot():
        at = newest_change(room.review)
    first, second = say(), say()
    with app.app_context(), snapshot():
        assert changed_since(room.review, at) == {first, second}
        monkeypatch.setattr(talk, "MANY_CHANGES", 1)
        assert changed_since(room.review, at) is None


def test_the_partial_costs_the_same_with_one_thread_and_with_fifty(app, cast, room, client_of):
    client = client_of(cast.maya)
    costs = []
    for wanted in (1, 50):
        with app.app_context(), transaction():
            have = db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) or 0
            crowd_threads(room, [cast.oliver, cast.wei, cast.maya], wanted - have)
        with app.app_context(), Counted() as counted:
            text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
        assert text.count("<article") == wanted
        costs.append(len(counted.statements))
    assert costs[0] == costs[1]


def test_the_question_that_every_room_asks_costs_three_queries_at_most(
    app, cast, room, say, client_of
):
    say()
    client = client_of(cast.maya)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    at = client.get(path).headers["Newest-Change"]
    with app.app_context(), Counted() as counted:
        assert client.get(f"{path}?after={at}").status_code == 204
    sent = [s for s in counted.statements if s.startswith("SELECT")]
    assert len(sent) <= 3, sent


def test_threads_stand_in_the_order_of_time(app, room, say):
    later, first, same = say("c", start_ms=5000), say("a", start_ms=10), say("b", start_ms=10)
    with app.app_context(), snapshot():
        assert [thread.id for thread in threads_of(room.walkthrough)] == [first, same, later]


def test_removed_threads_stay_only_while_somebody_answers_in_them(app, cast, room, say, answer):
    bare, answered = say("bare"), say("answered")
    answer(answered)
    with app.app_context(), transaction():
        for comment in (bare, answered):
            remove_comment(by=load_person(cast.wei), comment=db.session.get_one(Comment, comment))
    with app.app_context(), snapshot():
        threads = threads_of(room.walkthrough)
        assert [thread.id for thread in threads] == [answered]
        assert all(thread.standing for thread in threads)


def test_open_counts_leave_out_what_is_settled_removed_or_praise(app, cast, room, say):
    say("open")
    praise, settled, removed = say("nice", kind="praise"), say("settled"), say("removed")
    assert praise
    with app.app_context(), transaction():
        other = make_room(cast.team, cast.maya, title="Other")
        wei = load_person(cast.wei)
        resolve_comment(by=wei, comment=db.session.get_one(Comment, settled))
        remove_comment(by=wei, comment=db.session.get_one(Comment, removed))
    with app.app_context(), snapshot():
        assert open_counts([room.review, other.review]) == {room.review: 1}
        assert open_counts([]) == {}


def test_what_was_said_since_a_moment(app, cast, room, say):
    say("before")
    with app.app_context(), transaction():
        db.session.execute(sa.update(Comment).values(created_at=clock.now() - timedelta(hours=2)))
    after = say("after")
    with app.app_context(), snapshot():
        found = comments_since(room.review, clock.now() - timedelta(hours=1))
        assert [(comment.id, comment.author.name) for comment in found] == [(after, "Oliver")]


@pytest.mark.parametrize("closed", [False, True])
def test_the_newest_change_is_one_of_this_request(app, cast, room, say, closed):
    with app.app_context(), snapshot():
        assert newest_change(room.review) == 0
    say()
    with app.app_context(), transaction():
        before = newest_change(room.review)
        other = make_room(cast.team, cast.maya, title="Other")
    say("elsewhere", on=other.walkthrough)
    with app.app_context(), snapshot():
        assert newest_change(room.review) == before > 0
        assert newest_change(other.review) > before
        assert db.session.get_one(Walkthrough, room.walkthrough).version == 1
