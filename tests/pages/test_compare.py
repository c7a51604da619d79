"""Two versions as the server sends them: who sees them, which two, what is said about either."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask

from critique.comments import versions
from critique.comments.models import Placement
from critique.comments.operations import add_comment
from critique.comments.takes.sentences import Row, Said
from critique.pages.compare_words import summary_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Step, Transcript, Walkthrough
from tests.conftest import load_person
from tests.pages.test_room import counted

FIRST = ("The total stands above the green button now.", "The rule is <b>lighter</b> than before.")
SECOND = ("The rule is <b>lighter</b> than before.", "On a phone it becomes one single bar.")
THIRD = ("The total stands above the red button now.", "On a phone it becomes one single bar.")


@dataclass
class Pair:
    """Ids of a request and of its versions, in order, and their words."""

    review: int
    walkthroughs: list[int] = field(default_factory=list)
    words: list[list] = field(default_factory=list)


def rows_of_words(sentences: tuple[str, ...], each: int = 400) -> list[list]:
    rows: list[list] = []
    at = 0
    for sentence in sentences:
        for word in sentence.split():
            rows.append([len(rows) + 1, word, at, at + each - 50, 0.9])
            at += each
        at += 700
    return rows


@pytest.fixture
def make(app: Flask, cast):
    """Maya's request with a version for each telling; None has no transcript."""

    def build(*tellings: tuple[str, ...] | None, **more) -> Pair:
        with app.app_context(), transaction():
            review = Review(
                team_id=cast.team, author_id=cast.maya, title="Checkout", created_at=clock.now()
            )
            db.session.add(review)
            db.session.flush()
            pair = Pair(review.id)
            for number, telling in enumerate(tellings, 1):
                _add_version(pair, number, telling, more)
            return pair

    return build


def _add_version(pair: Pair, number: int, telling, more: dict) -> None:
    made = Walkthrough(
        review_id=pair.review, version=number, uploaded_by_id=more.get("by", 1), state="ready",
        filename="take.mp4", created_at=clock.now(), duration_ms=20_000, width=640, height=360,
        original_key="o", playable_key="p", playable_type="video/mp4", has_video=True,
        has_audio=True, sha256=more.get("sha256"), steps=[Step(name="probe", position=0)],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    pair.walkthroughs.append(made.id)
    words = rows_of_words(telling) if telling else []
    pair.words.append(words)
    if telling:
        db.session.add(
            Transcript(
                walkthrough_id=made.id, revision=1, engine="test", draft=more.get("draft", False),
                words=words, created_at=clock.now(),
            )
        )  # fmt: skip


def change(app: Flask, walkthrough_id: int, **values) -> None:
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, walkthrough_id)
        for name, value in values.items():
            setattr(walkthrough, name, value)


def say(app: Flask, cast, walkthrough_id: int, body: str, **where) -> int:
    with app.app_context(), transaction():
        walkthrough = db.session.get_one(Walkthrough, walkthrough_id)
        return add_comment(
            by=load_person(cast.oliver), walkthrough=walkthrough, body=body, **where
        ).id


def data_of(page: str) -> dict:
    return json.loads(re.search(r'id="compare-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def versions_of(page: str) -> list[int]:
    return [side["version"] for side in data_of(page)["sides"]]


def test_who_may_see_it(client_of, cast, make):
    pair = make(FIRST, SECOND)
    for person, status in [
        (cast.maya, 200), (cast.oliver, 200), (cast.rival, 404), (cast.nia, 404), (None, 401),
    ]:  # fmt: skip
        answer = client_of(person).get(f"/reviews/{pair.review}/compare")
        assert answer.status_code == status, person
        assert status == 200 or b"lighter" not in answer.data


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", [2, 3]), ("?from=1", [1, 3]), ("?from=1&to=2", [1, 2]), ("?from=3&to=1", [3, 1]),
        ("?to=2", [1, 2]), ("?from=3", [3, 2]), ("?from=2&to=2", [1, 2]), ("?to=1", [3, 1]),
        ("?from=77&to=x", [2, 3]),
    ],
)  # fmt: skip
def test_which_two(client_of, cast, make, asked, shown):
    pair = make(FIRST, SECOND, THIRD)
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare{asked}").text
    assert versions_of(page) == shown


