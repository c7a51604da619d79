"""The ledger as the server sends it: what stands in it for whom, and what it costs."""

from __future__ import annotations

import re

import pytest

from critique.comments.models import Comment, Placement, Verdict
from critique.comments.operations import (
    add_reply,
    confirm_resolution,
    remove_comment,
    reopen_comment,
    resolve_comment,
)
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.operations import close_review
from critique.walkthroughs.models import Walkthrough
from tests.comments import conftest as talk
from tests.comments.crowd import crowd_threads
from tests.conftest import load_person
from tests.pages.test_room import counted

room, say = talk.room, talk.say


@pytest.fixture
def act(app):
    """Run an operation on a comment as somebody."""

    def run(operation, comment: int, who: int, **rest):
        with app.app_context(), transaction():
            operation(by=load_person(who), comment=db.session.get_one(Comment, comment), **rest)

    return run


@pytest.fixture
def newer(app, cast, room: talk.Room) -> int:
    """A second version of the request."""
    with app.app_context(), transaction():
        made = Walkthrough(
            review_id=room.review, version=2, uploaded_by_id=cast.maya, filename="two.mp4",
            state="ready", duration_ms=50_000, playable_key="two", playable_type="video/mp4",
            created_at=clock.now(), original_key="two",
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        return made.id


def line_of(page: str, comment: int) -> str:
    """The text of one line of the page."""
    part = page.split(f'id="comment-{comment}"')[1].split("</li>", maxsplit=1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part.split(">", 1)[1]))


def groups_in(page: str) -> list[str]:
    return re.findall(r'data-group="(\w+)"', page)


def test_every_state_stands_in_its_group_in_words(app, cast, client_of, room, say, act):
    open_, done, wont, unclear, asked, sure, praise, gone = (
        say(
            f"Comment {number}", start_ms=number * 1000, kind="praise" if number == 6 else "problem"
        )
        for number in range(8)
    )
    act(resolve_comment, done, cast.maya)
    act(resolve_comment, wont, cast.maya, how="wont_do", note="Brand says 2 px.")
    act(resolve_comment, unclear, cast.maya, how="unclear")
    act(resolve_comment, asked, cast.maya, how="asked", note="Which rule?")
    act(resolve_comment, sure, cast.maya)
    act(confirm_resolution, sure, cast.oliver)
    act(remove_comment, gone, cast.oliver)
    page = client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text
    assert groups_in(page) == [
        "open", "asked", "unclear", "done", "wont_do", "confirmed", "praise",
    ]  # fmt: skip
    for comment, words in (
        (open_, "Open"), (done, "Done, waiting for Oliver"),
        (wont, "Won’t do, waiting for Oliver"), (wont, "Brand says 2 px."),
        (unclear, "Unclear, Oliver’s move"), (asked, "Asked, Oliver’s move"),
        (asked, "Which rule?"), (sure, "Confirmed by Oliver"), (praise, "Praise, needs no answer"),
    ):  # fmt: skip
        assert words in line_of(page, comment), words
    assert f'id="comment-{gone}"' not in page
    assert "3 of 6 answered, 1 confirmed, 2 asked back. 1 praised" in page


def test_a_removed_comment_stays_while_its_answers_do(app, cast, client_of, room, say, act):
    comment = say("An unkind sentence.")
    act(add_reply, comment, cast.maya, body="Hm.")
    act(remove_comment, comment, cast.oliver)
    page = client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text
    assert "unkind" not in page
    assert "taken back" in line_of(page, comment)
    assert "Nothing needs an answer." in page


