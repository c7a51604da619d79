"""Threads over HTTP, as each of the cast: plain forms, partials, refusals and strangers."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership
from critique.comments.models import Comment, Reply
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.operations import close_review, reopen_review
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person

HX = {"HX-Request": "true"}


@pytest.fixture
def ends(room, say, answer):
    """Every route of the slice with a comment by Oliver and a reply by Maya in it."""
    comment = say()
    reply = answer(comment)
    return {
        "create": ("POST", f"/walkthroughs/{room.walkthrough}/comments"),
        "threads": ("GET", f"/walkthroughs/{room.walkthrough}/threads"),
        "new_reply": ("GET", f"/comments/{comment}/replies"),
        "new_resolution": ("GET", f"/comments/{comment}/resolution"),
        "ask_removal": ("GET", f"/comments/{comment}/removal"),
        "ask_reply_removal": ("GET", f"/replies/{reply}/removal"),
        "edit": ("GET", f"/comments/{comment}/edit"),
        "update": ("POST", f"/comments/{comment}"),
        "remove": ("POST", f"/comments/{comment}/removal"),
        "reply": ("POST", f"/comments/{comment}/replies"),
        "resolve": ("POST", f"/comments/{comment}/resolution"),
        "reopen": ("POST", f"/comments/{comment}/resolution/end"),
        "edit_reply": ("GET", f"/replies/{reply}/edit"),
        "update_reply": ("POST", f"/replies/{reply}"),
        "remove_reply": ("POST", f"/replies/{reply}/removal"),
    }


FORM = {"body": "Hello there", "start_ms": "0", "revision": "1"}


def count(app, kind=Comment) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0


def newest(app) -> Comment:
    with app.app_context():
        return db.session.scalar(sa.select(Comment).order_by(Comment.id.desc()).limit(1))


@pytest.mark.parametrize("who", ["rival", "nia", "removed"])
def test_to_strangers_nothing_of_it_exists(app, cast, client_of, ends, who):
    person = cast.oliver if who == "removed" else getattr(cast, who)
    client = client_of(person)
    if who == "removed":
        with app.app_context(), transaction():
            db.session.execute(
                sa.update(Membership)
                .where(Membership.person_id == person)
                .values(ended_at=clock.now())
            )
    for method, path in ends.values():
        for headers in ({}, HX):
            answer = client.open(path, method=method, data=FORM, headers=headers)
            assert answer.status_code == 404, path
            assert "heavier" not in answer.text
    assert (count(app), count(app, Reply)) == (1, 1)


def test_a_guest_is_asked_to_sign_in_and_writes_nothing(app, client_of, ends):
    client = client_of(None)
    for method, path in ends.values():
        answer = client.open(path, method=method, data=FORM)
        assert answer.status_code == (401 if method == "GET" else 400), path
        assert "heavier" not in answer.text
    assert (count(app), count(app, Reply)) == (1, 1)


def test_ids_that_cannot_exist_are_not_there(cast, client_of, room):
    client = client_of(cast.maya)
    for wanted in (0, 999_999, 2**31, 2**63, 10**30):
        for path in (f"/comments/{wanted}/edit", f"/replies/{wanted}/edit"):
            assert client.get(path).status_code == 404
        assert client.get(f"/walkthroughs/{wanted}/threads").status_code == 404
        assert client.post(f"/walkthroughs/{wanted}/comments", data=FORM).status_code == 404


def test_a_plain_form_leads_back_to_the_comment_in_the_room(app, cast, client_of, room):
    client = client_of(cast.oliver)
    form = {"body": "Look\r\nhere", "first_word": "3", "last_word": "5", "_draft": "room-1"}
    posted = client.post(f"/walkthroughs/{room.walkthrough}/comments", data=form)
    made = newest(app)
    assert posted.status_code == 303
    assert posted.headers["Location"] == f"/reviews/{room.review}?v=1#comment-{made.id}"
    assert "critique_posted=room-1" in unquote(posted.headers["Set-Cookie"])
    assert (made.body, made.quote) == ("Look\nhere", "total sits above")
    assert (made.kind, made.weight) == ("suggestion", "take_it_or_leave_it")


def test_programs_may_name_the_words_as_one_object(app, cast, client_of, room):
    client = client_of(cast.oliver)
    body = {"body": "Look", "kind": "problem", "words": {"first": 1, "last": 2}, "end_ms": None}
    client.post(f"/walkthroughs/{room.walkthrough}/comments", json=body)
    assert (newest(app).quote, newest(app).kind) == ("so the", "problem")


BAD = [
    ({"body": ""}, "body"),
    ({"body": "  \n "}, "body"),
    ({"body": "\x00\x07"}, "body"),
    ({"body": "x" * 20_001}, "body"),
    ({"body": "\ud800"}, "body"),
    ({"body": None}, "body"),
    ({"body": ["a"]}, "body"),
    ({"kind": "order"}, "kind"),
    ({"weight": "heavy"}, "weight"),
    ({"start_ms": float("nan")}, "start_ms"),
    ({"start_ms": float("inf")}, "start_ms"),
    ({"start_ms": True}, "start_ms"),
    ({"start_ms": 1.5}, "start_ms"),
    ({"start_ms": -1}, "start_ms"),
    ({"start_ms": 10**18}, "start_ms"),
    ({"start_ms": "soon"}, "start_ms"),
    ({"start_ms": None}, "start_ms"),
    ({"start_ms": 5, "end_ms": 4}, "end_ms"),
    ({"end_ms": 10**9}, "end_ms"),
    ({"aim_id": 4_000}, "aim_id"),
    ({"words": {"first": 9_000, "last": 9_001}}, "first_word"),
    ({"words": {"first": 4, "last": 2}}, "last_word"),
    ({"words": {"first": 4}}, "words"),
    ({"words": {"first": "a", "last": 5}}, "words"),
    ({"words": 7}, "words"),
    ({"once": "short"}, "once"),
]


def test_bad_input_names_its_field_and_saves_nothing(app, cast, client_of, room):
    client = client_of(cast.oliver)
    for change, field in BAD:
        answer = client.post(
            f"/walkthroughs/{room.walkthrough}/comments",
            data=json.dumps({"body": "Look", "start_ms": 0, **change}),
            content_type="application/json",
            headers=HX,
        )
        assert answer.status_code == 422, change
        assert answer.content_type == "application/problem+json"
        assert answer.headers["HX-Reswap"] == "none"
        assert field in answer.json["fields"], change
    assert count(app) == 0


def test_a_refused_form_comes_back_with_what_was_typed(cast, client_of, room):
    client = client_of(cast.oliver)
    form = {"body": "Kept <words> & all", "start_ms": "500000", "kind": "problem"}
    answer = client.post(f"/walkthroughs/{room.walkthrough}/comments", data=form)
    assert answer.status_code == 422
    assert "Kept &lt;words&gt; &amp; all" in answer.text
    assert "after the end of the recording" in answer.text
    assert 'value="problem" checked' in answer.text


def test_a_refused_reply_comes_back_with_what_was_typed(app, cast, client_of, room, ends):
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    answer = client_of(cast.maya).post(ends["reply"][1], data={"body": "Too late?"})
    assert answer.status_code == 409
    assert "Too late?" in answer.text
    assert count(app, Reply) == 1


def test_an_edit_meanwhile_shows_both_texts_and_saves_on_the_second_try(
    app, cast, client_of, ends, stored
):
    client, path = client_of(cast.oliver), ends["update"][1]
    assert client.get(ends["edit"][1]).status_code == 200
    client.post(path, data={"body": "From the phone", "revision": "1"})
    refused = client.post(path, data={"body": "From the desk", "revision": "1"})
    assert refused.status_code == 409
    assert "From the phone" in refused.text
    assert "From the desk" in refused.text
    assert 'name="revision" value="2"' in refused.text
    saved = client.post(path, data={"body": "From the desk", "revision": "2"})
    assert saved.status_code == 303
    assert newest(app).body == "From the desk"


def test_htmx_gets_the_thread_or_nothing_when_it_is_gone(cast, client_of, say, room):
    client = client_of(cast.oliver)
    made = client.post(
        f"/walkthroughs/{room.walkthrough}/comments",
        data={"body": "*Look*", "start_ms": "1500", "end_ms": "2500"},
        headers=HX,
    )
    assert made.status_code == 200
    assert "<em>Look</em>" in made.text
    assert 'data-start="1500" data-end="2500"' in made.text
    assert "<html" not in made.text
    gone = client.post(f"/comments/{say('Second')}/removal", headers=HX)
    assert (gone.status_code, gone.text) == (200, "")


def test_people_see_the_verbs_they_may_use_and_no_others(cast, client_of, ends):
    verbs = {
        name: ends[name][1]
        for name in ("edit", "remove", "reply", "resolve", "edit_reply", "remove_reply")
    }

    def shown(who: int) -> set[str]:
        text = client_of(who).get(ends["threads"][1]).text
        return {name for name, path in verbs.items() if f'"{path}"' in text}

    assert shown(cast.oliver) == {"edit", "remove", "reply", "resolve"}
    assert shown(cast.maya) == {"reply", "resolve", "edit_reply", "remove_reply"}
    assert shown(cast.wei) == {"remove", "reply", "resolve", "remove_reply"}
    assert shown(cast.ada) == shown(cast.wei)


def test_a_thread_says_what_it_is_about_and_what_came_of_it(cast, client_of, say, answer, room):
    comment = say("Too heavy.", start_ms=None, words=(3, 5), weight="must_fix", aim_id=room.aim)
    answer(comment, "Thinner now.")
    client = client_of(cast.maya)
    client.post(f"/comments/{comment}/resolution", data={"how": "wont_do", "note": "Brand <b>"})
    text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
    for words in ("total sits above", "0:01", "Must fix", "on aim 1", "Oliver", "Too heavy."):
        assert words in text
    for words in ("Thinner now.", "Won’t do", "Brand &lt;b&gt;", "Reopen", 'data-resolved="true"'):
        assert words in text
    client.post(f"/comments/{comment}/resolution/end")
    text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
    assert "Reopen" not in text
    assert 'data-resolved="false"' in text


def test_removed_words_are_gone_for_every_reader(cast, client_of, say, answer, room):
    comment = say("An unkind sentence.", start_ms=None, words=(3, 5))
    reply = answer(comment, "A calm reply.")
    client_of(cast.oliver).post(f"/comments/{comment}/removal")
    client = client_of(cast.maya)
    text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
    assert "Removed by Oliver" in text
    assert "A calm reply." in text
    assert "unkind" not in text
    client.post(f"/replies/{reply}/removal")
    assert "<article" not in client.get(f"/walkthroughs/{room.walkthrough}/threads").text


def test_asking_again_is_told_only_when_something_changed(app, cast, client_of, say, answer, room):
    comment = say()
    client = client_of(cast.maya)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    first = client.get(path)
    at = first.headers["Newest-Change"]
    assert f'data-newest="{at}"' in first.text
    quiet = client.get(f"{path}?after={at}")
    assert (quiet.status_code, quiet.text, quiet.headers["Newest-Change"]) == (204, "", at)
    answer(comment)
    changed = client.get(f"{path}?after={at}")
    assert changed.status_code == 200
    assert int(changed.headers["Newest-Change"]) > int(at)
    for odd in ("x", "-1", "", "1e3"):
        assert client.get(f"{path}?after={odd}").status_code == 200
    assert client.get(f"{path}?after={10**40}").status_code == 204


def test_only_what_changed_is_sent_again_and_what_left_is_named(
    app, cast, client_of, say, answer, room
):
    quiet, answered, edited, gone, emptied = (say(f"Words {at}") for at in range(5))
    last = answer(emptied)
    client = client_of(cast.wei)
    client.post(f"/comments/{emptied}/removal")
    path = f"/walkthroughs/{room.walkthrough}/threads"
    at = client.get(path).headers["Newest-Change"]
    new = say("New")
    answer(answered)
    client_of(cast.oliver).post(f"/comments/{edited}", data={"body": "Else", "revision": "1"})
    client.post(f"/comments/{gone}/removal")
    client.post(f"/replies/{last}/removal")
    text = client.get(f"{path}?after={at}").text

    def standing(page: str) -> list[int]:
        return [int(part.split('"')[0]) for part in page.split('id="comment-')[1:]]

    assert standing(text) == [answered, edited, new]
    assert f'data-gone="{gone} {emptied}"' in text
    everything = client.get(path).text
    assert standing(everything) == [quiet, answered, edited, new]
    assert "data-gone" not in everything


def test_a_change_of_the_request_sends_every_thread(app, cast, client_of, say, room):
    say()
    client = client_of(cast.wei)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    at = client.get(path).headers["Newest-Change"]
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    text = client.get(f"{path}?after={at}").text
    assert "<article" in text
    assert "data-gone" not in text


def test_another_versions_news_change_nothing_here(app, cast, client_of, say, room):
    say()
    with app.app_context(), transaction():
        second = Walkthrough(
            review_id=room.review,
            version=2,
            uploaded_by_id=cast.maya,
            filename="second.mp4",
            state="ready",
            created_at=clock.now(),
        )
        db.session.add(second)
        db.session.flush()
        other = second.id
    client = client_of(cast.wei)
    path = f"/walkthroughs/{room.walkthrough}/threads"
    at = client.get(path).headers["Newest-Change"]
    elsewhere = say("About the second one", on=other)
    text = client.get(f"{path}?after={at}").text
    assert "<article" not in text
    assert "About the second" not in text
    assert f'data-gone="{elsewhere}"' in text, "harmless: it never stood here"


def test_each_verb_has_a_page_of_its_own_whose_form_goes_to_the_same_address(
    app, cast, client_of, say, answer
):
    comment = say("Thin the rule.")
    reply = answer(comment)
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    for client, path, words in (
        (maya, f"/comments/{comment}/replies", "Reply to Oliver"),
        (maya, f"/comments/{comment}/resolution", "Settle this comment"),
        (oliver, f"/comments/{comment}/removal", "Remove these words"),
        (maya, f"/replies/{reply}/removal", "Remove these words"),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert words in page.text
        assert '<form class="' in page.text
        assert "action=" not in page.text.split("<main")[1], "a form without one goes back here"
    assert oliver.get(f"/replies/{reply}/removal").status_code == 403
    assert maya.get(f"/comments/{comment}/removal").status_code == 403
    oliver.post(f"/comments/{comment}/removal")
    assert "<textarea" not in maya.get(f"/comments/{comment}/replies").text


def test_a_revision_changes_with_everything_inside_and_with_nothing_else(
    app, cast, client_of, say, answer, room
):
    comment, other = say("One"), say("Other")
    client, author = client_of(cast.oliver), client_of(cast.maya)

    def revisions() -> dict[int, str]:
        text = client.get(f"/walkthroughs/{room.walkthrough}/threads").text
        parts = text.split('id="comment-')[1:]
        return {
            int(part.split('"')[0]): part.split('data-revision="')[1].split('"')[0]
            for part in parts
        }

    seen = [revisions()]
    assert revisions() == seen[0]
    reply = answer(comment)
    seen.append(revisions())
    for who, path, form in (
        (client, f"/comments/{comment}", {"body": "One more", "revision": "1"}),
        (author, f"/replies/{reply}", {"body": "Yes more", "revision": "1"}),
        (author, f"/comments/{comment}/resolution", {}),
        (author, f"/comments/{comment}/resolution/end", {}),
        (author, f"/replies/{reply}/removal", {}),
    ):
        assert who.post(path, data=form).status_code == 303
        seen.append(revisions())
    assert len({step[comment] for step in seen}) == len(seen)
    assert len({step[other] for step in seen}) == 1
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    assert revisions()[other] != seen[0][other], "the ways to answer go when it closes"
    with app.app_context(), transaction():
        reopen_review(by=load_person(cast.maya), review_id=room.review)
    assert revisions()[other] == seen[0][other]


def test_a_lost_answer_and_a_second_try_post_once(app, cast, client_of, room):
    client = client_of(cast.oliver)
    form = {"body": "Once", "start_ms": "0", "once": "0123456789abcdef"}
    places = {
        client.post(f"/walkthroughs/{room.walkthrough}/comments", data=form).headers["Location"]
        for _ in range(3)
    }
    assert len(places) == 1
    assert count(app) == 1


def test_without_its_token_a_form_is_refused(app, cast, client_of, ends):
    client = client_of(cast.oliver)
    del client.environ_base["HTTP_X_CSRFTOKEN"]
    for method, path in ends.values():
        if method == "POST":
            assert client.post(path, data=FORM).status_code == 400, path
    assert (count(app), count(app, Reply)) == (1, 1)