def test_only_what_plays_is_offered_and_one_alone_says_what_to_do(app, client_of, cast, make):
    pair = make(FIRST, SECOND, THIRD)
    maya, oliver = client_of(cast.maya), client_of(cast.oliver)
    change(app, pair.walkthroughs[1], removed_at=clock.now(), playable_key=None)
    assert versions_of(oliver.get(f"/reviews/{pair.review}/compare").text) == [1, 3]
    change(app, pair.walkthroughs[2], state="processing", playable_key=None)
    assert "v3 is still on its way." in oliver.get(f"/reviews/{pair.review}/compare").text
    change(app, pair.walkthroughs[2], state="failed")
    assert "When Maya posts the next one" in oliver.get(f"/reviews/{pair.review}/compare").text
    assert "from the room" in maya.get(f"/reviews/{pair.review}/compare").text
    change(app, pair.walkthroughs[0], removed_at=clock.now(), playable_key=None)
    assert "no version that plays" in maya.get(f"/reviews/{pair.review}/compare").text


def test_sentences_stand_beside_each_other_and_stay_text(client_of, cast, make):
    pair = make(FIRST, SECOND)
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    assert "1 as before, 1 only in v1, 1 only in v2." in page
    assert "<b>lighter" not in page
    assert page.count("&lt;b&gt;lighter&lt;/b&gt;") == 2
    assert page.index("The total stands") < page.index("Not in v2") < page.index("On a phone")


def test_the_summary_counts_each_sentence_once():
    said = Said(0, 1, [])
    rows = [
        *[Row("same", False, said, said)] * 3,
        Row("same", True, said, said),
        Row("reworded", True, said, said),
        Row("reworded", False, said, said),
        Row("removed", False, said, None),
        Row("added", False, None, said),
    ]
    old, new = Walkthrough(version=4), Walkthrough(version=7)
    assert summary_of(rows, old, new) == (
        "3 as before, 1 in other words, 2 in another place, 1 only in v4, 1 only in v7."
    )
    assert summary_of(rows[:3], old, new).startswith("Every sentence is said in both")
    assert summary_of(rows[-2:], old, new) == ""


def test_words_that_changed_are_marked_in_both(client_of, cast, make):
    pair = make(FIRST, THIRD)
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    assert "<del>green</del>" in page
    assert "<ins>red</ins>" in page


def test_a_comment_stands_once_with_its_version_and_where_it_is_in_the_other(
    app, client_of, cast, make
):
    pair = make(FIRST, SECOND)
    first, second = pair.walkthroughs
    gone = say(app, cast, first, "Too **green**.", words=(1, 3))
    there = say(app, cast, first, "Still heavy.", words=(9, 10))
    unsure = say(app, cast, first, "Lighter than what?", words=(11, 12))
    new = say(app, cast, second, "A bar, good.", start_ms=6000)
    with app.app_context(), transaction():
        db.session.query(Placement).filter_by(comment_id=unsure).delete()
        db.session.add(
            Placement(
                comment_id=unsure, walkthrough_id=second, state="uncertain", start_ms=1200,
                end_ms=1900, confidence=0.5, how="words", at=clock.now(),
            )
        )  # fmt: skip
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    said = {
        int(found[1]): " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())
        for found in re.finditer(r'data-note="(\d+)".*?</article>', page, re.DOTALL)
    }
    assert sorted(said) == sorted([gone, there, unsure, new])
    assert "v1 0:00 not in v2" in said[gone]
    assert "v1 0:03 0:00 in v2" in said[there]
    assert "perhaps 0:01 in v2" in said[unsure]
    assert "v2 0:06 not in v1" in said[new]
    assert "<strong>green</strong>" in page


def test_without_words_both_run_by_the_clock_and_the_page_says_so(client_of, cast, make):
    pair = make(FIRST, None)
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    assert "There are no words of v2, so both run by the same clock." in page
    data = data_of(page)
    assert data["by_the_clock"] is True
    assert data["runs"] == [[[0, 0], [20_000, 20_000]]]


def test_the_same_file_twice_runs_along_with_itself(client_of, cast, make):
    pair = make(FIRST, None, sha256="a" * 64)
    data = data_of(client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text)
    assert data["by_the_clock"] is False
    assert data["runs"] == [[[0, 0], [20_000, 20_000]]]


