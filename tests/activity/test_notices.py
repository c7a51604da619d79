"""Who is told what, when it counts as read, and what is never told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership
from critique.accounts.operations import end_membership
from critique.activity.operations import mute_review, see_review
from critique.comments.models import Comment, Reply
from critique.comments.operations import (
    edit_comment,
    give_verdict,
    remove_comment,
    remove_reply,
    reopen_comment,
    resolve_comment,
)
from critique.comments.operations.resolutions import confirm_resolution
from critique.events.record import record_event
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review
from critique.walkthroughs.models import Walkthrough
from tests.activity.conftest import WEDNESDAY
from tests.conftest import load_person


def kinds(notices) -> list[str]:
    return [notice.kind for notice in notices]


def act(app, operation, **arguments):
    """One operation in a transaction of its own; `by` is an id, `comment` too."""
    with app.app_context(), transaction():
        arguments["by"] = load_person(arguments["by"])
        if isinstance(arguments.get("comment"), int):
            arguments["comment"] = db.session.get_one(Comment, arguments["comment"])
        return operation(**arguments)


def record(app, verb, room, cast, *, by, **details):
    with app.app_context(), transaction():
        record_event(
            verb, by_id=by, subject="turn", subject_id=None, team_id=cast.team,
            review_id=room.review, details=details,
        )  # fmt: skip


def test_the_author_hears_of_a_comment_and_nobody_hears_of_their_own(cast, room, say, told_to):
    say()
    [notice] = told_to(cast.maya)
    assert (notice.kind, notice.direct, notice.seen_at) == ("commented", False, None)
    assert told_to(cast.oliver) == []
    assert told_to(cast.wei) == []


def test_who_is_named_is_asked_directly_once_however_often_it_is_edited(
    app, cast, room, say, told_to
):
    comment = say("@Wei, is that what you decided?")
    act(app, edit_comment, by=cast.oliver, comment=comment, revision=1, body="@Wei, is it? @Ada?")
    act(app, edit_comment, by=cast.oliver, comment=comment, revision=2, body="@Ada @Wei?")
    for person in (cast.wei, cast.ada):
        [notice] = told_to(person)
        assert (notice.kind, notice.direct) == ("mentioned", True)
    assert kinds(told_to(cast.maya)) == ["commented"]


def test_an_answer_is_told_to_everybody_in_the_thread(cast, room, say, answer, told_to, at):
    comment = say()
    answer(comment, by=cast.wei)
    at.move_to(WEDNESDAY + timedelta(minutes=5))
    answer(comment)
    assert kinds(told_to(cast.oliver)) == ["replied", "replied"]
    assert kinds(told_to(cast.wei)) == ["replied"]
    assert kinds(told_to(cast.maya)) == ["commented", "replied"]


def test_what_was_done_goes_to_who_said_it_and_back(app, cast, room, say, told_to, at):
    comment = say()
    act(app, resolve_comment, by=cast.maya, comment=comment)
    at.move_to(WEDNESDAY + timedelta(minutes=5))
    act(app, confirm_resolution, by=cast.oliver, comment=comment)
    at.move_to(WEDNESDAY + timedelta(minutes=10))
    act(app, reopen_comment, by=cast.oliver, comment=comment)
    assert kinds(told_to(cast.oliver)) == ["answered"]
    assert kinds(told_to(cast.maya)) == ["commented", "confirmed", "taken_up"]


def test_a_question_back_is_one_notice_and_asks(app, cast, room, say, told_to):
    comment = say()
    act(app, resolve_comment, by=cast.maya, comment=comment, how="asked", note="Which rule?")
    [notice] = told_to(cast.oliver)
    assert (notice.kind, notice.direct) == ("answered", True)
    assert "reply_id" in notice.details


def test_a_sent_review_is_told_once_with_its_comments(app, cast, room, told_to):
    with app.app_context(), transaction():
        from critique.comments.operations import add_draft

        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        for body in ("Too heavy.", "Too light, @Wei?"):
            add_draft(
                by=load_person(cast.oliver), walkthrough=walkthrough, body=body, start_ms=1000
            )
    with app.app_context(), transaction():
        give_verdict(
            by=load_person(cast.oliver),
            walkthrough=db.session.get_one(Walkthrough, room.walkthrough),
            verdict="another_round",
        )
    [notice] = told_to(cast.maya)
    assert (notice.kind, notice.details["comments"]) == ("verdict", 2)
    assert kinds(told_to(cast.wei)) == ["mentioned"]


def test_a_version_is_told_to_who_looks_at_it(app, cast, room, say, told_to):
    say(by=cast.wei)

    def posted(walkthrough_id, subject="walkthrough"):
        with app.app_context(), transaction():
            record_event(
                "walkthrough.posted", by_id=cast.maya, subject=subject, subject_id=walkthrough_id,
                team_id=cast.team, review_id=room.review,
            )  # fmt: skip

    posted(room.walkthrough)
    [asked] = told_to(cast.oliver)
    assert (asked.kind, asked.details["reason"], asked.direct) == ("turn", "requested", True)
    with app.app_context(), transaction():
        later = Walkthrough(
            review_id=room.review, version=2, uploaded_by_id=cast.maya, filename="b.mp4",
            state="ready", created_at=WEDNESDAY,
        )  # fmt: skip
        db.session.add(later)
        db.session.flush()
        number = later.id
    posted(number, subject="recording")
    assert kinds(told_to(cast.wei)) == []
    posted(number)
    assert kinds(told_to(cast.wei)) == ["version"]
    assert told_to(cast.wei)[0].details == {"version": 2}


@pytest.mark.parametrize("turn_first", [True, False])
def test_a_turn_and_its_cause_are_one_notice(app, cast, room, say, told_to, turn_first):
    turn = {"by": cast.oliver, "person_id": cast.maya, "reason": "asked"}
    if turn_first:
        record(app, "turn.given", room, cast, **turn)
    comment = say()
    if not turn_first:
        record(app, "turn.given", room, cast, **turn, comment_id=comment)
    [notice] = told_to(cast.maya)
    assert (notice.kind, notice.direct, notice.comment_id) == ("commented", True, comment)
    assert notice.details["reason"] == "asked"


def test_a_turn_without_a_cause_stands_alone_and_is_settled_when_it_ends(
    app, cast, room, told_to, at
):
    record(app, "turn.given", room, cast, by=None, person_id=cast.wei, reason="handed_over")
    record(app, "turn.given", room, cast, by=None, person_id=cast.maya, reason="fell_back")
    record(app, "turn.given", room, cast, by=cast.wei, person_id=cast.ada, reason="replied")
    assert [(n.kind, n.direct) for n in told_to(cast.wei)] == [("turn", True)]
    assert [(n.kind, n.direct) for n in told_to(cast.maya)] == [("turn", False)]
    assert told_to(cast.ada) == []
    record(app, "turn.ended", room, cast, by=None, person_id=cast.wei, reason="handed_over")
    assert told_to(cast.wei)[0].settled_at == WEDNESDAY


def test_closing_settles_every_ask(app, cast, room, say, told_to):
    say("@Wei?")
    act(app, close_review, by=cast.maya, review_id=room.review)
    asked, closed = told_to(cast.wei)[0], told_to(cast.oliver)[-1]
    assert asked.settled_at is not None
    assert closed.kind == "closed"


def test_news_of_a_muted_request_is_not_told_but_a_direct_ask_is(app, cast, room, say, told_to):
    act(app, mute_review, by=cast.maya, review_id=room.review)
    act(app, mute_review, by=cast.wei, review_id=room.review)
    say("@Wei, look.")
    assert told_to(cast.maya) == []
    assert kinds(told_to(cast.wei)) == ["mentioned"]


def test_who_has_left_is_told_nothing(app, cast, room, say, told_to):
    say(by=cast.wei)
    with app.app_context():
        row = db.session.scalar(sa.select(Membership.id).where(Membership.person_id == cast.wei))
    act(app, end_membership, by=cast.ada, team_id=cast.team, membership_id=row)
    act(app, close_review, by=cast.maya, review_id=room.review)
    assert kinds(told_to(cast.wei)) == []


def test_words_taken_back_leave_no_notice(app, cast, room, say, answer, told_to):
    comment = say("@Wei?")
    reply = answer(comment)
    with app.app_context(), transaction():
        remove_reply(by=load_person(cast.maya), reply=db.session.get_one(Reply, reply))
    assert "replied" not in kinds(told_to(cast.oliver))
    act(app, remove_comment, by=cast.oliver, comment=comment)
    assert told_to(cast.wei) == []
    assert told_to(cast.maya) == []


def test_answering_and_looking_are_reading(app, cast, room, say, answer, told_to):
    first, second = say(), say("And this.", start_ms=2000)
    answer(first)
    seen = {notice.comment_id: notice.seen_at for notice in told_to(cast.maya)}
    assert seen == {first: WEDNESDAY, second: None}
    assert act(app, see_review, by=cast.maya, review_id=room.review) == 1
    assert act(app, see_review, by=cast.maya, review_id=room.review) == 0
    assert all(notice.seen_at for notice in told_to(cast.maya))


@pytest.mark.parametrize(("due_in", "direct"), [(5, True), (22, True), (24, False), (None, False)])
def test_a_reminder_asks_directly_only_when_the_next_morning_is_too_late(
    app, cast, room, told_to, due_in, direct
):
    """It is 10:00 in London; Oliver's next morning begins in 23 hours."""
    with app.app_context(), transaction():
        due = None if due_in is None else WEDNESDAY + timedelta(hours=due_in)
        db.session.get_one(Review, room.review).review_by = due
    record(app, "reminder.given", room, cast, by=None, person_id=cast.oliver)
    [notice] = told_to(cast.oliver)
    assert (notice.kind, notice.direct) == ("reminder", direct)
