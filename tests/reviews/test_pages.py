"""The pages of a request, as the cast meets them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.reviews.operations import create_review, edit_review
from tests.conftest import load_person

ASKED = {
    "title": "Checkout, second try",
    "brief": "The *summary* moved.",
    "aims": ["Is the price found first?", "", " "],
    "stage": "mid",
    "links": ["https://example.com/file", ""],
    "skills": ["typography", "Checkout, colour"],
    "review_by": "in 4 working hours",
    "_draft": "review.new",
}


@pytest.fixture
def posted(app, cast) -> int:
    with app.app_context(), transaction():
        return create_review(
            by=load_person(cast.maya),
            team_id=cast.team,
            title="Checkout",
            aims=["Too much grey?"],
            reviewers=[str(cast.oliver)],
            review_by="in 4 working hours",
        ).id


def test_posting_leads_to_the_room_and_tells_the_draft(app, cast, client_of):
    maya = client_of(cast.maya)
    assert "What do you want to know?" in maya.get("/reviews/new").text
    answer = maya.post("/reviews", data={**ASKED, "reviewers": [str(cast.oliver)]})
    assert answer.status_code == 303
    assert re.fullmatch(r"/reviews/\d+", answer.location)
    assert "critique_posted=review.new" in answer.headers["Set-Cookie"]
    with app.app_context(), snapshot():
        review = db.session.scalars(sa.select(Review)).one()
        assert [aim.text for aim in review.aims] == ["Is the price found first?"]
        assert [row.skill for row in review.skills] == ["checkout", "colour", "typography"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"title": " "}, "title", "This is needed."),
        ({"title": "x" * 201}, "title", "At most 200"),
        ({"brief": "x" * 20_001}, "brief", "At most 20000"),
        ({"aims": ["x" * 501]}, "aims", "at most 500"),
        ({"aims": [f"aim {n}" for n in range(11)]}, "aims", "At most 10"),
        ({"links": ["javascript:alert(1)"]}, "links", "begins with https"),
        ({"links": ["https:///nowhere"]}, "links", "begins with https"),
        ({"links": ["https://[bad"]}, "links", "begins with https"),
        ({"skills": [f"s{n}" for n in range(11)]}, "skills", "At most 10"),
        ({"stage": "done"}, "stage", "Choose one of"),
        ({"reviewers": ["stranger@example.com"]}, "reviewers", "stranger@example.com"),
        ({"review_by": "yesterday"}, "review_by", "in 4 working hours"),
        ({"review_by": "moment", "review_by_moment": "2020-01-01T10:00"}, "review_by", "passed"),
    ],
)
def test_what_cannot_be_is_named_and_everything_typed_stays(
    app, cast, client_of, changes, field, said
):
    maya = client_of(cast.maya)
    page = maya.post("/reviews", data={**ASKED, **changes})
    assert page.status_code == 422
    assert said in page.text
    assert f'href="#{field}"' in page.text
    if "brief" not in changes:
        assert "The *summary* moved." in page.text
    asks_json = {"Accept": "application/json"}
    problem = maya.post("/reviews", json={**ASKED, **changes}, headers=asks_json)
    assert problem.status_code == 422
    assert said in problem.json["fields"][field]
    with app.app_context(), snapshot():
        assert db.session.scalars(sa.select(Review)).all() == []


def test_hostile_text_stays_text(app, cast, client_of):
    maya = client_of(cast.maya)
    evil = "<script>alert(1)</script>\0"
    made = maya.post("/reviews", data={**ASKED, "title": evil, "aims": [evil], "project": evil})
    assert made.status_code == 303
    for path in (f"{made.location}/edit", "/library", "/", "/library?q=alert"):
        page = maya.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


def test_the_deadline_is_shown_on_every_clock_while_it_is_chosen(cast, client_of):
    maya = client_of(cast.maya)
    asked = f"reviewers={cast.oliver}&reviewers={cast.wei}&reviewers={cast.rival}&reviewers=x"
    page = maya.get(f"/reviews/deadline?review_by=end+of+my+tomorrow&{asked}").text
    assert "17:00 in Chicago" in page
    assert "in Singapore" in page
    assert "Rival" not in page
    assert "Choose the moment" in maya.get("/reviews/deadline?review_by=moment").text
    wrong = maya.get("/reviews/deadline?review_by=moment&review_by_moment=2020-01-01T10:00")
    assert "has passed" in wrong.text


def test_an_edit_that_came_too_late_shows_both_texts(app, cast, client_of, posted):
    maya = client_of(cast.maya)
    page = maya.get(f"/reviews/{posted}/edit").text
    assert 'name="revision" value="1"' in page
    with app.app_context(), transaction():
        edit_review(by=load_person(cast.wei), review_id=posted, revision=1, title="Wei was here")
    typed = {**ASKED, "revision": "1", "review_by": "keep", "title": "Maya was here"}
    late = maya.post(f"/reviews/{posted}", data=typed)
    assert late.status_code == 409
    assert "Wei was here" in late.text
    assert "Maya was here" in late.text
    assert 'name="revision" value="2"' in late.text
    again = maya.post(f"/reviews/{posted}", data={**typed, "revision": "2"})
    assert again.status_code == 303
    with app.app_context(), snapshot():
        assert db.session.get_one(Review, posted).title == "Maya was here"


def test_an_edit_keeps_a_deadline_it_does_not_touch(app, cast, client_of, posted):
    with app.app_context(), transaction():
        before = db.session.get_one(Review, posted).review_by
    typed = {**ASKED, "revision": "1", "review_by": "keep", "review_by_moment": "2020-01-01T10:00"}
    assert client_of(cast.maya).post(f"/reviews/{posted}", data=typed).status_code == 303
    with app.app_context(), snapshot():
        review = db.session.get_one(Review, posted)
        assert (review.review_by, review.title) == (before, ASKED["title"])


def test_the_whole_life_of_a_request(app, cast, client_of, posted):
    maya, wei = client_of(cast.maya), client_of(cast.wei)
    later = {"review_by": "in 9 working hours", "reason": "Wei is away"}
    assert wei.post(f"/reviews/{posted}/extensions", data=later).status_code == 303
    assert wei.post(f"/reviews/{posted}/closure", data={"reason": "Shipped"}).status_code == 303
    assert maya.post(f"/reviews/{posted}/closure").status_code == 409
    assert maya.get(f"/reviews/{posted}/edit").status_code == 409
    assert maya.post(f"/reviews/{posted}/reopening").status_code == 303
    assert maya.post(f"/reviews/{posted}/reopening").status_code == 409
    assert maya.get(f"/reviews/{posted}/edit").status_code == 200


ROUTES = [
    ("get", "/reviews/{id}/edit"),
    ("post", "/reviews/{id}"),
    ("post", "/reviews/{id}/extensions"),
    ("post", "/reviews/{id}/closure"),
    ("post", "/reviews/{id}/reopening"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_may_not_change_it(cast, client_of, posted, method, path):
    data = {**ASKED, "revision": "1", "review_by": "in 9 working hours"}
    statuses = {
        name: getattr(client_of(person), method)(
            path.format(id=posted), data=data if method == "post" else None
        ).status_code
        for name, person in (("oliver", cast.oliver), ("rival", cast.rival), ("nia", cast.nia))
    }
    assert statuses == {"oliver": 403, "rival": 404, "nia": 404}


def test_somebody_in_no_team_is_told_what_to_do(cast, client_of):
    nia = client_of(cast.nia)
    assert "invitation" in nia.get("/reviews/new").text
    assert nia.post("/reviews", data=ASKED).status_code == 404


def test_a_removed_author_loses_the_page_with_the_next_request(app, cast, client_of, posted):
    maya = client_of(cast.maya)
    assert maya.get(f"/reviews/{posted}/edit").status_code == 200
    with app.app_context(), transaction():
        load_person(cast.maya).memberships[0].ended_at = clock.now()
    assert maya.get(f"/reviews/{posted}/edit").status_code == 404