def test_a_draft_says_that_matches_may_be_wrong(client_of, cast, make):
    pair = make(FIRST, SECOND, draft=True)
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    assert "The transcript is a draft" in page


def test_without_scripts_both_videos_have_controls_and_stand_at_the_same_sentence(
    client_of, cast, make
):
    pair = make(FIRST, SECOND)
    rule = pair.words[0][8][2]
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare?from=1&to=2&t={rule}").text
    assert re.search(
        rf'walkthroughs/{pair.walkthroughs[0]}/media/playable#t={rule / 1000:.3f}"', page
    )
    assert re.search(rf'walkthroughs/{pair.walkthroughs[1]}/media/playable"', page)
    assert page.count(" controls ") == 2


@pytest.mark.parametrize("t", ["-5", "99999999999999999999", "x", "1e9"])
def test_a_moment_that_is_none_is_no_error(client_of, cast, make, t):
    pair = make(FIRST, SECOND)
    assert client_of(cast.oliver).get(f"/reviews/{pair.review}/compare?t={t}").status_code == 200


def test_queries_do_not_grow_with_the_comments(app, client_of, cast, make):
    pair = make(FIRST, SECOND)
    client = client_of(cast.oliver)

    def asked() -> int:
        with counted(app) as sent:
            assert client.get(f"/reviews/{pair.review}/compare").status_code == 200
        return len(sent)

    say(app, cast, pair.walkthroughs[0], "One.", start_ms=0)
    few = asked()
    for at in range(12):
        say(app, cast, pair.walkthroughs[at % 2], "More.", start_ms=at * 500)
    assert asked() <= few


def test_the_api_tells_the_passages(client_of, cast, make):
    pair = make(FIRST, SECOND)
    first, second = pair.walkthroughs
    client = client_of(cast.oliver)
    answer = client.get(f"/api/v1/walkthroughs/{first}/map/{second}")
    assert (answer.json["from"], answer.json["to"]) == (first, second)
    (passage,) = answer.json["passages"]
    rule, end = pair.words[0][8], pair.words[0][-1]
    assert abs(passage["from_start_ms"] - rule[2]) <= 400
    assert abs(passage["from_end_ms"] - end[3]) <= 400
    assert passage["to_start_ms"] <= 400
    again = client.get(
        f"/api/v1/walkthroughs/{first}/map/{second}",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")


def test_the_api_refuses_two_requests_and_strangers(client_of, cast, make):
    one, other = make(FIRST), make(SECOND)
    address = f"/api/v1/walkthroughs/{one.walkthroughs[0]}/map/{other.walkthroughs[0]}"
    answer = client_of(cast.oliver).get(address)
    assert answer.status_code == 404
    assert "different requests" in answer.json["detail"]
    assert client_of(cast.rival).get(address).status_code == 404


def test_words_are_aligned_once_and_anew_when_they_change(app, client_of, cast, make, monkeypatch):
    aligned = []
    real = versions.time_map
    monkeypatch.setattr(versions, "_kept", type(versions._kept)())
    monkeypatch.setattr(versions, "time_map", lambda *words: aligned.append(1) or real(*words))
    pair = make(FIRST, SECOND)
    client = client_of(cast.oliver)
    for _ in range(2):
        client.get(f"/reviews/{pair.review}/compare")
    client.get(f"/api/v1/walkthroughs/{pair.walkthroughs[0]}/map/{pair.walkthroughs[1]}")
    assert len(aligned) == 1
    with app.app_context(), transaction():
        db.session.add(
            Transcript(
                walkthrough_id=pair.walkthroughs[1], revision=2, engine="by hand", draft=False,
                words=rows_of_words(THIRD), created_at=clock.now(),
            )
        )  # fmt: skip
    assert "<ins>red</ins>" in client.get(f"/reviews/{pair.review}/compare").text
    assert len(aligned) == 2


def test_words_that_are_still_being_written_down_are_not_called_missing(app, client_of, cast, make):
    pair = make(FIRST, None)
    with app.app_context(), transaction():
        second = db.session.scalars(sa.select(Walkthrough).filter_by(version=2)).one()
        second.steps.append(Step(name="transcript", position=9, state="running"))
    page = client_of(cast.oliver).get(f"/reviews/{pair.review}/compare").text
    assert "The words of v2 are still being written down" in page
    assert "There are no words" not in page
