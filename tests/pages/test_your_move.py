"""The start page, as each of the cast meets it."""

from __future__ import annotations

import sqlalchemy as sa

from critique.comments.models import Resolution
from critique.events.record import record_event
from critique.pages.my_work import work_of
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.walkthroughs.log import record
from critique.walkthroughs.models import Step
from tests.conftest import load_person
from tests.mentoring.test_queue import answer, post, ready, show


def test_guests_are_led_to_the_sign_in_page(cast, client_of):
    answered = client_of(None).get("/")
    assert answered.status_code == 302
    assert "sign-in" in answered.location


def test_soonest_loss_first_others_work_and_ones_own_in_one_list(app, cast, client_of):
    with app.app_context(), transaction():
        ready(cast, "Asked, in a day", hours=24, reviewers=[str(cast.wei)])
        post(cast, "Own, without walkthrough", by=cast.wei, hours=2)
        ready(cast, "Asked, overdue", hours=-5, reviewers=[str(cast.wei)])
    page = client_of(cast.wei).get("/").text
    order = ["Three things", "Asked, overdue", "Own, without walkthrough", "Asked, in a day"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "Maya asked you." in page
    assert "add the walkthrough" in page
    assert "Overdue " in page


def test_what_happened_to_my_work_is_counted(app, cast):
    with app.app_context(), transaction():
        review = post(cast, "Checkout")
        walkthrough = show(review)
        db.session.add(
            Step(walkthrough_id=walkthrough.id, name="transcript", position=5, state="failed")
        )
        first = answer(walkthrough, cast.oliver)
        db.session.add(Resolution(comment_id=first.id, by_id=cast.maya, at=clock.now()))
        answer(walkthrough, cast.maya)
        record_event(
            "comment.resolved",
            by_id=cast.maya,
            subject="comment",
            subject_id=first.id,
            review_id=review.id,
        )
        maya = load_person(cast.maya)
        (done,) = work_of(maya, clock.now())
        assert done.move is None
        assert "1 comment resolved, none open" in done.news
        assert "transcript" in done.trouble
        later = answer(walkthrough, cast.wei)
        later.created_at = clock.now().replace(year=clock.now().year + 1)
        db.session.flush()
        (work,) = work_of(maya, clock.now())
        assert work.move == "1 comment to answer, 1 new, 1 of 2 resolved."


def test_a_version_that_cannot_be_played_is_the_authors_move(app, cast):
    with app.app_context(), transaction():
        walkthrough = show(post(cast, "Checkout"))
        walkthrough.state, walkthrough.reason = "failed", "The file is empty."
        db.session.flush()
        record("walkthrough.failed", None, walkthrough)
        (work,) = work_of(load_person(cast.maya), clock.now())
        assert work.move == "Version 1 cannot be played. The file is empty."


def test_first_steps_come_from_what_is_there_and_go_when_done(app, cast, client_of):
    rival = client_of(cast.rival)
    page = rival.get("/").text
    assert "First steps of your team" in page
    assert page.count("ticks__one--done") == 0
    with app.app_context(), transaction():
        answer(show(post(cast, "Checkout")), cast.oliver)
    assert "First steps of your team" not in client_of(cast.maya).get("/").text


def test_somebody_in_no_team_is_told_what_to_do(cast, client_of):
    page = client_of(cast.nia).get("/").text
    assert "You are in no team yet" in page


def test_the_number_of_queries_does_not_grow(app, cast, client_of):
    maya = client_of(cast.maya)

    def count() -> int:
        counted: list[int] = []

        def note(*_: object) -> None:
            counted.append(1)

        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        assert maya.get("/").status_code == 200
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(counted)

    with app.app_context(), transaction():
        for number in range(2):
            answer(show(post(cast, f"few {number}", reviewers=[str(cast.wei)])), cast.wei)
    few = count()
    with app.app_context(), transaction():
        for number in range(20):
            answer(show(post(cast, f"more {number}", reviewers=[str(cast.oliver)])), cast.oliver)
    assert count() <= few


def test_the_page_only_reads(app, cast, client_of):
    with app.app_context(), transaction():
        post(cast, "Checkout", reviewers=[str(cast.oliver)])
    for path in ("/", "/queue", "/library"):
        assert client_of(cast.oliver).get(path).status_code == 200
    with app.app_context(), snapshot():
        assert len(work_of(load_person(cast.maya), clock.now())) == 1
