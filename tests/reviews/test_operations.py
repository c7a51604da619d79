"""Requests over their operations: what is kept, what is told, and who of two wins."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from critique.events.models import Event
from critique.events.record import first_broken_event
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, Forbidden, Invalid, NotFound
from critique.plumbing.search import found_entries
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.access import may_edit, must_be_open, review_for, visible_reviews
from critique.reviews.models import Closure, Extension, Project, Review
from critique.reviews.operations import (
    close_review,
    create_review,
    edit_review,
    extend_review,
    reopen_review,
    state_of,
)
from critique.reviews.queries import is_open, warnings_for
from tests.conftest import load_person


@pytest.fixture
def posted(app, cast) -> int:
    with app.app_context(), transaction():
        return create_review(
            by=load_person(cast.maya),
            team_id=cast.team,
            title="Checkout, second try",
            brief="The *summary* moved.",
            aims=["Is the price found first?", "Too much grey?"],
            stage="mid",
            links=["https://example.com/file"],
            project="Checkout",
            reviewers=["OLIVER@example.com", str(cast.wei)],
            skills=["typography"],
            review_by="in 4 working hours",
        ).id


def test_a_request_keeps_everything_its_author_asked(app, cast, posted):
    with app.app_context(), snapshot():
        review = review_for(load_person(cast.oliver), posted)
        said = state_of(review)
        assert said["aims"] == ["Is the price found first?", "Too much grey?"]
        assert said["links"] == ["https://example.com/file"]
        assert said["project"] == "Checkout"
        assert said["reviewers"] == [str(cast.oliver), str(cast.wei)]
        assert said["skills"] == ["typography"]
        assert review.review_by_zone == "America/Chicago"
        assert review.review_by_rule == "in 4 working hours"
        assert review.review_by > clock.now()
        assert found_entries("grey checkout", team_ids=[cast.team])[0].review_id == posted


def test_strangers_and_the_removed_find_nothing(app, cast, posted):
    with app.app_context(), transaction():
        for name in (cast.rival, cast.nia):
            with pytest.raises(NotFound):
                review_for(load_person(name), posted)
        oliver = load_person(cast.oliver)
        oliver.memberships[0].ended_at = clock.now()
        db.session.flush()
        with pytest.raises(NotFound):
            review_for(oliver, posted)
        assert db.session.scalars(visible_reviews(oliver)).all() == []


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**80])
def test_ids_that_cannot_exist_are_simply_not_there(app, cast, number):
    with app.app_context(), snapshot(), pytest.raises(NotFound):
        review_for(load_person(cast.maya), number)


def test_only_author_lead_and_admin_change_it(app, cast, posted):
    with app.app_context(), snapshot():
        review = db.session.get_one(Review, posted)
        able = [name for name in ("maya", "oliver", "wei", "ada", "rival", "nia")
                if may_edit(load_person(getattr(cast, name)), review)]  # fmt: skip
        assert able == ["maya", "wei", "ada"]
    for change in (
        lambda by: edit_review(by=by, review_id=posted, revision=1, title="Mine"),
        lambda by: close_review(by=by, review_id=posted),
        lambda by: extend_review(by=by, review_id=posted, review_by="in 9 working hours"),
    ):
        with app.app_context(), pytest.raises(Forbidden, match="Maya"), transaction():
            change(load_person(cast.oliver))


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["nobody@example.com"], "nobody@example.com"),
        (["rival@example.com"], "rival@example.com"),
        (["oliver@example.com", "9999"], "9999"),
        (["maya@example.com"], "own work"),
    ],
)
def test_reviewers_outside_the_team_are_named(app, cast, names, named):
    with app.app_context(), pytest.raises(Invalid) as refused, transaction():
        create_review(by=load_person(cast.maya), team_id=cast.team, title="Nope", reviewers=names)
    assert named in refused.value.fields["reviewers"]


def test_nobody_posts_in_a_team_of_others(app, cast):
    with app.app_context(), pytest.raises(NotFound), transaction():
        create_review(by=load_person(cast.maya), team_id=cast.other_team, title="Nope")


def test_an_edit_from_an_older_page_overwrites_nothing(app, cast, posted):
    with app.app_context():
        with transaction():
            edit_review(by=load_person(cast.wei), review_id=posted, revision=1, title="By Wei")
        with pytest.raises(Conflict) as refused, transaction():
            edit_review(by=load_person(cast.maya), review_id=posted, revision=1, title="By Maya")
        assert refused.value.extra["current"]["title"] == "By Wei"
        with snapshot():
            assert db.session.get_one(Review, posted).title == "By Wei"


def test_an_edit_keeps_what_it_does_not_name_and_the_rows_that_stay(app, cast, posted):
    with app.app_context():
        with transaction():
            review = review_for(load_person(cast.maya), posted)
            before = {aim.text: aim.id for aim in review.aims}
            asked = {row.person_id: row.asked_at for row in review.reviewers}
        with transaction():
            edit_review(
                by=load_person(cast.maya),
                review_id=posted,
                revision=1,
                aims=["Too much grey?", "Is it fast?"],
                reviewers=[str(cast.oliver)],
                project="checkout",
            )
        with snapshot():
            review = db.session.get_one(Review, posted)
            assert [aim.text for aim in review.aims] == ["Too much grey?", "Is it fast?"]
            assert review.aims[0].id == before["Too much grey?"]
            assert review.reviewers[0].asked_at == asked[cast.oliver]
            assert review.title == "Checkout, second try"
            assert [p.name for p in db.session.scalars(sa.select(Project))] == ["Checkout"]


def test_extending_leaves_a_row_and_only_goes_forward(app, cast, posted):
    with app.app_context():
        with transaction():
            before = db.session.get_one(Review, posted).review_by
            extend_review(
                by=load_person(cast.ada),
                review_id=posted,
                review_by=(before + timedelta(days=2)).isoformat(),
                reason="Wei is away",
            )
        with snapshot():
            row = db.session.scalars(sa.select(Extension)).one()
            assert (row.review_by_before, row.by_id) == (before, cast.ada)
            assert row.review_by_after == before + timedelta(days=2)
        with pytest.raises(Invalid, match="stays") as refused, transaction():
            extend_review(by=load_person(cast.ada), review_id=posted, review_by=before.isoformat())
        assert "review_by" in refused.value.fields


def test_closing_and_reopening_are_rows_and_repeats_are_told(app, cast, posted):
    with app.app_context():
        with transaction():
            close_review(by=load_person(cast.wei), review_id=posted, reason="Shipped")
        with pytest.raises(Conflict, match="Wei has closed"), transaction():
            close_review(by=load_person(cast.maya), review_id=posted)
        with snapshot():
            review = review_for(load_person(cast.maya), posted)
            assert db.session.scalars(sa.select(Review.id).where(is_open)).all() == []
            with pytest.raises(Conflict, match="Wei closed"):
                must_be_open(review)
        with pytest.raises(Conflict), transaction():
            edit_review(by=load_person(cast.maya), review_id=posted, revision=1, title="Late")
        with transaction():
            reopen_review(by=load_person(cast.maya), review_id=posted)
        with pytest.raises(Conflict, match="open already"), transaction():
            reopen_review(by=load_person(cast.maya), review_id=posted)
        with snapshot():
            must_be_open(db.session.get_one(Review, posted))
            closure = db.session.scalars(sa.select(Closure)).one()
            assert (closure.by_id, closure.reopened_by_id) == (cast.wei, cast.maya)
            own = sa.select(Event.verb).where(Event.subject == "review").order_by(Event.id)
            verbs = db.session.scalars(own).all()
            assert verbs == ["review.created", "review.closed", "review.reopened"]
            assert first_broken_event() is None


def test_of_two_who_close_at_once_one_is_told(app, cast, posted):
    told, start = [], threading.Barrier(2)

    def close(person_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    close_review(by=load_person(person_id), review_id=posted)
                told.append("closed")
            except Conflict as conflict:
                told.append(conflict.sentence.split()[0])
            finally:
                db.session.remove()

    threads = [threading.Thread(target=close, args=(who,)) for who in (cast.maya, cast.wei)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.remove("closed")
    assert told in (["Maya"], ["Wei"])


def test_a_deadline_outside_a_reviewers_day_is_said(app, cast):
    with app.app_context(), transaction():
        # 15:00 in Chicago in winter is 21:00 in London and five in the morning in Singapore.
        day = clock.now() + timedelta(days=7 - clock.now().weekday())
        review = create_review(
            by=load_person(cast.maya),
            team_id=cast.team,
            title="Late",
            reviewers=[str(cast.oliver), str(cast.wei)],
            review_by=f"{day:%Y-%m-%d}T15:00",
        )
        words = {person.name: said for person, said in warnings_for(review)}
        assert set(words) == {"Oliver", "Wei"}
        assert "in Singapore" in words["Wei"]
        assert "their day ends at 17:00" in words["Oliver"]
