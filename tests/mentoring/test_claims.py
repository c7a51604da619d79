"""Claims: one holder at any instant, by the clock, and everybody else is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from critique.events.models import Event
from critique.events.record import record_event
from critique.mentoring.models import Claim
from critique.mentoring.operations import (
    LEASE,
    MOST_OPEN,
    claim_review,
    release_claim,
    renew_claim,
)
from critique.mentoring.queries import claim_on
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, NotFound
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.operations import close_review, create_review
from tests.conftest import load_person


def post(app, cast, title="Checkout", by=None) -> int:
    with app.app_context(), transaction():
        return create_review(by=load_person(by or cast.maya), team_id=cast.team, title=title).id


def take(app, person_id: int, review_id: int):
    with app.app_context(), transaction():
        claim = claim_review(by=load_person(person_id), review_id=review_id)
        return claim.person_id, claim.until


def test_a_claim_lasts_thirty_minutes_and_the_second_is_told_who(app, cast):
    review = post(app, cast)
    before = clock.now()
    holder, until = take(app, cast.oliver, review)
    assert holder == cast.oliver
    assert until - LEASE - before < timedelta(minutes=1)
    with pytest.raises(Conflict, match="Oliver claimed it first and has it until") as refused:
        take(app, cast.wei, review)
    assert refused.value.extra["claimed_by"] == "Oliver"
    assert refused.value.extra["claimed_until"] == until.isoformat()


def test_a_claim_ends_by_the_clock_alone(app, cast):
    review = post(app, cast)
    _, until = take(app, cast.oliver, review)
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        with app.app_context(), snapshot():
            assert claim_on(review, clock.now()) is None
        assert take(app, cast.wei, review)[0] == cast.wei
        with pytest.raises(Conflict, match="Wei"):
            take(app, cast.oliver, review)


def test_of_many_simultaneous_claims_one_succeeds_and_all_others_learn_whose_it_is(app, cast):
    review = post(app, cast)
    people = [cast.oliver, cast.wei, cast.ada] * 3
    told: list[str] = []
    start = threading.Barrier(len(people))

    def run(person_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    claim = claim_review(by=load_person(person_id), review_id=review)
                    told.append(f"got it: {claim.person_id}")
            except Conflict as conflict:
                told.append(conflict.extra["claimed_by"])
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(person_id,)) for person_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context(), snapshot():
        holder = claim_on(review, clock.now()).person
        got = [words for words in told if words.startswith("got it")]
        # The holder's own two repeats renew; nobody else got it.
        assert set(got) == {f"got it: {holder.id}"}
        assert len(got) == 3
        assert [words for words in told if words not in got] == [holder.name] * 6
        verbs = db.session.scalars(sa.select(Event.verb).where(Event.subject == "claim")).all()
        assert verbs == ["claim.claimed"]


def test_nobody_holds_more_than_three_also_when_they_try_all_at_once(app, cast):
    reviews = [post(app, cast, f"Request {n}") for n in range(5)]
    refused: list[str] = []
    start = threading.Barrier(len(reviews))

    def run(review_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    claim_review(by=load_person(cast.oliver), review_id=review_id)
            except Conflict as conflict:
                refused.append(conflict.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(review_id,)) for review_id in reviews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["too_many_claims"] * 2
    with app.app_context(), snapshot():
        chosen = sa.select(sa.func.count()).select_from(Claim).where(Claim.until > clock.now())
        assert db.session.scalar(chosen) == MOST_OPEN


def test_a_closed_request_frees_its_place_among_the_three(app, cast):
    reviews = [post(app, cast, f"Request {n}") for n in range(4)]
    for review_id in reviews[:3]:
        take(app, cast.oliver, review_id)
    with pytest.raises(Conflict, match="hold 3"):
        take(app, cast.oliver, reviews[3])
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=reviews[0])
    assert take(app, cast.oliver, reviews[3])[0] == cast.oliver
    assert take(app, cast.oliver, reviews[3])[0] == cast.oliver


def test_activity_renews_but_never_takes(app, cast):
    review = post(app, cast)
    _, until = take(app, cast.oliver, review)
    later = until - timedelta(minutes=5)
    with time_machine.travel(later, tick=False), app.app_context(), transaction():
        assert renew_claim(by=load_person(cast.oliver), review_id=review).until > until
        assert renew_claim(by=load_person(cast.wei), review_id=review) is None
    with time_machine.travel(until + LEASE, tick=False), app.app_context(), transaction():
        assert renew_claim(by=load_person(cast.oliver), review_id=review) is None


def test_a_comment_of_the_holder_renews_and_nobody_elses_does(app, cast):
    review = post(app, cast)
    _, until = take(app, cast.oliver, review)

    def comment(by_id: int) -> None:
        record_event(
            "comment.added", by_id=by_id, subject="comment", subject_id=1, review_id=review
        )

    later = until - timedelta(minutes=10)
    with time_machine.travel(later, tick=False), app.app_context(), transaction():
        comment(cast.wei)
        assert claim_on(review, clock.now()).until == until
        db.session.expire_all()
        comment(cast.oliver)
        db.session.expire_all()
        assert claim_on(review, clock.now()).until == clock.now() + LEASE
    gone = until + 2 * LEASE
    with time_machine.travel(gone, tick=False), app.app_context(), transaction():
        comment(cast.oliver)
        assert claim_on(review, clock.now()) is None


def test_giving_back_is_safe_to_repeat_and_only_for_the_holder(app, cast):
    review = post(app, cast)
    take(app, cast.oliver, review)
    with app.app_context(), pytest.raises(Conflict, match="Oliver holds"), transaction():
        release_claim(by=load_person(cast.wei), review_id=review)
    for _ in range(2):
        with app.app_context(), transaction():
            release_claim(by=load_person(cast.oliver), review_id=review)
    assert take(app, cast.wei, review)[0] == cast.wei


def test_who_may_not_claim(app, cast):
    review = post(app, cast)
    with pytest.raises(Forbidden, match="own"):
        take(app, cast.maya, review)
    for stranger in (cast.rival, cast.nia):
        with pytest.raises(NotFound):
            take(app, stranger, review)
    with pytest.raises(Forbidden, match="Mentors"):
        take(app, cast.maya, post(app, cast, by=cast.ada))
    with app.app_context(), transaction():
        close_review(by=load_person(cast.maya), review_id=review)
    with pytest.raises(Conflict, match="Maya closed"):
        take(app, cast.oliver, review)


def test_claims_over_http(app, cast, client_of):
    review = post(app, cast)
    oliver, wei = client_of(cast.oliver), client_of(cast.wei)
    taken = oliver.post(f"/reviews/{review}/claim")
    assert (taken.status_code, taken.location) == (303, f"/reviews/{review}")
    refused = wei.post(f"/reviews/{review}/claim")
    assert refused.status_code == 409
    assert "Oliver claimed it first" in refused.text
    assert oliver.post(f"/reviews/{review}/claim/renewal").json["until"]
    assert wei.post(f"/reviews/{review}/claim/renewal").json["until"] is None
    assert wei.post(f"/reviews/{review}/claim/end").status_code == 409
    given = oliver.post(f"/reviews/{review}/claim/end", data={"next": "//evil.example"})
    assert (given.status_code, given.location) == (303, "/")
    assert wei.post(f"/reviews/{review}/claim").status_code == 303
    assert client_of(cast.rival).post(f"/reviews/{review}/claim").status_code == 404
    assert client_of(None).post(f"/reviews/{review}/claim").status_code in (302, 303, 400, 401)
