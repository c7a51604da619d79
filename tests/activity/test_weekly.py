"""The weekly letter: one on the first morning of its reader's week, instead of the digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from critique.accounts.models import Membership
from critique.accounts.operations import add_absence
from critique.activity.letters import look_at_digest, write_digest_of
from critique.activity.models import Digest
from critique.activity.operations import mute_review, set_wishes
from critique.comments.operations import add_comment, add_reply
from critique.comments.operations.reactions import add_reaction
from critique.pairing.models import Meeting, Seating
from critique.plumbing import clock
from critique.plumbing.db import db
from critique.plumbing.mailer import Letter, drop_letter
from critique.plumbing.transaction import transaction
from critique.walkthroughs.models import Walkthrough
from tests.comments.conftest import make_room
from tests.conftest import load_person

# 09:00 in Chicago, where Maya is; London's coffee was drawn at 07:00.
MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def mornings(app):
    """Letters of mornings to a person, oldest first, detached."""

    def read(person_id: int) -> list[Letter]:
        with app.app_context():
            chosen = sa.select(Letter).where(
                Letter.person_id == person_id, Letter.kind.in_(("weekly", "digest"))
            )
            rows = list(db.session.scalars(chosen.order_by(Letter.id)))
            db.session.expunge_all()
            db.session.rollback()
            return rows

    return read


def meet(cast, starts_at: datetime, *people: int, review_id: int | None = None) -> Meeting:
    """A session, booked without asking anybody."""
    made = Meeting(
        kind="feedback", team_id=cast.team, host_id=cast.oliver, review_id=review_id,
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=15),
        uid=f"session-{starts_at:%d%H}@localhost", reason="Maya asked",
        seats=[Seating(person_id=one) for one in people],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def booked(app, at, cast):
    """A session of Maya and Oliver on Tuesday, one last Thursday, and a comment that helped."""
    with app.app_context(), transaction():
        room = make_room(cast.team, cast.maya)
        maya, oliver = load_person(cast.maya), load_person(cast.oliver)
        walkthrough = db.session.get_one(Walkthrough, room.walkthrough)
        comment = add_comment(by=oliver, walkthrough=walkthrough, body="Total first?", start_ms=9)
        at.move_to(MONDAY - timedelta(days=2))
        add_reaction(by=maya, to=comment, kind="thanks")
        add_reply(by=maya, comment=comment, body="Now I see it too.")
        meet(cast, MONDAY - timedelta(days=4), cast.maya, cast.oliver)
        meet(cast, TUESDAY + timedelta(hours=1), cast.maya, cast.oliver, review_id=room.review)
        return room.review


def test_the_first_morning_brings_one_letter_of_everything(
    app, cast, at, booked, rounds, mornings, client_of
):
    at.move_to(MONDAY.replace(hour=7, minute=5))
    rounds()
    assert mornings(cast.maya) == []
    at.move_to(MONDAY)
    rounds()
    with app.app_context():
        write_digest_of(cast.maya, MONDAY.date())
    rounds()
    [letter] = mornings(cast.maya)
    assert letter.kind == "weekly"
    assert letter.message_id == f"<weekly-{cast.maya}-2026-11-30@localhost>"
    assert letter.subject.startswith("Your week, 30 Nov to 6 Dec: Oliver")
    assert letter.text.startswith("Your move since ")
    assert letter.html
    for said in (
        "Tuesday 1 December, 10:00 (16:00 in London): fast feedback with Oliver about “Checkout”.",
        "Why: you asked.",
        "To begin with: ",
        "“Total first”",
        "coffee with Oliver and Ada. Its invitation has the rest.",
        "Did your session with Oliver on Thursday 26 November, 09:00 happen?",
        "It helped you: “Now I see it too.”",
    ):
        assert said in letter.text, said
    assert "BEGIN:VCALENDAR" not in (letter.calendar or "")
    assert letter.text.count("To begin with") == 1
    assert len(letter.text.split()) <= 150
    assert letter.headers["List-Id"] == "Your week <weekly.localhost>"
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # What the invitation of that morning says, this one leaves to it.
    with app.app_context():
        [invited] = db.session.scalars(
            sa.select(Letter).where(Letter.kind == "coffee-invited", Letter.person_id == cast.maya)
        )
        assert "To begin with: " in invited.text
        assert "Skip 30 Nov to 6 Dec" in invited.text
        db.session.rollback()
    at.move_to(TUESDAY)
    rounds()
    assert [one.kind for one in mornings(cast.maya)] == ["weekly", "digest"]
    leave = urlsplit(letter.headers["List-Unsubscribe"].strip("<>")).path
    guest = client_of(None)
    assert "No more weekly letters?" in guest.get(leave).text
    assert guest.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    at.move_to(MONDAY + timedelta(days=7))
    rounds()
    assert {one.kind for one in mornings(cast.maya)[1:]} <= {"digest"}


@pytest.mark.parametrize("waits", [True, False], ids=["waiting still", "dropped"])
def test_a_week_whose_letter_no_server_took_is_told_the_next_morning(
    app, cast, at, booked, rounds, mornings, waits
):
    at.move_to(MONDAY)
    rounds()
    [missed] = mornings(cast.maya)
    with app.app_context(), transaction():
        letter = db.session.get_one(Letter, missed.id)
        letter.sent_at, letter.attempts = None, 9
    at.move_to(TUESDAY)
    if not waits:
        with app.app_context():
            drop_letter(missed.id, reason=str(look_at_digest(missed.id)))
    rounds()
    again = mornings(cast.maya)[-1]
    assert (again.kind, again.id != missed.id) == ("weekly", True)
    assert "10:00 (16:00 in London): fast feedback with Oliver" in again.text
    at.move_to(TUESDAY + timedelta(days=1))
    rounds()
    assert [one.kind for one in mornings(cast.maya)[2:]] in ([], ["digest"])


def test_a_letter_that_waited_says_what_is_so_then(app, cast, at, booked, rounds, mornings):
    at.move_to(MONDAY)
    rounds()
    [letter] = mornings(cast.maya)
    with app.app_context(), transaction():
        db.session.execute(sa.update(Meeting).values(cancelled_at=clock.now()))
        mute_review(by=load_person(cast.maya), review_id=booked)
    with app.app_context():
        assert "read or done" in look_at_digest(letter.id)
        db.session.rollback()
    with app.app_context(), transaction():
        set_wishes(by=load_person(cast.maya), weekly=False)
    with app.app_context():
        assert "list was left" in look_at_digest(letter.id)
        db.session.rollback()


def test_who_is_away_removed_or_has_nothing_gets_none(app, cast, at, booked, rounds, mornings):
    at.move_to(MONDAY - timedelta(days=2))
    with app.app_context(), transaction():
        maya = load_person(cast.maya)
        days = (MONDAY.date(), TUESDAY.date())
        add_absence(by=maya, person=maya, first_day=days[0], last_day=days[1], words="")
        db.session.execute(
            sa.update(Membership)
            .where(Membership.person_id == cast.oliver)
            .values(ended_at=clock.now())
        )
    for when in (MONDAY.replace(hour=10), MONDAY, TUESDAY):
        at.move_to(when)
        rounds()
        rounds()
    assert mornings(cast.maya) == mornings(cast.oliver) == mornings(cast.nia) == []
    with app.app_context():
        # Looked at once, and nothing to say.
        weeks = db.session.scalars(sa.select(Digest.week).where(Digest.person_id == cast.oliver))
        assert [week for week in weeks if week] == ["2026-W49"]
        db.session.rollback()
    at.move_to(MONDAY + timedelta(days=2))
    rounds()
    # The first morning of Maya's week is Wednesday, and so it is of a machine that slept.
    assert [one.kind for one in mornings(cast.maya)] == ["weekly"]
