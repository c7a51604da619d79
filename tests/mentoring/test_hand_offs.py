"""Handing over: who may, what moves along, what is offered when nobody is there, and reminders."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts.models import Person
from critique.events.models import Event
from critique.mentoring.hand_offs import open_offer_on
from critique.mentoring.models import Claim, HandOff, Reminder
from critique.mentoring.operations import claim_review
from critique.mentoring.turns import turns_on
from critique.mentoring.watching import watch
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review, Reviewer
from critique.reviews.operations import close_review, create_review
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person
from tests.mentoring.test_queue import answer, show

# A Tuesday. Oliver (London) goes home at 17:00 UTC, Maya (Chicago) at 23:00, Wei (Singapore)
# comes at 01:00.
POSTED = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def at():
    with time_machine.travel(POSTED, tick=False) as traveller:
        yield traveller.move_to


def asked(cast, *, due: datetime, reviewers=("oliver@example.com",)) -> Review:
    """A request with a walkthrough, in the current transaction."""
    review = create_review(
        by=load_person(cast.maya), team_id=cast.team, title="Checkout", reviewers=list(reviewers)
    )
    review.review_by = due
    record("walkthrough.posted", load_person(cast.maya), show(review))
    return review


def holders(review_id: int) -> dict[int, str]:
    return {turn.person_id: turn.reason for turn in turns_on([review_id])[review_id]}


@pytest.fixture
def review(app, cast, at):
    with app.app_context(), transaction():
        return asked(cast, due=POSTED + timedelta(days=2)).id


def test_claim_turn_and_ask_move_along_and_the_other_is_told(app, cast, client_of, review):
    with app.app_context(), transaction():
        claim_review(by=load_person(cast.oliver), review_id=review)
    oliver = client_of(cast.oliver)
    page = oliver.get(f"/reviews/{review}/hand-off").text
    assert "Wei" in page
    assert "Maya</span>" not in page
    sent = oliver.post(
        f"/reviews/{review}/hand-off", data={"to": cast.wei, "note": "Look at the total."}
    )
    assert sent.status_code == 303
    with app.app_context(), snapshot():
        assert holders(review) == {cast.wei: "handed_over"}
        assert db.session.get_one(Claim, review).until <= clock.now()
        assert db.session.get_one(Reviewer, (review, cast.wei)).reason == "Oliver handed it over"
        told = db.session.scalars(sa.select(Event).where(Event.verb == "claim.handed_over")).one()
        assert told.details["person_id"] == cast.wei
    wei = client_of(cast.wei)
    assert "handed it over to you" in wei.get("/").text
    # The note is there where Wei hears of it and where Wei looks at it, and nowhere else.
    assert "Look at the total." in wei.get("/notices").text
    assert "It came with a note: Look at the total." in wei.get(f"/reviews/{review}").text
    for other in (cast.maya, cast.oliver, cast.ada):
        assert "Look at the total." not in client_of(other).get(f"/reviews/{review}").text


def test_handing_over_is_offered_to_who_may(cast, client_of, review):
    shown = {
        who: "Hand it over" in client_of(getattr(cast, who)).get(f"/reviews/{review}").text
        for who in ("maya", "oliver", "wei", "ada")
    }
    assert shown == {"maya": False, "oliver": True, "wei": True, "ada": True}
    assert client_of(cast.maya).get(f"/reviews/{review}/hand-off").status_code == 403


@pytest.mark.parametrize(
    ("who", "to", "status"),
    [
        ("maya", "wei", 403), ("ada", "wei", 201), ("rival", "wei", 404), ("oliver", "oliver", 422),
        ("oliver", "maya", 422), ("oliver", "rival", 404), ("oliver", "nia", 404),
    ],
)  # fmt: skip
def test_who_may_hand_over_and_to_whom(cast, client_of, review, who, to, status):
    sent = {"to": getattr(cast, to)}
    answer = client_of(getattr(cast, who)).post(f"/api/v1/reviews/{review}/hand-offs", json=sent)
    assert answer.status_code == status


def test_off_shift_at_half_time_it_is_offered_to_who_is_sooner_and_stays_until_taken(
    app, cast, client_of, at
):
    with app.app_context():
        with transaction():
            # Due when Maya has worked eleven hours more; half of them are gone at 20:30.
            review = asked(cast, due=POSTED + timedelta(days=1, hours=3)).id
        at(POSTED + timedelta(hours=3))
        assert watch(clock.now()) == 0
        at(datetime(2026, 11, 24, 21, tzinfo=UTC))
        assert watch(clock.now()) == 1
        assert watch(clock.now()) == 0
        with snapshot():
            offer = open_offer_on(review)
            assert (offer.from_id, offer.to_id) == (cast.oliver, cast.wei)
            assert holders(review) == {cast.oliver: "requested"}
    wei = client_of(cast.wei)
    page = wei.get("/").text
    assert "One request is offered to you." in page
    assert "Maya · offered to you" in page
    assert f'action="/reviews/{review}/claim"' not in page
    assert client_of(cast.oliver).post(f"/reviews/{review}/hand-off/taking").status_code == 409
    assert wei.post(f"/reviews/{review}/hand-off/taking").status_code == 303
    with app.app_context(), snapshot():
        assert holders(review) == {cast.wei: "handed_over"}
        assert open_offer_on(review) is None
    assert wei.put(f"/api/v1/reviews/{review}/hand-offs/answer", json={
        "answer": "taken"}).status_code == 409  # fmt: skip


def test_who_declines_is_not_asked_again_and_the_next_one_is(app, cast, client_of, at):
    with app.app_context(), transaction():
        review = asked(cast, due=POSTED + timedelta(days=1, hours=3)).id
        db.session.get_one(Person, cast.ada).zone = "Asia/Tokyo"
        ada = load_person(cast.ada)
        ada.hours = {**ada.hours, "zone": "Asia/Tokyo"}
    at(datetime(2026, 11, 24, 21, tzinfo=UTC))
    with app.app_context():
        assert watch(clock.now()) == 1
        first = open_offer_on(review).to_id
        db.session.rollback()
    assert client_of(first).post(f"/reviews/{review}/hand-off/refusal").status_code == 303
    with app.app_context():
        assert watch(clock.now()) == 1
        second = open_offer_on(review).to_id
        assert {first, second} == {cast.wei, cast.ada}
        db.session.rollback()


def test_an_offer_lapses_when_the_request_moves_on(app, cast, at):
    with app.app_context():
        with transaction():
            review = asked(cast, due=POSTED + timedelta(days=1, hours=3)).id
        at(datetime(2026, 11, 24, 21, tzinfo=UTC))
        watch(clock.now())
        with transaction():
            close_review(by=load_person(cast.maya), review_id=review)
        watch(clock.now())
        with snapshot():
            assert db.session.scalars(sa.select(HandOff.answer)).all() == ["lapsed"]


def test_an_offer_ends_with_the_deadline_it_was_to_keep(app, cast, client_of, at):
    due = POSTED + timedelta(days=1, hours=3)
    with app.app_context():
        with transaction():
            asked(cast, due=due)
        at(datetime(2026, 11, 24, 21, tzinfo=UTC))
        watch(clock.now())
        at(due + timedelta(minutes=5))
        watch(clock.now())
        with snapshot():
            assert db.session.scalars(sa.select(HandOff.answer)).all() == ["lapsed"]
    assert "offered to you" not in client_of(cast.wei).get("/").text


def test_an_evening_of_hand_offs_does_not_all_go_to_who_comes_first(app, cast, at):
    with app.app_context():
        with transaction():
            db.session.get_one(Person, cast.ada).zone = "Europe/Berlin"
            for _ in range(7):
                asked(cast, due=POSTED + timedelta(days=1, hours=3))
        at(datetime(2026, 11, 24, 21, tzinfo=UTC))
        watch(clock.now())
        with snapshot():
            to = Counter(db.session.scalars(sa.select(HandOff.to_id)))
    # Wei, then Ada who comes later, up to the three each of them wants; then it goes round.
    assert to == {cast.wei: 4, cast.ada: 3}


def test_two_reminders_in_their_hours_then_a_lead_and_no_more(app, cast, at):
    due = datetime(2026, 11, 25, 16, tzinfo=UTC)
    with app.app_context():
        with transaction():
            asked(cast, due=due)
        moment = POSTED
        while moment < due + timedelta(days=1):
            at(moment)
            watch(clock.now())
            moment += timedelta(hours=1)
        with snapshot():
            found = db.session.execute(sa.select(Reminder.kind, Reminder.at).order_by(Reminder.id))
            kinds = [(row.kind, row.at) for row in found]
            events = db.session.scalars(
                sa.select(Event).where(Event.verb == "reminder.given").order_by(Event.id)
            )
            told = [event.details["person_id"] for event in events]
    assert [kind for kind, _ in kinds] == ["half", "near", "lead"]
    assert all(9 <= when.hour < 17 for kind, when in kinds if kind != "lead")
    assert told[:2] == [cast.oliver] * 2
    assert told[2] in (cast.wei, cast.ada)


def told_leads() -> list[tuple[int, int | None]]:
    """Which leads were told, and of whom."""
    events = db.session.scalars(
        sa.select(Event).where(Event.verb == "reminder.given").order_by(Event.id)
    )
    found = [event.details for event in events if event.details["kind"] == "lead"]
    return [(one["person_id"], one["of_id"]) for one in found]


def test_a_lead_hears_once_of_what_nobody_in_particular_had(app, cast, at):
    due = POSTED + timedelta(hours=1)
    with app.app_context():
        with transaction():
            asked(cast, due=due, reviewers=())
            spoken_of = asked(cast, due=due, reviewers=()).id
            shown = sa.select(Walkthrough).where(Walkthrough.review_id == spoken_of)
            answer(db.session.scalars(shown).one(), cast.oliver)
        for hour in range(24):
            at(POSTED + timedelta(hours=hour))
            watch(clock.now())
        with snapshot():
            told = told_leads()
    assert [of for _, of in told] == [None]
    assert told[0][0] in (cast.wei, cast.ada)


def test_who_only_remarked_in_passing_is_not_the_one_who_was_late(app, cast, at):
    with app.app_context():
        with transaction():
            review = asked(cast, due=POSTED + timedelta(hours=3), reviewers=())
            first = db.session.scalars(sa.select(Walkthrough)).one()
            answer(first, cast.oliver)
        at(POSTED + timedelta(hours=1))
        with transaction():
            show(db.session.get_one(Review, review.id), version=2)
        with snapshot():
            assert holders(review.id)[cast.oliver] == "new_version"
        for hour in range(2, 24):
            at(POSTED + timedelta(hours=hour))
            watch(clock.now())
        with snapshot():
            assert [of for _, of in told_leads()] == [None]
            assert db.session.scalars(sa.select(HandOff)).all() == []


def test_who_takes_on_what_is_late_already_is_not_late(app, cast, at):
    with app.app_context():
        with transaction():
            review = asked(cast, due=POSTED + timedelta(minutes=30), reviewers=()).id
        at(POSTED + timedelta(hours=1))
        watch(clock.now())
        with transaction():
            claim_review(by=load_person(cast.oliver), review_id=review)
        at(POSTED + timedelta(hours=1, minutes=10))
        watch(clock.now())
        with snapshot():
            assert [of for _, of in told_leads()] == [None]


def test_the_reason_of_a_suggestion_is_kept_with_the_ask(app, cast, client_of, review):
    with app.app_context(), snapshot():
        reason = db.session.get_one(Reviewer, (review, cast.oliver)).reason
    assert "open" in reason
    shown = client_of(cast.maya).get("/reviews/suggestions?skills=typography").text
    assert shown.index("Oliver") < shown.index("Wei")
    body = client_of(cast.maya).get(f"/api/v1/reviews/{review}/suggestions").json
    assert {one["person"]["name"] for one in body} == {"Oliver", "Wei", "Ada"}
    # Where no skill is asked for, nobody is said to have it.
    assert "skill" not in body[0]["reason"]
    assert "skill" not in client_of(cast.maya).get("/reviews/suggestions").text
    assert "has the skill" in shown


def test_suggestions_heed_the_deadline_that_is_being_typed(cast, client_of, at):
    def suggested(query: str) -> str:
        return client_of(cast.maya).get(f"/reviews/suggestions?{query}").text

    # Within the hour London has fifteen minutes for reviews, and Singapore is asleep.
    soon = suggested("review_by=moment&review_by_moment=2026-11-24T10:00")
    assert soon.index("Oliver") < soon.index("Wei")
    assert "little room before the deadline" in soon.split("Wei")[1]
    for query in ("review_by=in+3+working+days", "review_by=rubbish", "review_by=moment", ""):
        assert "little room" not in suggested(query), query


def test_capacity_bounds_claims_and_suggestions(app, cast, client_of, review):
    oliver = client_of(cast.oliver)
    assert oliver.put("/api/v1/me/capacity", json={"capacity": 1}).json == {"capacity": 1}
    assert oliver.put("/api/v1/me/capacity", json={"capacity": 11}).status_code == 422
    with app.app_context(), transaction():
        other = create_review(by=load_person(cast.maya), team_id=cast.team, title="Labels").id
    assert oliver.put(f"/api/v1/reviews/{review}/claim").status_code == 200
    refused = oliver.put(f"/api/v1/reviews/{other}/claim")
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_claims")
    assert "at capacity" in client_of(cast.maya).get("/reviews/suggestions").text
    assert "You want at most" in oliver.get("/queue").text
