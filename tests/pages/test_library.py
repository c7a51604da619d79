"""The library finds moments, marks the words, and shows nobody what is not theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from critique.pages.library import moments_for
from critique.pages.moments import excerpt
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.search import Passage, fold, replace_entries
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.access import visible_reviews
from critique.reviews.operations import close_review, create_review
from tests.conftest import load_person
from tests.mentoring.test_queue import answer, post, show


@pytest.fixture
def shelf(app, cast) -> dict[str, int]:
    """A request with words in all three sources, and one of another team with the same words."""
    with app.app_context(), transaction():
        review = post(cast, "The hidden total", project="Checkout")
        walkthrough = show(review)
        comment = answer(walkthrough, cast.oliver)
        for source, source_id, text, start in (
            ("transcript", walkthrough.id, "so the Total sits above the button now", 83_000),
            ("comment", comment.id, "Could the tótal be bigger <b>than</b> this?", 84_000),
        ):
            replace_entries(
                team_id=cast.team,
                review_id=review.id,
                walkthrough_id=walkthrough.id,
                source=source,
                source_id=source_id,
                passages=[Passage(text, start, start + 900)],
            )
        other = create_review(
            by=load_person(cast.rival), team_id=cast.other_team, title="Total secret"
        )
        return {"review": review.id, "other": other.id, "comment": comment.id}


def found(app, person_id: int, query: str) -> list[tuple[str, str]]:
    with app.test_request_context(), snapshot():
        return [(m.source, m.path) for m in moments_for(load_person(person_id), query)]


def test_words_are_found_where_they_were_said(app, cast, shelf):
    room, comment = f"/reviews/{shelf['review']}", shelf["comment"]
    assert found(app, cast.wei, "TOTAL") == [
        ("comment", f"{room}?v=1&t=84000#comment-{comment}"),
        ("transcript", f"{room}?v=1&t=83000"),
        ("review", room),
    ]
    assert found(app, cast.wei, "total but") == [("transcript", f"{room}?v=1&t=83000")]
    assert found(app, cast.wei, "total nowhere") == []
    assert found(app, cast.wei, " ' OR 1=1 -- \" * ( ") == []


def test_nobody_finds_what_they_may_not_read(app, cast, shelf):
    assert {path for _, path in found(app, cast.rival, "total")} == {f"/reviews/{shelf['other']}"}
    assert found(app, cast.nia, "total") == []
    with app.app_context(), transaction():
        load_person(cast.wei).memberships[0].ended_at = clock.now()
    assert found(app, cast.wei, "total") == []


@pytest.mark.parametrize("name", ["maya", "oliver", "wei", "ada", "rival", "nia"])
def test_found_is_always_a_part_of_readable(app, cast, shelf, name):
    with app.test_request_context(), snapshot():
        person = load_person(getattr(cast, name))
        readable = {review.id for review in db.session.scalars(visible_reviews(person))}
        for query in ("total", "t", "secret", "the", "button total", "checkout", "%", "_"):
            assert {m.review.id for m in moments_for(person, query)} <= readable


def test_the_page_marks_the_words_and_lets_no_html_through(app, cast, client_of, shelf):
    page = client_of(cast.maya).get("/library?q=total").text
    assert "3 moments" in page
    assert "<mark>tótal</mark>" in page
    assert "&lt;b&gt;than&lt;/b&gt;" in page
    assert "No moments" in client_of(cast.nia).get("/library?q=total").text
    assert client_of(cast.maya).get("/library", query_string={"q": "\0x" * 900}).status_code == 200


def test_without_a_query_it_lists_what_was_asked(app, cast, client_of, shelf):
    with app.app_context(), transaction():
        closed = post(cast, "Closed one", by=cast.wei)
        close_review(by=load_person(cast.wei), review_id=closed.id, reason="Shipped.")
        project = db.session.get_one(type(closed), shelf["review"]).project_id
    maya = client_of(cast.maya)
    assert ": Shipped.<" in maya.get("/library").text
    titles = ("The hidden total", "Closed one")
    shown = {
        query: [title for title in titles if title in maya.get(query).text]
        for query in (
            "/library",
            "/library?state=open",
            "/library?state=closed",
            "/library?state=mine",
            f"/library?project={project}",
            "/library?page=2",
            "/library?state=x&project=99999999999999999999&page=-5",
        )
    }
    assert list(shown.values()) == [
        ["The hidden total", "Closed one"],
        ["The hidden total"],
        ["Closed one"],
        ["The hidden total"],
        ["The hidden total"],
        [],
        ["The hidden total", "Closed one"],
    ]
    assert "Total secret" not in maya.get("/library").text


def test_what_was_written_is_quoted_without_its_marks(app, cast, shelf):
    with app.app_context(), transaction():
        create_review(
            by=load_person(cast.maya),
            team_id=cast.team,
            title="Checkout",
            brief="People say the **delivery price** [surprised](https://x.example) them.",
        )
    with app.test_request_context(), snapshot():
        (moment,) = moments_for(load_person(cast.wei), "delivery price")
    assert moment.quote == "Checkout People say the delivery price surprised them."


@given(st.text(max_size=400), st.lists(st.text("abtol<&", min_size=1, max_size=4), max_size=3))
def test_an_excerpt_is_a_part_of_the_text_and_safe(text, words):
    quote, marked = excerpt(text, [fold(word) for word in words])
    plain = " ".join(text.split())
    assert quote.removeprefix("… ").removesuffix(" …") in plain
    bare = str(marked).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert Markup(bare).unescape() == quote
