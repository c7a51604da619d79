"""The demo team is seated whole and once, however often its seating is killed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from critique.accounts.models import Person
from critique.demo import reminders, team
from critique.plumbing.db import db
from critique.plumbing.transaction import snapshot, transaction
from critique.reviews.models import Review
from critique.walkthroughs.models import Walkthrough
from critique.walkthroughs.queries import walkthroughs_of
from critique.walkthroughs.removal import take_away


class Killed(BaseException):
    """As SIGKILL: nothing behind it runs."""


def pictures(app) -> list[list[str]]:
    """The file names of each version of Leo's request."""
    with app.app_context(), snapshot():
        review = db.session.scalars(sa.select(Review).where(Review.title == reminders.TITLE)).one()
        return [[s.filename for s in version.stills] for version in walkthroughs_of(review.id)]


def seat(app, settings) -> None:
    with app.app_context():
        team.seat_demo_team(settings)
        db.session.remove()


@pytest.mark.parametrize("posted", [0, 1, 2])
def test_killed_between_two_pictures_it_goes_on_with_the_next(app, settings, monkeypatch, posted):
    plain, left = reminders._post, [posted]

    def post_or_die(*what) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        plain(*what)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "_post", post_or_die)
        with pytest.raises(Killed):
            seat(app, settings)
    seat(app, settings)
    seat(app, settings)
    assert pictures(app) == [list(reminders.PICTURES)]


def test_what_somebody_took_away_is_not_posted_again(app, settings):
    seat(app, settings)
    with app.app_context(), transaction():
        leo = db.session.scalars(sa.select(Person).where(Person.name == "Leo Okafor")).one()
        review = db.session.scalars(sa.select(Review).where(Review.title == reminders.TITLE)).one()
        shown = db.session.scalars(
            sa.select(Walkthrough).where(Walkthrough.review_id == review.id)
        ).one()
        take_away(shown, by=leo)
    seat(app, settings)
    assert pictures(app) in ([], [[]])


def test_pictures_that_are_shown_ask_oliver_by_name(app, settings, run_jobs):
    seat(app, settings)
    run_jobs()
    with app.app_context(), snapshot():
        review = db.session.scalars(sa.select(Review).where(Review.title == reminders.TITLE)).one()
        [shown] = walkthroughs_of(review.id)
        assert shown.state == "ready"
        assert [one.person.name for one in review.reviewers] == ["Oliver Hart"]
