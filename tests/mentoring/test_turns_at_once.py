"""Two things at once: each is heard, in one order, and nobody is shown an error."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine

from critique.accounts.models import Membership
from critique.accounts.operations.memberships import end_membership
from critique.comments.models import Comment
from critique.comments.naming import see_mentions
from critique.comments.operations import add_reply, give_verdict, resolve_comment
from critique.comments.operations.reactions import add_reaction
from critique.comments.threads import hold
from critique.events.models import Event
from critique.events.record import hold_log
from critique.mentoring.models import Turn
from critique.mentoring.operations import claim_review, release_claim, renew_claim
from critique.mentoring.passing import put_turn_aside
from critique.plumbing.db import db
from critique.plumbing.errors import Conflict, NotFound
from critique.plumbing.transaction import transaction
from critique.reviews.models import Review
from critique.reviews.operations import close_review
from tests.conftest import load_person, on_postgres
from tests.mentoring.story import Story


@pytest.fixture
def story(app, cast):
    told = Story(app, cast)
    told.post(cast.oliver, cast.wei)
    told.show()
    return told


@pytest.fixture
def at_once(app):
    """Run everything at the same instant, each in its own transaction; gives what was refused."""

    def run(*acts: Callable[[], object]) -> list[Exception]:
        gate, refused = threading.Barrier(len(acts)), []

        def one(act: Callable[[], object]) -> None:
            with app.app_context():
                gate.wait()
                try:
                    with transaction():
                        act()
                except Exception as error:  # noqa: BLE001 - told to the test
                    refused.append(error)
                db.session.remove()

        threads = [threading.Thread(target=one, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return refused

    return run


def in_force(app, story: Story) -> Counter[tuple[int, int]]:
    with app.app_context():
        rows = db.session.execute(
            sa.select(Turn.review_id, Turn.person_id).where(Turn.ended_at.is_(None))
        )
        return Counter((row.review_id, row.person_id) for row in rows)


def test_two_reviewers_who_judge_at_once_give_the_author_one_turn(app, cast, story, at_once):
    def judge(who: int) -> Callable[[], object]:
        return lambda: give_verdict(
            by=load_person(who), walkthrough=story.newest(), verdict="another_round"
        )

    assert at_once(judge(cast.oliver), judge(cast.wei)) == []
    assert in_force(app, story) == {(story.review, cast.maya): 1}


def test_looking_answering_and_putting_aside_at_once(app, cast, story, at_once):
    note = story.say(cast.oliver, "@Ada, see this.")
    story.resolve(cast.maya, note)

    def thread() -> Comment:
        return db.session.get_one(Comment, note)

    refused = at_once(
        lambda: see_mentions(by=load_person(cast.ada), comment=thread()),
        lambda: put_turn_aside(by=load_person(cast.ada), review_id=story.review),
        lambda: add_reply(by=load_person(cast.ada), comment=thread(), body="Seen."),
        lambda: add_reply(by=load_person(cast.maya), comment=thread(), body="Is it?"),
    )
    assert refused == []
    held = in_force(app, story)
    assert max(held.values()) == 1
    assert (story.review, cast.ada) not in held
    with app.app_context():
        ended = db.select(Event).where(Event.verb == "turn.ended")
        of_ada = [e for e in db.session.scalars(ended) if e.details["person_id"] == cast.ada]
        assert len(of_ada) == 1


def test_closed_and_claimed_and_left_at_once(app, cast, story, at_once):
    note = story.say(cast.oliver)

    def leave() -> None:
        seat = db.session.scalar(sa.select(Membership).where(Membership.person_id == cast.oliver))
        assert seat is not None
        end_membership(by=load_person(cast.ada), team_id=cast.team, membership_id=seat.id)

    refused = at_once(
        lambda: close_review(by=load_person(cast.maya), review_id=story.review),
        lambda: claim_review(by=load_person(cast.oliver), review_id=story.review),
        leave,
        lambda: resolve_comment(
            by=load_person(cast.wei), comment=db.session.get_one(Comment, note), how="done"
        ),
    )
    assert all(isinstance(error, Conflict | NotFound) for error in refused), refused
    assert in_force(app, story) == {}


@pytest.mark.parametrize("act", [renew_claim, release_claim])
@on_postgres
def test_what_is_said_and_what_becomes_of_the_claim_do_not_wait_for_each_other(
    app, cast, story, act
):
    note = story.say(cast.wei)
    story.claim(cast.oliver)
    refused: list[Exception] = []

    def beside() -> None:
        with app.app_context():
            try:
                with transaction():
                    act(by=load_person(cast.oliver), review_id=story.review)
            except Exception as error:  # noqa: BLE001 - told to the test
                refused.append(error)
            db.session.remove()

    other = threading.Thread(target=beside)
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with time_machine.travel(story.at, tick=False):
        with app.app_context(), transaction():
            comment = db.session.get_one(Comment, note)
            hold(db.session.get_one(Review, story.review))
            hold_log()
            other.start()
            while other.is_alive() and not db.session.scalar(waiting):
                db.session.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
            add_reaction(by=load_person(cast.oliver), to=comment, kind="agree")
        other.join()
    assert refused == []
