"""Nods to comments and replies: given once, taken back, seen by all."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sqlalchemy as sa

from critique.comments.models import Comment, Reaction, Reply
from critique.comments.operations import remove_comment
from critique.comments.operations.reactions import add_reaction, remove_reaction
from critique.comments.queries import threads_of
from critique.comments.talk import talk_of
from critique.events.models import Event
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Invalid
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review
from tests.conftest import load_person


@pytest.fixture
def events(app):
    """Verbs and subjects of what was recorded about nods."""

    def read() -> list[tuple[str, str]]:
        with app.app_context(), snapshot():
            chosen = sa.select(Event).where(Event.verb.startswith("reaction.")).order_by(Event.id)
            return [(event.verb, event.subject) for event in db.session.scalars(chosen)]

    return read


def test_a_nod_is_given_once_and_taken_back_once(app, cast, client_of, say, answer, events):
    comment = say()
    reply = answer(comment)
    client = client_of(cast.wei)
    for address in (f"comments/{comment}", f"replies/{reply}"):
        for _ in range(2):
            given = client.put(f"/api/v1/{address}/reactions/agree")
            assert given.status_code == 200
            assert given.json == [
                {
                    "kind": "agree",
                    "people": [{"id": cast.wei, "name": "Wei", "email": "wei@example.com"}],
                }
            ]
        client_of(cast.ada).put(f"/api/v1/{address}/reactions/thanks")
    shown = client.get(f"/api/v1/comments/{comment}").json
    assert [row["kind"] for row in shown["reactions"]] == ["agree", "thanks"]
    assert [row["kind"] for row in shown["replies"][0]["reactions"]] == ["agree", "thanks"]
    for address in (f"comments/{comment}", f"replies/{reply}"):
        for _ in range(2):
            left = client.delete(f"/api/v1/{address}/reactions/agree")
            assert [row["kind"] for row in left.json] == ["thanks"]
    assert events() == [
        ("reaction.added", "comment"), ("reaction.added", "comment"),
        ("reaction.added", "reply"), ("reaction.added", "reply"),
        ("reaction.removed", "comment"), ("reaction.removed", "reply"),
    ]  # fmt: skip


def test_forms_do_it_without_scripts_and_say_which_way(app, cast, client_of, say, room):
    comment = say()
    client = client_of(cast.maya)
    assert "New to me" in client.get(f"/comments/{comment}/reactions").text
    address = f"/comments/{comment}/reactions"
    done = client.post(address, data={"kind": "insight"})
    assert done.headers["Location"].endswith(f"#comment-{comment}")
    talk = f"/walkthroughs/{room.walkthrough}/threads"
    page = client.get(talk).text
    assert f'formaction="{address}/end" name="kind" value="insight" aria-pressed="true"' in page
    assert 'aria-label="New to me: You"' in page
    theirs = client_of(cast.wei).get(talk).text
    assert f'formaction="{address}" name="kind" value="insight" aria-pressed="false"' in theirs
    assert 'aria-label="New to me: Maya"' in theirs
    # The page of the choice presses what was given, and pressing it takes it back.
    assert f'aria-pressed="true" formaction="{address}/end"' in client.get(address).text
    client.post(f"{address}/end", data={"kind": "insight"})
    assert 'value="insight" aria-pressed="true"' not in client.get(talk).text


def test_what_changed_reaches_open_rooms_and_changes_the_fingerprint(
    app, cast, client_of, say, answer, room
):
    comment = say()
    reply = answer(comment)
    wei = client_of(cast.wei)
    address = f"/walkthroughs/{room.walkthrough}/threads"
    seen: list[str] = []
    steps = [
        ("put", f"comments/{comment}"), ("put", f"replies/{reply}"),
        ("delete", f"replies/{reply}"), ("delete", f"comments/{comment}"),
    ]  # fmt: skip
    for method, place in steps:
        newest = wei.get(f"{address}?after=0").headers["Newest-Change"]
        assert wei.get(f"{address}?after={newest}").status_code == 204
        client_of(cast.maya).open(f"/api/v1/{place}/reactions/looking", method=method.upper())
        news = wei.get(f"{address}?after={newest}")
        assert news.status_code == 200
        assert f'id="comment-{comment}"' in news.text
        with app.app_context(), snapshot():
            row, record = talk_of(room.walkthrough)[0], threads_of(room.walkthrough)[0]
            assert row.fingerprint == record.fingerprint
            seen.append(row.fingerprint)
    assert all(one != other for one, other in pairwise(seen))


@pytest.mark.parametrize("kind", ["", "love", "AGREE", "agree ", "👍", "a" * 5000, "<script>"])
def test_hostile_kinds_are_refused(app, cast, client_of, say, kind):
    comment = say()
    client = client_of(cast.maya)
    form = client.post(f"/comments/{comment}/reactions", data={"kind": kind})
    # White space around a typed word means nothing.
    assert form.status_code == (303 if kind == "agree " else 422)
    if kind:
        assert client.put(f"/api/v1/comments/{comment}/reactions/{kind}").status_code == 404
    with app.app_context(), transaction(), pytest.raises(Invalid) as refused:
        add_reaction(by=load_person(cast.maya), to=db.session.get_one(Comment, comment), kind=kind)
    assert "kind" in refused.value.fields


def test_nothing_is_added_to_what_was_removed_or_closed(app, cast, client_of, say, answer, room):
    gone, kept = say("gone"), say("kept")
    reply = answer(gone)
    wei = client_of(cast.wei)
    assert wei.put(f"/api/v1/comments/{kept}/reactions/agree").status_code == 200
    with app.app_context(), transaction():
        remove_comment(by=load_person(cast.oliver), comment=db.session.get_one(Comment, gone))
    refused = wei.put(f"/api/v1/comments/{gone}/reactions/agree")
    assert (refused.status_code, refused.json["code"]) == (409, "removed")
    assert wei.put(f"/api/v1/replies/{reply}/reactions/agree").status_code == 200
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    for method, place in [("PUT", f"comments/{kept}"), ("DELETE", f"comments/{kept}")]:
        refused = wei.open(f"/api/v1/{place}/reactions/agree", method=method)
        assert (refused.status_code, refused.json["code"]) == (409, "closed")
    with app.app_context(), transaction(), pytest.raises(Conflict):
        remove_reaction(by=load_person(cast.wei), to=db.session.get_one(Reply, reply), kind="agree")
    # What was given still stands, as words and no longer as a button.
    page = wei.get(f"/walkthroughs/{room.walkthrough}/threads").text
    assert page.count('role="img" tabindex="0" aria-label="Agree: You"') == 2
    assert "/reactions" not in page


def test_a_stranger_neither_nods_nor_learns_of_one(app, cast, client_of, say):
    comment = say()
    client_of(cast.maya).put(f"/api/v1/comments/{comment}/reactions/agree")
    rival = client_of(cast.rival)
    for method in ("PUT", "DELETE"):
        answered = rival.open(f"/api/v1/comments/{comment}/reactions/agree", method=method)
        assert answered.status_code == 404
    with app.app_context(), snapshot():
        assert db.session.scalars(sa.select(Reaction.person_id)).all() == [cast.maya]


def test_many_nods_cost_no_query_more(app, cast, say, room):
    def cost() -> int:
        sent: list[str] = []

        def note(_c, _u, text, *_r):
            sent.append(text)

        with app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", note)
            with snapshot():
                talk_of(room.walkthrough)
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len([text for text in sent if text.startswith("SELECT")])

    comments = [say(start_ms=at) for at in range(12)]
    before = cost()
    with app.app_context(), transaction():
        for comment in comments:
            for who in (cast.maya, cast.wei, cast.ada):
                add_reaction(
                    by=load_person(who), to=db.session.get_one(Comment, comment), kind="thanks"
                )
    assert cost() == before