def test_where_each_comment_lies_in_the_newest_version(app, cast, client_of, room, newer, say):
    there = {
        "exact": (1000, 1400), "moved": (42_000, 43_000), "uncertain": (9000, 9500),
        "removed": (None, None),
    }  # fmt: skip
    placed = {state: say(f"It is {state}", start_ms=1000) for state in there}
    unknown, own = say("Not yet"), say("Of this one", on=newer, start_ms=7000)
    with app.app_context(), transaction():
        for state, (start, end) in there.items():
            db.session.add(
                Placement(
                    comment_id=placed[state], walkthrough_id=newer, state=state, start_ms=start,
                    end_ms=end, confidence=0.9, how="words", at=clock.now(),
                )
            )  # fmt: skip
    page = client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text
    for comment, words, start in (
        (placed["exact"], "at the same place", 'data-start="1000"'),
        (placed["moved"], "moved to 0:42", 'data-start="42000"'),
        (placed["uncertain"], "uncertain, perhaps at 0:09", 'data-start="9000"'),
        (placed["removed"], "this passage is gone", None),
        (unknown, "not found yet in the newest version", None),
        (own, "0:07 in v2", 'data-start="7000"'),
    ):
        assert words in line_of(page, comment)
        attributes = page.split(f'id="comment-{comment}"')[1].split(">")[0]
        assert (start in attributes) if start else ("data-start" not in attributes)
    old = client_of(cast.maya).get(f"/reviews/{room.review}/ledger?v=1").text
    assert "moved to" not in old


def test_done_links_the_moment_it_can_be_seen_at(app, cast, client_of, room, newer, say):
    comment = say()
    form = {"how": "done", "note": "1 px", "walkthrough": newer, "at_ms": 42_000, "back": "ledger"}
    answered = client_of(cast.maya).post(f"/comments/{comment}/resolution", data=form)
    assert answered.location == f"/reviews/{room.review}/ledger#comment-{comment}"
    for path in (f"/reviews/{room.review}/ledger", f"/walkthroughs/{room.walkthrough}/threads"):
        page = client_of(cast.oliver).get(path).text
        assert "v=2&amp;t=42000" in page
        assert "0:42 in v2" in re.sub(r"<[^>]+>", "", page)


def test_what_each_may_do(app, cast, client_of, room, say, act):
    comment, settled = say("Open"), say("Settled")
    act(resolve_comment, settled, cast.maya)

    def may(who: int, which: int) -> set[str]:
        page = client_of(who).get(f"/reviews/{room.review}/ledger").text
        tag = page.split(f'id="comment-{which}"')[1].split(">")[0]
        return set(re.search(r'data-may="([^"]*)"', tag)[1].split())

    assert may(cast.maya, comment) == {"answer", "reply"}
    assert may(cast.maya, settled) == {"answer", "reopen", "reply"}
    assert may(cast.oliver, comment) == {"reply"}
    assert may(cast.oliver, settled) == {"confirm", "reopen", "reply"}
    assert may(cast.wei, settled) == {"answer", "confirm", "reopen", "reply"}
    act(confirm_resolution, settled, cast.oliver)
    assert may(cast.maya, settled) == {"reply"}
    assert may(cast.oliver, settled) == {"reopen", "reply"}
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=room.review)
    assert may(cast.maya, comment) == may(cast.wei, settled) == set()


def test_a_reopened_comment_says_so(app, cast, client_of, room, say, act):
    comment = say()
    act(resolve_comment, comment, cast.maya)
    act(reopen_comment, comment, cast.oliver, note="Still heavy on a phone.")
    line = line_of(client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text, comment)
    assert "Open again" in line
    assert "Oliver reopened it" in line
    assert "1 reply" in line


def test_only_the_list_comes_when_something_changed_and_nothing_else(client_of, cast, room, say):
    say()
    maya = client_of(cast.maya)
    page = maya.get(f"/reviews/{room.review}/ledger").text
    newest = re.search(r'data-newest="(\d+)"', page)[1]
    address = f"/reviews/{room.review}/ledger?after="
    assert maya.get(address + newest).status_code == 204
    comment = say("Another")
    part = maya.get(address + newest)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Another" in line_of(part.text, comment)


