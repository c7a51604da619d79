"""Who was waited for before turns were kept: the migration that began them gives each their own."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import command

from critique.comments.operations import add_comment, give_verdict, resolve_comment
from critique.mentoring.models import Claim, Turn
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.schema import alembic_config
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review, Reviewer
from critique.walkthroughs.models import Walkthrough
from tests.conftest import load_person


def asked(cast, title, *reviewers, shown=True):
    """Maya's request to these people, with a version to look at."""
    now = clock.now()
    review = Review(
        team_id=cast.team, author_id=cast.maya, title=title, created_at=now - timedelta(hours=2),
        reviewers=[Reviewer(person_id=one, asked_at=now) for one in reviewers],
    )  # fmt: skip
    db.session.add(review)
    db.session.flush()
    if shown:
        version = Walkthrough(
            review_id=review.id, version=1, uploaded_by_id=cast.maya, filename="take.mp4",
            state="ready", duration_ms=20_000, created_at=now,
        )  # fmt: skip
        db.session.add(version)
        db.session.flush()
        return review, version
    return review, None


def said(by, version):
    """A question about its first second."""
    return add_comment(by=load_person(by), walkthrough=version, body="Why?", start_ms=1000)


def people_of_old(cast):
    """Requests in every state that somebody could be waiting in."""
    asked(cast, "nothing shown yet", cast.oliver, shown=False)
    asked(cast, "to be looked at", cast.oliver)
    _, version = asked(cast, "remarked on", cast.oliver, cast.wei)
    said(cast.oliver, version)
    _, version = asked(cast, "answered", cast.oliver)
    resolve_comment(by=load_person(cast.maya), comment=said(cast.oliver, version), how="done")
    _, version = asked(cast, "judged", cast.oliver)
    give_verdict(by=load_person(cast.oliver), walkthrough=version, verdict="another_round")
    now = clock.now()
    for title, until in (("claimed", now + timedelta(minutes=20)), ("let go", now - timedelta(1))):
        review, _ = asked(cast, title)
        db.session.add(Claim(review_id=review.id, person_id=cast.wei, claimed_at=now, until=until))
    closed, _ = asked(cast, "closed", cast.oliver)
    closed.closed = True


def test_everybody_who_was_waited_for_has_a_turn(app, cast):
    with app.app_context():
        with transaction():
            people_of_old(cast)
        db.session.remove()
        with db.engine.connect() as connection:
            config = alembic_config(connection)
            command.downgrade(config, "0004")
            command.upgrade(config, "head")
        with snapshot():
            rows = db.session.execute(
                sa.select(Review.title, Turn.person_id, Turn.reason).join(
                    Review, Review.id == Turn.review_id
                )
            )
            found = {tuple(row) for row in rows}
    assert found == {
        ("nothing shown yet", cast.maya, "to_post"),
        ("to be looked at", cast.oliver, "requested"),
        ("remarked on", cast.maya, "replied"),
        ("remarked on", cast.wei, "requested"),
        ("answered", cast.oliver, "to_confirm"),
        ("judged", cast.maya, "another_round"),
        ("claimed", cast.wei, "claimed"),
    }
