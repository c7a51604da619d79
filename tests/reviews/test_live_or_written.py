"""Talk or write: the rule, its answer on the page at once and after posting, and by the API."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from critique.pairing.models import Meeting
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import transaction
from critique.reviews.live_or_written import TICKS, advice_on, in_order
from critique.reviews.models import Review
from critique.reviews.operations import create_review
from tests.conftest import load_person

LIVE = "Take it live: it is complex and urgent; 20 minutes now save a day."


@given(st.lists(st.sampled_from([*TICKS, "unheard of"])))
def test_one_tick_is_enough_and_none_means_to_write(ticks):
    advice = advice_on(ticks)
    known = [name for name in TICKS if name in ticks]
    assert advice.way == ("live" if known else "written")
    assert all((TICKS[name].because in advice.sentence) is (name in known) for name in TICKS)
    assert advice.sentence.endswith(".")
    assert in_order(ticks) == known
    assert advice_on(known) == advice


def test_it_says_what_to_do_and_why():
    assert advice_on(["complex_urgent"]).sentence == LIVE
    assert advice_on(["exploring", "hard_talk"]).sentence == (
        "Take it live: it is a hard talk and it is still an exploration; "
        "a voice is kinder than the same words in writing."
    )
    assert advice_on([]).sentence.startswith("Write it down: ")


def test_the_page_answers_as_one_ticks(client_of, cast):
    client = client_of(cast.maya)
    page = client.get("/reviews/new").text
    assert "Write it down:" in page
    assert all(f'value="{name}"' in page for name in TICKS)
    partial = client.get("/reviews/way?ticks=complex_urgent&ticks=nonsense").text
    assert "<html" not in partial
    assert "it is complex and urgent; 20 minutes now save a day." in partial


def test_without_javascript_the_answer_stands_in_the_room(app, client_of, cast):
    client = client_of(cast.maya)
    posted = client.post("/reviews", data={"title": "Checkout", "ticks": ["complex_urgent"]})
    room = posted.headers["Location"]
    assert LIVE in client_of(cast.oliver).get(room).text
    with app.app_context():
        assert db.session.query(Review).one().ticks == ["complex_urgent"]
    edit = client.get(f"{room}/edit").text
    assert 'value="complex_urgent" checked' in edit
    assert client.post(room, data={"title": "Checkout", "revision": "1"}).status_code == 303
    assert "Take it live:" not in client.get(room).text


def test_the_room_leads_to_the_booking_until_a_session_is_booked(app, client_of, cast):
    with app.app_context(), transaction():
        review_id = create_review(
            by=load_person(cast.maya), team_id=cast.team, title="C", ticks=["hard_talk"]
        ).id
    client, room = client_of(cast.maya), f"/reviews/{review_id}"
    booking = f'<a href="{room}/sessions/new">Book a time</a>'
    assert booking in client.get(room).text
    assert client.get(f"{room}/sessions/new").status_code == 200
    with app.app_context(), transaction():
        starts_at = clock.now() + timedelta(hours=1)
        db.session.add(
            Meeting(
                kind="feedback", team_id=cast.team, review_id=review_id, host_id=cast.oliver,
                starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15), uid="live",
                reason="Booked.",
            )
        )  # fmt: skip
    assert booking not in client.get(room).text


def test_a_program_ticks_and_reads_what_is_recommended(client_of, cast):
    client = client_of(cast.maya)
    made = client.post("/api/v1/reviews", json={"title": "C", "ticks": ["exploring"]}).json
    assert made["ticks"] == ["exploring"]
    assert made["recommendation"]["way"] == "live"
    assert made["recommendation"]["booking"].endswith(f"/reviews/{made['id']}/sessions/new")
    assert "still an exploration" in made["recommendation"]["reason"]
    plain = client.post("/api/v1/reviews", json={"title": "C"}).json
    assert (plain["ticks"], plain["recommendation"]["way"]) == ([], "written")
    assert plain["recommendation"]["booking"] is None
    wrong = client.post("/api/v1/reviews", json={"title": "C", "ticks": ["tired"]})
    assert wrong.status_code == 422
    assert "complex_urgent" in wrong.json["fields"]["ticks"]


def test_each_tick_is_kept_once_in_the_order_of_the_page(app, cast):
    ticks = ["exploring", "exploring", "complex_urgent"]
    with app.app_context(), transaction():
        review = create_review(by=load_person(cast.maya), team_id=cast.team, title="C", ticks=ticks)
        assert review.ticks == ["complex_urgent", "exploring"]