def test_verdicts_and_aims_stand_above(app, cast, client_of, room):
    with app.app_context(), transaction():
        db.session.add(
            Verdict(
                review_id=room.review, walkthrough_id=room.walkthrough, by_id=cast.oliver,
                verdict="another_round", body="Nearly.", at=clock.now(),
            )
        )  # fmt: skip
    page = client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text
    assert "Is the price found first?" in page
    assert "Another round" in page
    assert "Nearly." in page


def test_tabs_lead_from_room_to_ledger_and_to_compare_with_two_versions(
    client_of,
    cast,
    room,
    request,
):
    maya = client_of(cast.maya)
    for path in ("", "/ledger"):
        page = maya.get(f"/reviews/{room.review}{path}").text
        assert f'href="/reviews/{room.review}/ledger"' in page
        assert f'href="/reviews/{room.review}/compare"' not in page
    request.getfixturevalue("newer")
    for path in ("", "/ledger"):
        page = maya.get(f"/reviews/{room.review}{path}").text
        assert f'href="/reviews/{room.review}/compare"' in page


def test_the_number_of_queries_does_not_grow_with_the_comments(app, client_of, cast, room):
    client = client_of(cast.maya)

    def fill(count: int) -> None:
        with app.app_context(), transaction():
            crowd_threads(room, [cast.oliver, cast.wei], count)

    fill(2)
    client.get(f"/reviews/{room.review}/ledger")
    with counted(app) as few:
        client.get(f"/reviews/{room.review}/ledger")
    fill(498)
    with counted(app) as many:
        page = client.get(f"/reviews/{room.review}/ledger").text
    assert page.count('<li class="entry') == 500
    assert len(many) == len(few)
    assert len(few) <= 30


def test_strangers_find_nothing(client_of, cast, room):
    for who, status in ((cast.rival, 404), (cast.nia, 404), (None, 401), (cast.oliver, 200)):
        assert client_of(who).get(f"/reviews/{room.review}/ledger").status_code == status


def test_your_move_counts_what_waits_for_whom(app, cast, client_of, room, say, act):
    first, second, _third = say("One"), say("Two"), say("Three")
    say("Lovely", kind="praise")
    act(resolve_comment, first, cast.maya)
    act(resolve_comment, second, cast.maya, how="asked", note="Where?")
    ledger = f'href="/reviews/{room.review}/ledger"'
    maya = client_of(cast.maya).get("/").text
    assert "1 comment to answer" in maya
    assert ledger in maya
    oliver = client_of(cast.oliver).get("/").text
    assert "1 answer to confirm, 1 question back to you." in oliver
    assert ledger in oliver
    assert "to confirm" not in client_of(cast.wei).get("/").text
    act(add_reply, second, cast.oliver, body="There.")
    act(confirm_resolution, first, cast.oliver)
    assert "to confirm" not in client_of(cast.oliver).get("/").text


def test_work_with_others_says_what_is_still_to_be_confirmed(
    app, cast, client_of, room, newer, say, act
):
    comments = [say(str(at), on=newer) for at in range(3)]
    act(resolve_comment, comments[0], cast.maya)
    act(resolve_comment, comments[1], cast.maya)
    act(resolve_comment, comments[2], cast.maya, how="unclear")
    words = (
        "2 comments resolved, none open. 1 question back to reviewers. 2 answers to be confirmed."
    )
    assert words in client_of(cast.maya).get("/").text


def test_an_answer_to_ones_own_comment_on_ones_own_work_is_told_once(
    app, cast, client_of, room, newer, say, act
):
    own = say("A note of mine", by=cast.maya, on=newer)
    say("Open still", on=newer)
    act(resolve_comment, own, cast.wei)
    page = client_of(cast.maya).get("/").text
    assert page.count("1 answer to confirm.") == 1
    assert page.count("1 comment to answer") == 1
    assert "One thing" in page


def test_a_version_that_plays_is_looked_at_before_its_words_are_there(
    app, cast, client_of, room, newer
):
    with app.app_context(), transaction():
        db.session.get_one(Walkthrough, newer).state = "processing"
    page = client_of(cast.maya).get(f"/reviews/{room.review}/ledger").text
    assert "Looked at: v2" in page
