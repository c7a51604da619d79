"""What people do in threads: what is kept, what is found, who may, and what stays refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.comments.models import Comment, Reply, Resolution
from critique.comments.operations import (
    add_comment,
    add_reply,
    edit_comment,
    edit_reply,
    remove_comment,
    remove_reply,
    reopen_comment,
    resolve_comment,
)
from critique.events.models import Event
from critique.events.record import first_broken_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid
from critique.plumbing.search import found_entries
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review
from critique.walkthroughs.models import Transcript, Walkthrough
from tests.comments.conftest import words
from tests.conftest import load_person


@pytest.fixture
def act(app, cast):
    """Run an operation as somebody on a comment (or reply) by id, in one transaction."""

    def run(operation, row_id, by, *, kind=Comment, **rest):
        name = "comment" if kind is Comment else "reply"
        with app.app_context(), transaction():
            row = db.session.get_one(kind, row_id)
            return operation(by=load_person(by), **{name: row}, **rest)

    return run


def events_of(app) -> list[tuple[str, int | None, int | None]]:
    with app.app_context(), snapshot():
        rows = db.session.scalars(
            sa.select(Event).where(Event.subject.in_(["comment", "reply"])).order_by(Event.id)
        )
        return [(row.verb, row.subject_id, row.review_id) for row in rows]


def found(app, cast, query):
    with app.app_context(), snapshot():
        return [
            (entry.source, entry.source_id, entry.start_ms)
            for entry in found_entries(query, team_ids=[cast.team])
        ]


def test_a_comment_on_words_keeps_their_quote_context_and_times(app, cast, room, say, stored):
    made = stored(say("Good.", start_ms=None, words=(3, 5), aim_id=room.aim))
    assert made["quote"] == "total sits above"
    assert made["quote_before"] == "so the"
    assert made["quote_after"] == "the button now and the rule is li"[:32]
    assert (made["start_ms"], made["end_ms"]) == (1000, 2400)
    assert (made["first_word"], made["last_word"]) == (3, 5)
    assert made["transcript_id"] == room.transcript
    assert made["aim_id"] == room.aim


def test_times_that_are_given_win_over_those_of_the_words(say, stored):
    made = stored(say(start_ms=900, end_ms=2600, words=(3, 5)))
    assert (made["start_ms"], made["end_ms"], made["quote"]) == (900, 2600, "total sits above")


def test_words_of_an_older_transcript_can_still_be_meant(app, room, say, stored):
    with app.app_context(), transaction():
        db.session.add(
            Transcript(
                walkthrough_id=room.walkthrough, revision=2, engine="whisper", draft=False,
                words=words("other words entirely", first_id=100), created_at=clock.now(),
            )
        )  # fmt: skip
    made = stored(say(start_ms=None, words=(3, 5), transcript_id=room.transcript))
    assert (made["quote"], made["transcript_id"]) == ("total sits above", room.transcript)
    with pytest.raises(Invalid) as refused:
        say(start_ms=None, words=(3, 5))
    assert set(refused.value.fields) == {"first_word"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start_ms": None}, "start_ms"),
        ({"start_ms": -1}, "start_ms"),
        ({"start_ms": 5000, "end_ms": 4999}, "end_ms"),
        ({"start_ms": 61_001}, "start_ms"),
        ({"start_ms": 1, "end_ms": 61_001}, "end_ms"),
        ({"start_ms": None, "words": (5, 3)}, "last_word"),
        ({"start_ms": None, "words": (999, 1000)}, "first_word"),
        ({"start_ms": None, "words": (3, 1000)}, "last_word"),
        ({"start_ms": None, "words": (None, 3)}, "first_word"),
        ({"start_ms": None, "words": (3, None)}, "last_word"),
        ({"aim_id": 9999}, "aim_id"),
    ],
)
def test_an_anchor_that_points_nowhere_is_refused_by_name(app, say, given, field):
    with pytest.raises(Invalid) as refused:
        say(**given)
    assert list(refused.value.fields) == [field]
    assert events_of(app) == []


def test_words_without_a_transcript_are_refused(app, room, say):
    with app.app_context(), transaction():
        db.session.execute(sa.delete(Transcript))
    with pytest.raises(Invalid) as refused:
        say(start_ms=None, words=(3, 5))
    assert list(refused.value.fields) == ["first_word"]


def test_an_edit_rewrites_the_words_and_never_the_anchor(app, cast, say, act, stored):
    comment = say(start_ms=None, words=(3, 5))
    before = stored(comment)
    act(edit_comment, comment, cast.oliver, revision=1, body="Much lighter.", weight="must_fix")
    after = stored(comment)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"body", "weight", "revision", "edited_at"}
    act(edit_comment, comment, cast.oliver, revision=2, body="Much lighter.")
    assert stored(comment)["revision"] == 2, "saying the same again is no edit"


def test_an_edit_over_an_older_revision_is_told_both_texts(cast, say, act, stored):
    comment = say("First.")
    act(edit_comment, comment, cast.oliver, revision=1, body="Second.")
    with pytest.raises(Conflict) as refused:
        act(edit_comment, comment, cast.oliver, revision=1, body="Third.")
    assert refused.value.extra == {"yours": "Third.", "theirs": "Second.", "revision": 2}
    assert stored(comment)["body"] == "Second."


def test_a_removed_comment_loses_its_words_and_keeps_its_replies(
    app, cast, say, answer, act, stored
):
    comment = say("Something unkind about grids.")
    reply = answer(comment, "Agreed on baselines.")
    act(remove_comment, comment, cast.wei)
    row = stored(comment)
    assert (row["body"], row["removed_by_id"]) == ("", cast.wei)
    assert row["removed_at"] is not None
    assert stored(reply, Reply)["body"] == "Agreed on baselines."
    assert found(app, cast, "unkind grids") == []
    assert found(app, cast, "baselines") == [("comment", comment, 1000)]
    act(remove_comment, comment, cast.ada)
    assert stored(comment)["removed_by_id"] == cast.wei, "removing twice changes nothing"
    with pytest.raises(Conflict, match="Wei removed"):
        act(add_reply, comment, cast.maya, body="But")
    with pytest.raises(Conflict):
        act(edit_comment, comment, cast.oliver, revision=1, body="Kinder")
    with pytest.raises(Conflict):
        act(resolve_comment, comment, cast.maya)


def test_replies_are_written_rewritten_and_taken_back(app, cast, say, answer, act, stored):
    comment = say()
    reply = answer(comment, "Thinner tomorrow.")
    act(edit_reply, reply, cast.maya, kind=Reply, revision=1, body="Thinner today.")
    assert stored(reply, Reply)["revision"] == 2
    with pytest.raises(Conflict) as refused:
        act(edit_reply, reply, cast.maya, kind=Reply, revision=1, body="Thinner never.")
    assert refused.value.extra["theirs"] == "Thinner today."
    assert found(app, cast, "thinner today") == [("comment", comment, 1000)]
    act(remove_reply, reply, cast.maya, kind=Reply)
    assert found(app, cast, "thinner") == []
    assert stored(reply, Reply)["body"] == ""


def test_settling_is_a_row_and_saying_it_again_is_nothing(app, cast, say, act):
    comment = say()
    act(resolve_comment, comment, cast.maya, how="done", note="Now 1 px.")
    act(resolve_comment, comment, cast.oliver, how="done", note="Now 1 px.")
    act(resolve_comment, comment, cast.maya, how="wont_do", note="Brand says 2 px.")
    act(reopen_comment, comment, cast.oliver)
    act(reopen_comment, comment, cast.oliver)
    with app.app_context(), snapshot():
        rows = db.session.scalars(sa.select(Resolution).order_by(Resolution.id)).all()
        assert [(r.how, r.by_id, r.reopened_by_id) for r in rows] == [
            ("done", cast.maya, cast.maya),
            ("wont_do", cast.maya, cast.oliver),
        ]
        assert db.session.get_one(Comment, comment).resolution is None
    verbs = [verb for verb, _, _ in events_of(app)]
    assert verbs == ["comment.added", "comment.resolved", "comment.resolved", "comment.reopened"]


def test_every_change_is_one_event_of_the_request_and_holds_no_words(
    app, cast, room, say, answer, act
):
    comment = say("A very particular sentence.")
    reply = answer(comment, "Another particular one.")
    act(edit_comment, comment, cast.oliver, revision=1, body="Particularly changed.")
    act(edit_reply, reply, cast.maya, kind=Reply, revision=1, body="Particularly too.")
    act(remove_reply, reply, cast.maya, kind=Reply)
    act(remove_comment, comment, cast.oliver)
    assert events_of(app) == [
        ("comment.added", comment, room.review),
        ("reply.added", reply, room.review),
        ("comment.edited", comment, room.review),
        ("reply.edited", reply, room.review),
        ("reply.removed", reply, room.review),
        ("comment.removed", comment, room.review),
    ]
    with app.app_context(), snapshot():
        assert first_broken_event() is None
        for event in db.session.scalars(sa.select(Event)):
            assert "articular" not in repr(vars(event))


def test_who_may_do_what(app, cast, say, answer, act):
    comment = say()
    reply = answer(comment)
    for operation, row, kind, rest in (
        (edit_comment, comment, Comment, {"revision": 1, "body": "Mine now"}),
        (edit_reply, reply, Reply, {"revision": 1, "body": "Mine now"}),
    ):
        for other in (cast.wei, cast.ada):
            with pytest.raises(Forbidden):
                act(operation, row, other, kind=kind, **rest)
    with pytest.raises(Forbidden):
        act(remove_comment, comment, cast.maya)
    with pytest.raises(Forbidden):
        act(remove_reply, reply, cast.oliver, kind=Reply)
    other = say("Maya's own note", by=cast.maya)
    with pytest.raises(Forbidden):
        act(resolve_comment, other, cast.oliver)
    for person in (cast.maya, cast.wei, cast.ada):
        act(resolve_comment, other, person)
        act(reopen_comment, other, person)


def test_nothing_is_written_on_a_closed_request(app, cast, room, say, answer, act, stored):
    comment = say()
    reply = answer(comment)
    act(resolve_comment, comment, cast.maya)
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    before = (stored(comment), stored(reply, Reply), events_of(app))
    attempts = [
        lambda: say("Late."),
        lambda: answer(comment, "Late."),
        lambda: act(edit_comment, comment, cast.oliver, revision=1, body="Late."),
        lambda: act(remove_comment, comment, cast.oliver),
        lambda: act(resolve_comment, comment, cast.maya, how="unclear"),
        lambda: act(reopen_comment, comment, cast.maya),
        lambda: act(edit_reply, reply, cast.maya, kind=Reply, revision=1, body="Late."),
        lambda: act(remove_reply, reply, cast.maya, kind=Reply),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "closed"
    assert (stored(comment), stored(reply, Reply), events_of(app)) == before


def test_the_same_page_sent_twice_posts_once(app, say, answer, stored):
    first = say("Once.", once="token-of-a-page")
    assert say("Once.", once="token-of-a-page") == first
    assert say("Twice.", once="token-of-a-page") != first, "other words are never lost"
    assert say("Once.", once="another-page-token") != first
    reply = answer(first, "Yes.", once="token-of-a-page")
    assert answer(first, "Yes.", once="token-of-a-page") == reply
    assert len(events_of(app)) == 4


def test_a_comment_its_event_and_its_search_entry_go_together(app, cast, room):
    with app.app_context():
        add_comment(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            body="Lost",
            start_ms=0,
        )
        db.session.rollback()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 0
        assert db.session.get_one(Review, room.review).title == "Checkout"
        db.session.rollback()
    assert found(app, cast, "lost") == []
