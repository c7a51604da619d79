"""What was done about a comment: answered, confirmed, reopened, and never overwritten unread."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.comments.ledger import awaited_from, ledger_of
from critique.comments.models import Comment, Reply, Resolution
from critique.comments.operations import (
    add_reply,
    confirm_resolution,
    edit_comment,
    edit_reply,
    remove_comment,
    remove_reply,
    reopen_comment,
    resolve_comment,
    withdraw_confirmation,
)
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.comments.test_together import at_once  # noqa: F401 - a fixture
from tests.conftest import load_person


@pytest.fixture
def act(app):
    """Run an operation on a comment as somebody; gives the id of what it returned."""

    def run(operation, comment: int, who: int, **rest) -> int:
        with app.app_context(), transaction():
            row = db.session.get_one(Comment, comment)
            made = operation(by=load_person(who), comment=row, **rest)
            db.session.flush()
            return made.id

    return run


@pytest.fixture
def state(app, room):
    """The state of a comment in the ledger."""

    def read(comment: int) -> str:
        with app.app_context(), snapshot():
            found = ledger_of(room.review, None)
            return next(line.state for line in found.lines if line.id == comment)

    return read


def verbs(app) -> list[str]:
    with app.app_context(), snapshot():
        return list(
            db.session.scalars(
                sa.select(Event.verb).where(Event.subject != "turn").order_by(Event.id)
            )
        )


def in_force(app, comment: int) -> Resolution | None:
    with app.app_context(), snapshot():
        found = db.session.get_one(Comment, comment).resolution
        if found is not None:
            db.session.expunge(found)
        return found


def test_an_answer_waits_for_a_yes_and_can_be_sent_back(app, cast, say, act, state):
    comment = say()
    assert state(comment) == "open"
    answer = act(resolve_comment, comment, cast.maya, note="Now 1 px.")
    assert state(comment) == "done"
    act(confirm_resolution, comment, cast.oliver, resolution_id=answer)
    act(confirm_resolution, comment, cast.oliver, resolution_id=answer)
    assert state(comment) == "confirmed"
    act(withdraw_confirmation, comment, cast.oliver)
    act(withdraw_confirmation, comment, cast.oliver)
    assert state(comment) == "done"
    act(reopen_comment, comment, cast.oliver, note="Not on a phone.", resolution_id=answer)
    assert state(comment) == "open"
    assert verbs(app) == [
        "comment.added", "comment.resolved", "comment.confirmed",
        "comment.confirmation_withdrawn", "comment.reopened", "reply.added",
    ]  # fmt: skip


def test_where_it_can_be_seen_is_of_a_version_of_this_request(app, cast, room, say, act):
    comment = say()
    with app.app_context(), transaction():
        other = make_room(cast.team, cast.maya, title="Other").walkthrough

    def answer(**more: object) -> None:
        with app.app_context(), transaction():
            version = db.session.get(Walkthrough, more.pop("on", None) or 0)
            row = db.session.get_one(Comment, comment)
            resolve_comment(by=load_person(cast.maya), comment=row, version=version, **more)

    for wrong, field in (
        ({"at_ms": 5}, "walkthrough"),
        ({"on": other, "at_ms": 5}, "walkthrough"),
        ({"on": room.walkthrough, "at_ms": 60_001}, "at_ms"),
    ):
        with pytest.raises(Invalid) as refused:
            answer(**wrong)
        assert set(refused.value.fields) == {field}
    answer(on=room.walkthrough, at_ms=60_000)
    found = in_force(app, comment)
    assert (found.version_id, found.at_ms) == (room.walkthrough, 60_000)


def test_a_refusal_needs_its_reason_and_a_question_its_words(app, cast, say, act, state):
    comment = say()
    for how in ("wont_do", "asked"):
        with pytest.raises(Invalid) as refused:
            act(resolve_comment, comment, cast.maya, how=how)
        assert set(refused.value.fields) == {"note"}
    with pytest.raises(Invalid):
        act(resolve_comment, comment, cast.oliver, how="unclear")
    assert state(comment) == "open"
    act(resolve_comment, comment, cast.maya, how="unclear")
    assert state(comment) == "unclear"


def test_a_question_is_a_reply_too_and_the_reviewers_words_lift_it(app, cast, say, act, state):
    comment = say()
    act(resolve_comment, comment, cast.maya, how="asked", note="Which rule?")
    act(resolve_comment, comment, cast.maya, how="asked", note="Which rule?")
    with app.app_context(), snapshot():
        replies = db.session.scalars(sa.select(Reply)).all()
        assert [(reply.author_id, reply.body) for reply in replies] == [(cast.maya, "Which rule?")]
    for other in (cast.maya, cast.wei):
        act(add_reply, comment, other, body="I wonder too.")
        assert state(comment) == "asked"
    with pytest.raises(Conflict) as refused:
        act(confirm_resolution, comment, cast.oliver)
    assert refused.value.code == "asks_back"
    act(add_reply, comment, cast.oliver, body="The upper one.")
    assert state(comment) == "open"
    act(resolve_comment, comment, cast.maya)
    act(add_reply, comment, cast.oliver, body="Fine.")
    assert state(comment) == "done", "words lift questions, not answers"


def test_who_may_confirm(app, cast, say, act, state):
    comment = say()
    act(resolve_comment, comment, cast.maya)
    with pytest.raises(Forbidden):
        act(confirm_resolution, comment, cast.maya)
    act(confirm_resolution, comment, cast.wei)
    assert state(comment) == "confirmed"
    by_lead = say("Another")
    act(resolve_comment, by_lead, cast.wei)
    with pytest.raises(Forbidden):
        act(confirm_resolution, by_lead, cast.wei)
    act(confirm_resolution, by_lead, cast.oliver)
    own = say("Maya's own", by=cast.maya)
    act(resolve_comment, own, cast.maya)
    assert state(own) == "confirmed", "who wrote it needs nobody's yes"


def test_a_confirmed_answer_stands_until_the_reviewer_reopens_it(app, cast, say, act, state):
    comment = say()
    act(resolve_comment, comment, cast.maya)
    act(confirm_resolution, comment, cast.oliver)
    for operation, rest in (
        (resolve_comment, {"how": "wont_do", "note": "No."}),
        (reopen_comment, {}),
    ):
        with pytest.raises(Conflict) as refused:
            act(operation, comment, cast.maya, **rest)
        assert refused.value.code == "confirmed"
    act(reopen_comment, comment, cast.oliver)
    assert state(comment) == "open"


def test_what_somebody_else_answered_is_only_replaced_by_name(app, cast, say, act):
    comment = say()
    theirs = act(resolve_comment, comment, cast.wei, how="wont_do", note="Brand.")
    with pytest.raises(Conflict) as refused:
        act(resolve_comment, comment, cast.maya, note="Done it.", replaces=theirs + 100)
    error = refused.value
    assert error.code == "settled_meanwhile"
    assert error.extra["theirs"]["id"] == theirs
    assert (error.extra["theirs"]["how"], error.extra["theirs"]["note"]) == ("wont_do", "Brand.")
    assert (error.extra["yours"]["how"], error.extra["yours"]["note"]) == ("done", "Done it.")
    assert in_force(app, comment).id == theirs
    act(resolve_comment, comment, cast.maya, note="Done it.", replaces=theirs)
    assert in_force(app, comment).how == "done"
    act(resolve_comment, comment, cast.maya, how="wont_do", note="After all.")
    assert in_force(app, comment).how == "wont_do", "one's own may be changed at will"


def test_an_answer_that_changed_is_neither_confirmed_nor_sent_back_unread(app, cast, say, act):
    comment = say()
    read = act(resolve_comment, comment, cast.maya)
    act(resolve_comment, comment, cast.maya, how="wont_do", note="After all.")
    for operation in (confirm_resolution, reopen_comment):
        with pytest.raises(Conflict) as refused:
            act(operation, comment, cast.oliver, resolution_id=read)
        assert refused.value.code == "settled_meanwhile"
        assert refused.value.extra["theirs"]["note"] == "After all."
    act(reopen_comment, comment, cast.oliver)
    with pytest.raises(Conflict) as refused:
        act(confirm_resolution, comment, cast.oliver, resolution_id=read)
    assert refused.value.code == "open_again"


def test_two_who_answer_unlike_one_is_in_force_and_the_other_is_told(
    app,
    cast,
    say,
    at_once,  # noqa: F811
    act,
):
    comment = say()

    def load() -> Comment:
        return db.session.get_one(Comment, comment)

    results = at_once(
        lambda: resolve_comment(by=load_person(cast.maya), comment=load(), note="Yes.").id,
        lambda: (
            resolve_comment(by=load_person(cast.wei), comment=load(), how="wont_do", note="No.").id
        ),
    )
    (refused,) = [one for one in results if isinstance(one, Conflict)]
    notes = {refused.extra["theirs"]["note"], refused.extra["yours"]["note"]}
    assert notes == {"Yes.", "No."}
    assert in_force(app, comment).note == refused.extra["theirs"]["note"]


def test_a_yes_and_a_change_of_mind_at_once_never_confirm_what_was_not_read(
    app,
    cast,
    say,
    at_once,  # noqa: F811
    act,
):
    comment = say()
    read = act(resolve_comment, comment, cast.maya)

    def load() -> Comment:
        return db.session.get_one(Comment, comment)

    at_once(
        lambda: (
            confirm_resolution(by=load_person(cast.oliver), comment=load(), resolution_id=read).id
        ),
        lambda: (
            resolve_comment(by=load_person(cast.maya), comment=load(), how="wont_do", note="No.").id
        ),
    )
    found = in_force(app, comment)
    assert (found.how, found.confirmed_at is not None) in {("done", True), ("wont_do", False)}


def test_words_that_changed_are_not_removed_unread(app, cast, say, answer, act, stored):
    comment = say("Old.")
    act(edit_comment, comment, cast.oliver, revision=1, body="New.")
    with pytest.raises(Conflict) as refused:
        act(remove_comment, comment, cast.wei, revision=1)
    assert refused.value.code == "edited_meanwhile"
    assert refused.value.extra == {"yours": "", "theirs": "New.", "revision": 2}
    assert stored(comment)["body"] == "New."
    reply = answer(comment, "First.")
    with app.app_context(), transaction():
        row = db.session.get_one(Reply, reply)
        edit_reply(by=load_person(cast.maya), reply=row, revision=1, body="Second.")
    with app.app_context(), snapshot():
        row = db.session.get_one(Reply, reply)
        with pytest.raises(Conflict):
            remove_reply(by=load_person(cast.wei), reply=row, revision=1)
    assert stored(reply, Reply)["body"] == "Second."
    act(remove_comment, comment, cast.wei, revision=2)
    assert stored(comment)["body"] == ""


def test_what_waits_for_a_reviewer_is_counted(app, cast, room, say, act):
    first, second, third, praise = (
        say(str(at), kind="praise" if at == 3 else "problem") for at in range(4)
    )
    act(resolve_comment, first, cast.maya)
    act(resolve_comment, second, cast.maya, how="asked", note="Where?")
    act(resolve_comment, third, cast.maya)
    act(confirm_resolution, third, cast.oliver)
    act(resolve_comment, praise, cast.maya)
    with app.app_context(), snapshot():
        (found,) = awaited_from(load_person(cast.oliver))
        assert (found.review_id, found.to_confirm, found.to_answer) == (room.review, 1, 1)
        assert awaited_from(load_person(cast.maya)) == []


class TestPages:
    def test_a_conflict_shows_both_and_the_way_to_replace_theirs(
        self, app, cast, client_of, say, act
    ):
        comment = say()
        theirs = act(resolve_comment, comment, cast.wei, how="wont_do", note="Brand rules.")
        address = f"/comments/{comment}/resolution"
        refused = client_of(cast.maya).post(address, data={"how": "done", "note": "Did it."})
        assert refused.status_code == 409
        for words in ("Brand rules.", 'value="Did it."', f'name="replaces" value="{theirs}"'):
            assert words in refused.text
        form = {"how": "done", "note": "Did it.", "replaces": str(theirs)}
        assert client_of(cast.maya).post(address, data=form).status_code == 303

    def test_a_refusal_without_its_reason_is_asked_for_it(self, cast, client_of, say):
        address = f"/comments/{say()}/resolution"
        refused = client_of(cast.maya).post(address, data={"how": "wont_do"})
        assert refused.status_code == 422
        assert "Say why in a few words" in refused.text

    def test_yes_and_no_have_a_page_that_shows_the_answer(self, cast, client_of, say, act):
        comment = say()
        answer = act(resolve_comment, comment, cast.maya, note="Now 1 px.")
        oliver = client_of(cast.oliver)
        page = oliver.get(f"/comments/{comment}/confirmation?back=ledger").text
        assert "Now 1 px." in page
        assert f'name="resolution" value="{answer}"' in page
        assert ">Confirm<" in page
        assert ">Reopen<" in page
        form = {"resolution": str(answer), "note": "Not yet.", "back": "ledger"}
        sent = oliver.post(f"/comments/{comment}/resolution/end", data=form)
        assert sent.location.endswith(f"/ledger#comment-{comment}")
        stale = oliver.post(f"/comments/{comment}/confirmation", data={"resolution": str(answer)})
        assert stale.status_code == 409
        assert "open again" in stale.text

    def test_removing_edited_words_shows_them_first(self, cast, client_of, say, act):
        comment = say("Old.")
        act(edit_comment, comment, cast.oliver, revision=1, body="New words.")
        address = f"/comments/{comment}/removal"
        refused = client_of(cast.oliver).post(address, data={"revision": "1"})
        assert refused.status_code == 409
        assert "New words." in refused.text
        assert 'name="revision" value="2"' in refused.text
        assert client_of(cast.oliver).post(address, data={"revision": "2"}).status_code == 303


def test_programs_walk_the_ledger(app, cast, client_of, room, say):
    comment = say("Thin it.", kind="problem")
    say("Lovely.", kind="praise")
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    api = "/api/v1"
    put = maya.put(
        f"{api}/comments/{comment}/resolution",
        json={"how": "done", "note": "1 px", "walkthrough": room.walkthrough, "at_ms": 4200},
    )
    assert put.status_code == 200, put.json
    answer = put.json["resolution"]
    assert (answer["walkthrough_id"], answer["at_ms"]) == (room.walkthrough, 4200)
    address = f"{api}/comments/{comment}/confirmation"
    assert maya.put(address, json={}).status_code == 403
    wrong = oliver.put(address, json={"resolution": answer["id"] + 1})
    assert (wrong.status_code, wrong.json["code"]) == (409, "settled_meanwhile")
    assert wrong.json["theirs"]["note"] == "1 px"
    done = oliver.put(address, json={"resolution": answer["id"]})
    assert done.json["resolution"]["confirmed_by"]["name"] == "Oliver"
    found = oliver.get(f"{api}/reviews/{room.review}/ledger").json
    assert (found["all"], found["answered"], found["confirmed"]) == (1, 1, 1)
    assert [line["state"] for line in found["lines"]] == ["confirmed", "praise"]
    assert found["lines"][0]["answer"]["at_ms"] == 4200
    assert oliver.delete(address).json["resolution"]["confirmed_at"] is None
    edited = oliver.patch(
        f"{api}/comments/{comment}", json={"body": "Thin it more.", "revision": 1}
    )
    assert edited.json["revision"] == 2
    both = oliver.patch(f"{api}/comments/{comment}", json={"body": "Mine.", "revision": 1})
    assert (both.status_code, both.json["theirs"]) == (409, "Thin it more.")
    assert oliver.delete(f"{api}/comments/{comment}?revision=1").status_code == 409
    assert oliver.delete(f"{api}/comments/{comment}?revision=2").json["body"] is None
