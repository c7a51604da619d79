"""Two people at the same instant: each act counts once, nothing is overwritten without a word."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from critique.comments.models import Comment, Reply
from critique.comments.operations import (
    add_comment,
    add_reply,
    edit_comment,
    remove_comment,
    reopen_comment,
    resolve_comment,
)
from critique.events.models import Event
from critique.events.record import first_broken_event
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person


@pytest.fixture
def at_once(app):
    """Run calls in threads that start together; gives what each returned or raised, in order."""

    def run(*calls: Callable[[], object]) -> list[object]:
        gate = threading.Barrier(len(calls))
        results: list[object] = [None] * len(calls)

        def one(place: int, call: Callable[[], object]) -> None:
            with app.app_context():
                gate.wait()
                try:
                    with transaction():
                        results[place] = call()
                except Conflict as error:
                    results[place] = error
                finally:
                    db.session.remove()

        threads = [
            threading.Thread(target=one, args=(place, call)) for place, call in enumerate(calls)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run


def verbs(app) -> list[str]:
    with app.app_context(), snapshot():
        assert first_broken_event() is None
        return list(
            db.session.scalars(
                sa.select(Event.verb).where(Event.subject != "turn").order_by(Event.id)
            )
        )


def load(comment_id: int) -> Comment:
    return db.session.get_one(Comment, comment_id)


def test_two_who_resolve_alike_make_one_row(app, cast, say, at_once):
    comment = say()
    people = [cast.maya, cast.oliver, cast.wei, cast.ada]
    rows = at_once(
        *(
            lambda by=by: resolve_comment(by=load_person(by), comment=load(comment)).id
            for by in people
        )
    )
    assert len(set(rows)) == 1
    assert verbs(app) == ["comment.added", "comment.resolved"]


def test_two_edits_of_one_revision_the_second_is_told_both_texts(app, cast, say, at_once, stored):
    comment = say("Old.")
    results = at_once(
        *(
            lambda body=body: (
                edit_comment(
                    by=load_person(cast.oliver), comment=load(comment), revision=1, body=body
                ).body
            )
            for body in ("One.", "Two.")
        )
    )
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 1
    now = stored(comment)
    assert now["revision"] == 2
    assert refused[0].extra["theirs"] == now["body"]
    assert {refused[0].extra["yours"], now["body"]} == {"One.", "Two."}


def test_an_edit_and_a_removal_never_bring_the_words_back(app, cast, say, at_once, stored):
    comment = say("Old.")
    at_once(
        lambda: remove_comment(by=load_person(cast.wei), comment=load(comment)).id,
        lambda: (
            edit_comment(
                by=load_person(cast.oliver), comment=load(comment), revision=1, body="New."
            ).id
        ),
    )
    assert stored(comment)["body"] == ""
    assert verbs(app)[-1] == "comment.removed"


def test_removed_by_two_is_removed_once(app, cast, say, at_once):
    comment = say()
    at_once(
        *(
            lambda by=by: remove_comment(by=load_person(by), comment=load(comment)).id
            for by in (cast.oliver, cast.wei, cast.ada)
        )
    )
    assert verbs(app) == ["comment.added", "comment.removed"]


def test_a_reply_and_a_removal_agree_on_what_stood_there(app, cast, say, at_once, stored):
    comment = say()
    _, replied = at_once(
        lambda: remove_comment(by=load_person(cast.oliver), comment=load(comment)).id,
        lambda: add_reply(by=load_person(cast.maya), comment=load(comment), body="Yes.").id,
    )
    order = verbs(app)[1:]
    if isinstance(replied, Conflict):
        assert order == ["comment.removed"]
    else:
        assert order == ["reply.added", "comment.removed"]


def test_a_form_sent_by_two_connections_posts_once(app, cast, room, at_once):
    def post() -> int:
        return add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="Only once.",
            start_ms=0,
            once="the-token-of-one-page",
        ).id

    assert len(set(at_once(post, post, post, post))) == 1
    assert verbs(app) == ["comment.added"]


def test_a_reply_sent_by_two_connections_is_one(app, cast, say, at_once):
    comment = say()

    def post() -> int:
        return add_reply(
            by=load_person(cast.maya), comment=load(comment), body="Yes.", once="one-page-token"
        ).id

    assert len(set(at_once(post, post, post, post))) == 1
    with app.app_context(), snapshot():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Reply)) == 1


def test_nothing_is_said_after_the_request_was_closed(app, cast, room, at_once):
    def post() -> int:
        return add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="In time?",
            start_ms=0,
        ).id

    at_once(
        post,
        lambda: close_review(by=load_person(cast.maya), review_id=room.review).id,
        post,
        post,
    )
    order = verbs(app)
    assert order[-1] == "review.closed", "what came later was refused"


def test_resolving_and_reopening_at_once_ends_in_one_of_the_two(app, cast, say, at_once):
    comment = say()
    at_once(
        lambda: resolve_comment(by=load_person(cast.maya), comment=load(comment)).id,
        lambda: reopen_comment(by=load_person(cast.oliver), comment=load(comment)).id,
    )
    changes = verbs(app)[1:]
    assert changes in (["comment.resolved"], ["comment.resolved", "comment.reopened"])
