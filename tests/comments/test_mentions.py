"""Names in what people write: who is meant, who never is, and how long it waits for them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from critique.accounts.models import Membership
from critique.accounts.operations.memberships import end_membership
from critique.comments.mentions import Nameable, Names, named_in
from critique.comments.models import Comment, Mention, Reply
from critique.comments.moments import Recordings
from critique.comments.naming import open_calls
from critique.comments.operations import (
    add_reply,
    edit_comment,
    edit_reply,
    remove_comment,
    remove_reply,
)
from critique.comments.operations.reactions import add_reaction
from critique.comments.prose import Reader
from critique.events.models import Event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review
from tests.conftest import load_person
from tests.people import person

ADA, LOVELACE, HART, SAM, OTHER_SAM, ZOE = range(1, 7)
PEOPLE = [
    Nameable(ADA, "Ada", "ada@example.com"),
    Nameable(LOVELACE, "Ada Lovelace", "countess@example.com"),
    Nameable(HART, "Oliver Hart", "oliver.hart@example.com"),
    Nameable(SAM, "Sam", "sam@example.com"),
    Nameable(OTHER_SAM, "sam", "sam@example.org"),
    Nameable(ZOE, "Zoë_B", "zoe@example.com"),
]
NAMES = Names(PEOPLE)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Ada, look", [ADA]),
        ("@ada lovelace, look", [LOVELACE]),
        ("@Ada Lovelaces", [ADA]),
        ("(@ADA) and @Oliver.", [ADA, HART]),
        ("@oliver hart’s idea", [HART]),
        ("**@Ada** and _@Oliver Hart_", [ADA, HART]),
        ("- @Ada\n- @Ada\n\n| @Oliver |\n|---|\n", [ADA, HART]),
        ("@sam@example.org it is", [OTHER_SAM]),
        ("@Zoe\u0308_b typed on a Mac", [ZOE]),
        ("@Ada\u00a0Lovelace", [LOVELACE]),
        ("@Ada-Maria, @Adam, @Ada.com, @Ada@gmail.com", []),
        ("write to ada@ada.com or foo@Ada", []),
        ("`@Ada` and ``x @Ada``", []),
        ("```\n@Ada\n```\n\n    @Ada", []),
        ("[@Ada](https://example.com) <mailto:x@Ada>", []),
        ("https://example.com/@Ada", []),
        (r"\@Ada", []),
        ("@ Ada @", []),
        ("@nobody", []),
    ],
)
def test_who_is_named(text, ids):
    assert named_in(text, NAMES).ids == ids
    assert named_in(text, NAMES).unclear == []


def test_a_name_of_two_people_names_neither_and_says_so():
    found = named_in("@Sam and @SAM, but @sam@example.com", NAMES)
    assert (found.ids, found.unclear) == ([SAM], ["Sam", "SAM"])


def test_the_picker_writes_what_names_exactly_that_person():
    for one in PEOPLE:
        assert named_in(f"Ask @{NAMES.way_to_name(one)} now", NAMES).ids == [one.id]
    assert NAMES.way_to_name(PEOPLE[0]) == "Ada"
    assert NAMES.way_to_name(PEOPLE[3]) == "sam@example.com"


@given(st.lists(st.text(max_size=12), max_size=5), st.text(max_size=60))
def test_any_names_and_any_text_are_borne(names, text):
    people = [Nameable(at, name, f"{at}@x.org") for at, name in enumerate(names)]
    found = named_in(f"{text} @{text} @{names[0] if names else ''}", Names(people))
    assert set(found.ids) <= {one.id for one in people}
    for one in people:
        assert named_in(f"@{Names(people).way_to_name(one)}", Names(people)).ids in ([one.id], [])


def test_names_stay_text_whoever_chose_them():
    evil = Nameable(1, '<img src=x onerror="alert(1)">', "evil@example.com")
    reader = Reader(1, lambda: Names([evil]), lambda version: Recordings("/", version, ()))
    html = reader.html('Hi @<img src=x onerror="alert(1)">!', [1])
    assert "<img" not in html
    assert '<span class="mention mention--mine">' in html


# Who is kept, and for whom it waits.


@pytest.fixture
def named(app):
    """Ids of who a comment (or the reply) names, as stored."""

    def read(comment: int, reply: int | None = None) -> set[int]:
        with app.app_context(), snapshot():
            chosen = sa.select(Mention.person_id).where(Mention.comment_id == comment)
            rows = db.session.scalars(chosen.where(Mention.reply_id.is_not_distinct_from(reply)))
            return set(rows)

    return read


@pytest.fixture
def waits(app, room):
    """Comments in which a person was named and has not looked since."""

    def read(person_id: int) -> list[int]:
        with app.app_context(), snapshot():
            return [one.comment_id for one in open_calls(room.review) if one.person_id == person_id]

    return read


def test_writing_editing_and_removing_keep_who_is_named(app, cast, say, answer, named):
    comment = say("@Maya and @Wei, the rule is heavy.")
    assert named(comment) == {cast.maya, cast.wei}
    reply = answer(comment, "True, @Oliver. Ask @Ada.")
    assert named(comment, reply) == {cast.oliver, cast.ada}
    with app.app_context(), transaction():
        first, second = db.session.get_one(Comment, comment), db.session.get_one(Reply, reply)
        edit_comment(by=load_person(cast.oliver), comment=first, revision=1, body="@Wei, @Ada!")
        edit_reply(by=load_person(cast.maya), reply=second, revision=1, body="Nobody.")
    assert named(comment) == {cast.wei, cast.ada}
    assert named(comment, reply) == set()
    with app.app_context(), transaction():
        remove_comment(by=load_person(cast.oliver), comment=db.session.get_one(Comment, comment))
    assert named(comment) == set()


def test_who_may_not_see_it_is_never_named_listed_or_hinted_at(
    app, cast, client_of, say, named, room
):
    with app.app_context(), transaction():
        gone = person("Robin", None, None)
        db.session.add(
            Membership(
                team_id=cast.team, person_id=gone.id, role="mentor",
                joined_at=clock.now(), ended_at=clock.now(),
            )
        )  # fmt: skip
    text = "@Rival @Nia @Robin @rival@example.com @nobody"
    assert named(say(text)) == set()
    client = client_of(cast.oliver)
    offered = client.get(f"/reviews/{room.review}/people").json
    assert {one["name"] for one in offered} == {"Maya", "Oliver", "Wei", "Ada"}
    shown = client.post(f"/api/v1/reviews/{room.review}/preview", json={"body": text}).json
    assert (shown["mentions"], shown["unclear_mentions"]) == ([], [])
    assert "<span" not in shown["html"]
    assert client_of(cast.rival).get(f"/reviews/{room.review}/people").status_code == 404


def test_two_of_one_name_are_told_apart_and_the_writer_is_told(app, cast, client_of, room, named):
    with app.app_context(), transaction():
        second = person("wei ", None, None)
        second.name, second.email = "wei", "wei@example.org"
        db.session.add(
            Membership(team_id=cast.team, person_id=second.id, role="mentor", joined_at=clock.now())
        )
        second_id = second.id
    client = client_of(cast.oliver)
    offered = {one["id"]: one["write"] for one in client.get(f"/reviews/{room.review}/people").json}
    assert offered[cast.wei] == "wei@example.com"
    assert offered[second_id] == "wei@example.org"
    assert offered[cast.maya] == "Maya"

    address = f"/api/v1/walkthroughs/{room.walkthrough}/comments"
    made = client.post(address, json={"body": "@Wei and @Maya", "start_ms": 0}).json
    assert made["unclear_mentions"] == ["Wei"]
    assert [one["name"] for one in made["mentions"]] == ["Maya"]
    assert named(made["id"]) == {cast.maya}
    form = {"body": "@Wei!", "start_ms": "0"}
    page = f"/walkthroughs/{room.walkthrough}/comments"
    told = client.post(page, data=form, follow_redirects=True)
    assert "@Wei could be several people" in told.text
    quiet = {"HX-Request": "true"}
    sent = client.post(page, data=form, headers=quiet)
    assert "could%20be%20several%20people" in sent.headers["Critique-Notice"]
    clear = {"body": f"@{offered[second_id]}", "start_ms": "0"}
    sent = client.post(page, data=clear, headers=quiet)
    assert "Critique-Notice" not in sent.headers


def test_it_stands_marked_for_all_and_more_so_for_oneself(cast, client_of, say, room):
    say("Ask @Maya, `@Maya`.")
    address = f"/walkthroughs/{room.walkthrough}/threads"
    mine, theirs = client_of(cast.maya).get(address).text, client_of(cast.wei).get(address).text
    assert mine.count('<span class="mention mention--mine">@Maya</span>') == 1
    assert theirs.count('<span class="mention">@Maya</span>') == 1
    assert "mention--mine" not in theirs


def test_it_waits_at_your_move_until_one_looks(app, cast, client_of, say, waits):
    comment = say("What do you think, @Wei?")
    assert waits(cast.wei) == [comment]
    assert waits(cast.ada) == []
    wei = client_of(cast.wei)
    assert "Oliver mentioned you." in wei.get("/").text
    assert "mentioned you" not in client_of(cast.ada).get("/").text
    # Reading any page of it changes nothing: only saying so does, and only for oneself.
    assert client_of(cast.ada).post(f"/comments/{comment}/mentions/seen").status_code == 303
    assert waits(cast.wei) == [comment]
    there = wei.post(f"/comments/{comment}/mentions/seen")
    assert there.status_code == 303
    assert there.headers["Location"].endswith(f"#comment-{comment}")
    assert waits(cast.wei) == []
    assert "mentioned you" not in wei.get("/").text
    wei.post(f"/comments/{comment}/mentions/seen")
    with app.app_context(), snapshot():
        seen = db.session.scalars(sa.select(Event).where(Event.verb == "mention.seen")).all()
        assert [event.actor_id for event in seen] == [cast.wei]


def test_an_answer_or_a_nod_is_a_look_and_a_later_call_waits_again(
    app, cast, say, answer, waits, client_of
):
    one, other = say("@Wei?"), say("@Wei!")
    assert waits(cast.wei) == [one, other]
    answer(one, "Yes.", by=cast.wei)
    with app.app_context(), transaction():
        add_reaction(by=load_person(cast.wei), to=db.session.get_one(Comment, other), kind="agree")
    assert waits(cast.wei) == []
    again = answer(one, "And this, @Wei?", by=cast.oliver)
    assert waits(cast.wei) == [one]
    with app.app_context(), transaction():
        remove_reply(by=load_person(cast.oliver), reply=db.session.get_one(Reply, again))
    assert waits(cast.wei) == []


def test_what_one_wrote_oneself_does_not_wait_and_nothing_of_a_closed_request_does(
    app, cast, say, waits, room, client_of
):
    say("Note to self, @Oliver.")
    comment = say("@Wei? @Ada?")
    assert waits(cast.oliver) == []
    assert waits(cast.wei) == waits(cast.ada) == [comment]
    with app.app_context(), transaction():
        left = db.session.scalar(sa.select(Membership).where(Membership.person_id == cast.wei))
        end_membership(by=load_person(cast.ada), team_id=cast.team, membership_id=left.id)
    assert "mentioned you" not in client_of(cast.wei).get("/").text
    assert "mentioned you" in client_of(cast.ada).get("/").text
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    assert "mentioned you" not in client_of(cast.ada).get("/").text


def test_where_people_are_called_costs_one_query(app, cast, say, room):
    for at in range(12):
        comment = say(f"@Wei, {at}", start_ms=at)
    with app.app_context(), transaction():
        add_reply(
            by=load_person(cast.oliver), comment=db.session.get_one(Comment, comment), body="@Wei"
        )
    sent: list[str] = []
    with app.app_context(), snapshot():
        sa.event.listen(
            db.engine, "before_cursor_execute", lambda _c, _u, text, *_r: sent.append(text)
        )
        assert len(open_calls(room.review)) == 13
        assert len([text for text in sent if text.startswith("SELECT")]) == 1
